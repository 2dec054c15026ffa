"""Webhooks in this process: what their use cases are handed, and the courier that sends them."""

from __future__ import annotations

import asyncio

from domain import webhooks
from domain.kernel.database import Database
from gateway.adapters.http_sender import HttpSender
from gateway.adapters.news import News
from gateway.execution import CompiledEngine
from gateway.settings import Settings
from gateway.shaping import EventShaper
from gateway.telemetry.delivery_metrics import DeliveryMetrics, watch_backlog
from gateway.wakeups import WakeUps


class Delivering:
    """The parts of webhooks, put together over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        wakeups: WakeUps,
        metrics: DeliveryMetrics,
        *,
        poll: float = webhooks.POLL,
    ) -> None:
        """``poll``: seconds after which to look for deliveries unasked. Raises SettingsError when there is no
        encryption key."""
        guard = webhooks.Guard(settings.webhook_allowed_networks)
        outbound = webhooks.Outbound(settings.keyring, guard, EventShaper(database, CompiledEngine()))
        database.hand_in(outbound)
        self._database = database
        self._wakeups = wakeups
        self._metrics = metrics
        self._sender = HttpSender(guard)
        self._courier = webhooks.Courier(database, outbound, self._sender, metrics, poll=poll)
        self.tell = self._courier.tell
        database.when_committed(webhooks.DeliveriesDue, self._asked_for)
        wakeups.when(News.LOG_GROWN, self.tell)
        wakeups.when(News.DELIVERIES_DUE, self.tell)

    async def run(self) -> None:
        """Deliver until cancelled."""
        watching = asyncio.create_task(watch_backlog(self._metrics, self._database))
        try:
            await self._courier.run()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await self._sender.close()

    def _asked_for(self, _: webhooks.DeliveriesDue) -> None:
        self.tell()
        self._wakeups.tell(News.DELIVERIES_DUE)
