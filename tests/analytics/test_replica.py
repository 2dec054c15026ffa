"""Reports from a real streaming replica: what they read there, and when they are read from the primary instead."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from domain import access, analytics, migrations
from domain.access.commands import CreateApiKey
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.kernel.event_log import Sequencer
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.analytics.trade import Trader
from tests.conftest import Client, Shop, open_shop
from tests.shared_pools import shared_database
from tests.streaming_replica import PostgresServer, running_primary, running_replica, until_replayed

HOUR = 3_600.0
NEVER_BEHIND = 1e-6
"""Seconds."""


@pytest.fixture(scope="module")
async def primary() -> AsyncGenerator[PostgresServer]:
    async with running_primary() as server:
        await migrations.upgrade(server.url(), system_clock())
        yield server


@pytest.fixture
async def replica(primary: PostgresServer) -> AsyncGenerator[PostgresServer]:
    async with running_replica(primary) as server:
        yield server


class TradingShop:
    """A shop on the primary, its key, and the reports that a gateway with the replica gives."""

    def __init__(self, settings: Settings, primary: PostgresServer, replica: PostgresServer) -> None:
        self._settings = settings
        self._primary = primary
        self._replica = replica
        self.key = ""

    async def open(self, database: Database) -> None:
        self._database = database
        self.shop: Shop = await open_shop(database, f"Replicated {secrets.token_hex(6)}")
        self._trader = Trader(database, self.shop.test, 5)
        await self._trader.open()
        async with database.transaction(self.shop.test) as work:
            command = CreateApiKey(name="test", scopes=("analytics:read", "orders:read"))
            self.key = (await access.create_key(work, self.shop.test, command)).secret

    async def sell(self) -> None:
        """Sell one order, and fold it."""
        await self._trader.create()
        await Sequencer(self._database, lambda: None).assign_all()
        await analytics.SalesFolder(self._database).fold_all()

    @asynccontextmanager
    async def gateway(self, max_lag: float) -> AsyncGenerator[tuple[Client, Database]]:
        """A gateway that has just been started."""
        url = self._replica.url()
        database = shared_database(
            self._primary.url(), replica_url=url, replica_max_lag=max_lag, reactions=SIGNAL_HANDLERS
        )
        await database.open()
        application = build(self._settings, database)
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://x") as http:
                yield Client(http, self.key), database
        finally:
            await database.dependency(analytics.ChartPrinter).close()
            await database.close()


@pytest.fixture
async def seller(settings: Settings, primary: PostgresServer, replica: PostgresServer) -> AsyncGenerator[TradingShop]:
    """A shop that has sold one order, which the replica has."""
    database = shared_database(primary.url(), reactions=SIGNAL_HANDLERS)
    await database.open()
    stripe = provide_processors(settings, database)
    shop = TradingShop(settings, primary, replica)
    await shop.open(database)
    await shop.sell()
    await until_replayed(primary, replica)
    yield shop
    await stripe.close()
    await database.close()


async def report(client: Client) -> tuple[int, str]:
    """The orders of the day on both surfaces, which must be equal, and how fresh the report is."""
    response = await client("GET", "/v2/analytics/sales", params={"period": "day"})
    assert response.status_code == 200, response.text
    found = orjson.loads(response.content)
    query = "{ analytics { sales(input: { period: DAY }) { totals { orders } } } }"
    graph: Any = orjson.loads((await client("POST", "/graphql", json={"query": query})).content)
    assert graph["data"]["analytics"]["sales"]["totals"]["orders"] == found["totals"]["orders"]
    return found["totals"]["orders"], found["as_of"]


async def order_count(client: Client) -> int:
    return len(orjson.loads((await client("GET", "/v2/orders")).content)["data"])


async def test_reports_are_read_from_the_replica_with_its_freshness(
    seller: TradingShop, primary: PostgresServer, replica: PostgresServer
) -> None:
    """While it replays nothing, reports and ``as_of`` stand still; everything else is read from the primary."""
    async with seller.gateway(HOUR) as (client, database):
        before = await report(client)
        await replica.ask("SELECT pg_wal_replay_pause()")
        await seller.sell()
        assert (await report(client), await order_count(client)) == (before, 2)
        assert database.is_replica_usable
        await replica.ask("SELECT pg_wal_replay_resume()")
        await until_replayed(primary, replica)
        orders, as_of = await report(client)
        assert (before[0], orders) == (1, 2)
        assert as_of >= before[1]


async def test_a_replica_that_is_too_far_behind_is_left_alone(seller: TradingShop, replica: PostgresServer) -> None:
    """Fails when the lag is not looked at."""
    await replica.ask("SELECT pg_wal_replay_pause()")
    await seller.sell()
    async with seller.gateway(NEVER_BEHIND) as (client, database):
        assert (await report(client))[0] == 2
        assert database.is_replica_usable is False


async def test_a_replica_without_anything_to_replay_is_not_behind(
    seller: TradingShop, primary: PostgresServer, replica: PostgresServer
) -> None:
    """Fails when the time since the last commit counts as lag: a shop at night writes nothing."""
    is_usable: bool | None = False
    async with asyncio.timeout(60):
        while not is_usable:  # PostgreSQL itself may have written something just now
            await until_replayed(primary, replica)
            async with seller.gateway(NEVER_BEHIND) as (client, database):
                assert (await report(client))[0] == 1
                is_usable = database.is_replica_usable


async def test_reports_go_on_without_the_replica(seller: TradingShop, replica: PostgresServer) -> None:
    """Fails when a connection to it that was kept, or a verdict, is relied on."""
    async with seller.gateway(HOUR) as (client, database):
        await report(client)
        assert database.is_replica_usable
        await replica.stop(signal.SIGQUIT)
        await seller.sell()
        assert (await report(client))[0] == 2
        assert database.is_replica_usable is False
    async with seller.gateway(HOUR) as (client, database):
        await database.check_roles()
        assert (await report(client))[0] == 2


async def test_a_replica_that_was_promoted_is_left_alone(seller: TradingShop, replica: PostgresServer) -> None:
    """Fails when it is read for ever as it was."""
    await replica.ask("SELECT pg_promote()")
    await seller.sell()
    async with seller.gateway(HOUR) as (client, database):
        assert (await report(client))[0] == 2
        assert database.is_replica_usable is False


async def test_stores_are_as_separate_on_the_replica(
    seller: TradingShop, primary: PostgresServer, replica: PostgresServer
) -> None:
    """Fails when its connections are not those of the application's role and of one store."""
    async with seller.gateway(HOUR) as (client, database):
        await database.check_roles()
        await report(client)
        for store, count in ((seller.shop.test, 1), (seller.shop.live, 0)):
            async with database.report_connection(store.store) as reader:
                counted = "count(DISTINCT order_no) AS orders FROM sale_line"
                query = f"SELECT current_user AS name, pg_is_in_recovery() AS standby, {counted}"
                (row,) = await reader.fetch(query, asyncpg.Record, [])
                assert (row["name"], row["standby"], row["orders"]) == ("gateway_app", True, count)


async def test_a_query_that_replay_cancels_is_refused_as_unavailable(
    seller: TradingShop, primary: PostgresServer, replica: PostgresServer
) -> None:
    """Fails when the error of a conflict with recovery becomes an internal one."""
    await replica.ask("ALTER SYSTEM SET max_standby_streaming_delay = 0")
    await replica.ask("SELECT pg_reload_conf()")
    async with seller.gateway(HOUR) as (client, database):
        await report(client)
        async with database.report_connection(seller.shop.test.store) as reader:
            query = asyncio.create_task(reader.fetch("SELECT pg_sleep(60) FROM sale_line", asyncpg.Record, []))
            async with asyncio.timeout(60):
                while not await replica.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
                    await asyncio.sleep(0.02)
            await primary.ask("DO $$ BEGIN LOCK TABLE sale_line; END $$")
            with pytest.raises(Unavailable):
                await query
