"""Webhooks in this process: what their use cases are handed, and the courier that sends them."""

from __future__ import annotations

from domain import webhooks
from domain.kernel.database import Database
from gateway.adapters.http_delivery import HttpSender
from gateway.execution import StrawberryEngine
from gateway.settings import Settings
from gateway.shaping import EventShaper


class Delivering:
    """The parts of webhooks, put together over one database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Raises SettingsError when there is no encryption key."""
        guard = webhooks.Guard(settings.webhook_allowed_networks)
        outbound = webhooks.Outbound(settings.keyring, guard, EventShaper(database, StrawberryEngine()))
        database.hand_in(outbound)
        self._sender = HttpSender(guard)
        self.courier = webhooks.Courier(database, outbound, self._sender)
        database.when_committed(webhooks.DeliveriesDue, lambda _: self.courier.tell())

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            await self.courier.run()
        finally:
            await self._sender.close()
