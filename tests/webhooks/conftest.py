"""Webhooks in a database of their own, with a clock that tests move and a receiver on loopback."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import orjson
import pytest

from domain import access, catalog, webhooks
from domain.catalog.commands import CreateProduct
from domain.kernel.clock import system_clock
from domain.kernel.crypto import Keyring
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import Sequencer
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan, Principal
from domain.kernel.use_cases.registry import use_case_of
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.adapters.http_sender import AiohttpSender
from gateway.execution import StrawberryEngine
from gateway.telemetry import Telemetry
from gateway.webhooks import GraphQLPayloadRunner
from tests.conftest import created_database
from tests.webhooks.sink import Sink, sinking

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
KEYRING = Keyring({"k1": b"k" * 32})
SECRET = "whsec_" + "c2VjcmV0" * 4


class Clock:
    """A clock that tests move. It is ahead of the server's, whose partitions begin now."""

    def __init__(self) -> None:
        self.now = system_clock()

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass(slots=True)
class Hooks:
    """A shop whose events are sent to a sink."""

    database: Database
    clock: Clock
    owner: Principal
    sink: Sink
    dispatcher: webhooks.DeliveryDispatcher
    telemetry: Telemetry
    outbound: webhooks.WebhookDependencies

    def another(self, sender: AiohttpSender) -> webhooks.DeliveryDispatcher:
        """A dispatcher beside the first, as in another process."""
        return webhooks.DeliveryDispatcher(
            self.database, self.outbound, sender, self.telemetry.deliveries, chance=lambda: 0.0
        )

    async def do(self, execute: Any, principal: Principal | None = None, channel: str = "api", **given: Any) -> Any:
        """Run a use case in a transaction of its own."""
        caller = principal or self.owner
        async with self.database.transaction(caller, channel=channel) as work:
            return await execute(work, caller, use_case_of(execute).command(**given))

    async def listen(self, path: str = "/ok", *events: str, **given: Any) -> str:
        """Create an endpoint at a path of the sink. Returns its id."""
        issued = await self.do(
            webhooks.create_webhook,
            **{"url": self.sink.url(path), "events": events or ("*",), "secret": SECRET, **given},
        )
        return str(issued.id)

    async def happen(self, channel: str = "api", **given: Any) -> str:
        """Create a product, whose event gets its position. Returns its id."""
        fields = {"name": "Red mug", "sku": f"SKU-{secrets.token_hex(6)}", "price": Money(500, "GBP"), **given}
        command = CreateProduct(**fields)
        async with self.database.transaction(self.owner, channel=channel) as work:
            product = await catalog.create_product(work, self.owner, command)
        await self.place()
        return product.id

    async def place(self) -> None:
        """Run the sequencer."""
        await Sequencer(self.database, lambda: None, webhooks.DeliveryFanOut(self.clock)).assign_all()

    async def deliver(self) -> None:
        """Send all due deliveries and wait for their outcomes."""
        while await self.dispatcher.dispatch_due() or self.dispatcher.in_flight:
            await self.dispatcher.wait_idle()

    def counted(self, name: str, label: str | None = None) -> dict[str, float]:
        """The samples of a metric by their only label (else under its name), those at 0 left out."""
        samples = [each for family in self.telemetry.registry.collect() for each in family.samples]
        found = {each.labels.get(label or "", name): each.value for each in samples if each.name == name}
        return {key: value for key, value in found.items() if value}

    def attempts(self) -> dict[str, float]:
        """The attempts counted so far, by outcome."""
        return self.counted("gateway_webhook_attempts_total", "outcome")

    async def key(self, *scopes: str) -> Principal:
        """Create a key with these scopes and return its principal."""
        issued = await self.do(access.create_key, name="x", scopes=scopes)
        return Principal(self.owner.store, frozenset(scopes), issued.id)

    async def rows(self, table: str = "webhook_delivery") -> list[dict[str, Any]]:
        """The deliveries of the store, oldest first."""
        async with self.database.system_connection() as connection:
            found = await connection.fetch(
                f"SELECT * FROM {table} WHERE store_id = $1 ORDER BY created_at, id", self.owner.store.number
            )
        rows = [dict(row) for row in found]
        for row in rows:
            if "attempts" in row:
                row["attempts"] = orjson.loads(row["attempts"])
        return rows

    async def row(self, table: str = "webhook_delivery") -> dict[str, Any]:
        """The only delivery."""
        (row,) = await self.rows(table)
        return row


@pytest.fixture(scope="package")
async def hooks_url(server_url: str, migrated_template: str) -> AsyncGenerator[str]:
    """A migrated database of these tests, dropped at their end."""
    async with created_database(server_url, migrated_template) as url:
        yield url


@pytest.fixture
async def sink() -> AsyncGenerator[Sink]:
    """A receiver of this test's own."""
    async with sinking() as sink:
        yield sink


@pytest.fixture
async def hooks(hooks_url: str, sink: Sink) -> AsyncGenerator[Hooks]:
    """A new shop in an otherwise quiet database; retries wait exactly as long as the schedule says."""
    clock = Clock()
    database = Database(DatabaseOptions(hooks_url, reactions=SIGNAL_HANDLERS, clock=clock))
    guard = webhooks.AddressPolicy(LOOPBACK)
    outbound = webhooks.WebhookDependencies(KEYRING, guard, GraphQLPayloadRunner(database, StrawberryEngine()))
    database.provide(outbound)
    sender = AiohttpSender(guard, deadline=1.0)
    await database.open()
    async with database.system_connection() as connection:
        await connection.execute("DELETE FROM webhook")
        await connection.execute("DELETE FROM webhook_delivery")
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, clock(), name=f"Shop {secrets.token_hex(6)}", plan=Plan.ENTERPRISE, currency="GBP"
        )
    telemetry = Telemetry()
    dispatcher = webhooks.DeliveryDispatcher(database, outbound, sender, telemetry.deliveries, chance=lambda: 0.0)
    yield Hooks(database, clock, access.system_principal(stores[Mode.LIVE]), sink, dispatcher, telemetry, outbound)
    await asyncio.gather(dispatcher.wait_idle())
    await sender.close()
    await database.close()
