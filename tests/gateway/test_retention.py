"""Old cursors at every door: those from before the retention are expired, those within go on without a gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain import access, catalog
from domain.access.commands import CreateApiKey
from domain.catalog.commands import CreateProduct
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan, Principal
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from gateway.worker import maintenance_round
from tests.gateway.conftest import EVENTS, Serving, serving, talking
from tests.gateway.test_rest_stream import STREAM, following
from tests.gateway.test_sse import reading
from tests.kernel.test_retention import Clock

LIST = """query ($after: String, $filter: EventFilter) { events(after: $after, filter: $filter, first: 2) {
  nodes { cursor } pageInfo { endCursor } } }"""


@dataclass(frozen=True, slots=True)
class House:
    """A gateway on a database of its own, whose time a test may move."""

    database: Database
    owner: Principal
    clock: Clock
    settings: Settings
    running: Serving
    web: httpx.AsyncClient
    key: str

    async def make(self, *skus: str) -> None:
        """Products, and so events; until they have their places."""
        for sku in skus:
            async with self.database.transaction(self.owner) as work:
                await catalog.create_product(work, self.owner, CreateProduct(name=sku, sku=sku, price=Money(1, "GBP")))
        async with asyncio.timeout(10):
            while await self._unplaced():
                await asyncio.sleep(0.02)

    async def _unplaced(self) -> int:
        async with self.database.system_connection() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM event WHERE position IS NULL"))

    async def cursors(self, **asked: Any) -> list[str]:
        """What REST lists."""
        answer = await self.web.get("/v2/events", params=asked)
        assert answer.status_code == 200, answer.text
        return [event["cursor"] for event in answer.json()["data"]]

    async def graph(self, **variables: Any) -> Any:
        return (await self.web.post("/graphql", json={"query": LIST, "variables": variables})).json()

    async def keep(self) -> None:
        """Housekeeping, as the worker does it."""
        await maintenance_round(self.database, self.settings.event_retention)


@pytest.fixture
async def house(own_database_url: str, settings: Settings) -> AsyncGenerator[House]:
    clock = Clock(system_clock())
    given = settings.model_copy(update={"event_retention_days": 7})
    database = Database(DatabaseOptions(own_database_url, reactions=SIGNAL_HANDLERS, clock=clock))
    async with serving(build(given, database)) as running:
        async with database.admin_transaction() as administration:
            made = await access.create_account(administration, clock.now, name="H", plan=Plan.FREE, currency="GBP")
        owner = access.system_principal(made[Mode.LIVE])
        async with database.transaction(owner) as work:
            key = (await access.create_key(work, owner, CreateApiKey(name="test", scopes=("all",)))).secret
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=10) as web:
            yield House(database, owner, clock, given, running, web, key)


async def test_every_door_says_that_a_cursor_is_expired(house: House) -> None:
    await house.make("A", "B", "C")
    listed = (await house.web.get("/v2/events", params={"limit": 1, "cursor": ""})).json()["pagination"]["next_cursor"]
    graphed = (await house.graph())["data"]["events"]["pageInfo"]["endCursor"]
    house.clock.now += timedelta(days=6)
    await house.make("D", "E")
    house.clock.now += timedelta(days=2)
    await house.keep()
    assert await house.cursors() == ["e1.4", "e1.5"]

    for path, asked, field in (
        ("/v2/events", {"after": "e1.2"}, "after"),
        ("/v2/events", {"cursor": listed, "limit": 1}, "cursor"),
        (STREAM, {"after": "e1.2"}, "after"),
    ):
        answer = await house.web.get(path, params=asked)
        details = [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]
        assert (answer.status_code, details) == (400, [(field, "CURSOR_EXPIRED")]), path
    resumed = await house.web.get(STREAM, headers={"Last-Event-ID": "e1.0"})
    assert resumed.json()["error"]["details"][0]["code"] == "CURSOR_EXPIRED"

    for asked in ({"filter": {"after": "e1.2"}}, {"after": graphed}):
        answer = await house.graph(**asked)
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["CURSOR_EXPIRED"], asked
        assert "data" not in answer
    async with reading(house.web, EVENTS, variables={"after": "e1.2"}) as stream:
        assert (await stream.event()).data["errors"][0]["extensions"]["code"] == "CURSOR_EXPIRED"
        assert await stream.rest() == ["complete"]
    async with talking(house.running.socket_url) as talk:
        await talk.init(house.key)
        await talk.ask(EVENTS, variables={"after": "e1.2"})
        refused = await talk.hear()
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "CURSOR_EXPIRED")


async def test_a_cursor_within_the_retention_goes_on_without_a_gap(house: House) -> None:
    await house.make("A", "B", "C")
    house.clock.now += timedelta(days=6)
    await house.make("D", "E")
    house.clock.now += timedelta(days=2)
    await house.keep()
    assert await house.cursors(after="e1.3") == ["e1.4", "e1.5"]
    nodes = (await house.graph(filter={"after": "e1.3"}))["data"]["events"]["nodes"]
    assert [node["cursor"] for node in nodes] == ["e1.4", "e1.5"]
    async with following(house.web, params={"after": "e1.3"}) as stream:
        assert [(await stream.event()).fields["id"] for _ in range(2)] == ["e1.4", "e1.5"]
    async with reading(house.web, EVENTS, variables={"after": "e1.3"}) as stream:
        assert [(await stream.event()).fields["id"] for _ in range(2)] == ["e1.4", "e1.5"]
    async with talking(house.running.socket_url) as talk:
        await talk.init(house.key)
        await talk.ask(EVENTS, variables={"after": "e1.3"})
        heard = [(await talk.hear())["payload"]["data"]["events"]["cursor"] for _ in range(2)]
        assert heard == ["e1.4", "e1.5"]


async def test_what_is_past_is_shown_no_more_while_it_waits_to_be_deleted(house: House) -> None:
    """The horizon alone decides: no page holds some of the old events and not the others."""
    await house.make("A", "B", "C")
    id = (await house.web.get("/v2/events")).json()["data"][0]["id"]
    assert (await house.web.get(f"/v2/events/{id}")).status_code == 200
    async with house.database.system_connection() as connection:
        await connection.execute("UPDATE event_log SET horizon = 2")
    assert await house.cursors() == ["e1.3"]
    assert (await house.web.get(f"/v2/events/{id}")).status_code == 404
    assert (await house.web.get("/v2/events")).json()["pagination"]["total_items"] == 1


async def test_a_stream_that_the_horizon_overtakes_ends_with_the_reason(house: House) -> None:
    """A reader who takes nothing falls behind; what it has not seen is dropped, and it is told."""
    text = "x" * 60_000
    for start in range(0, 700, 50):  # short transactions: a busy machine takes its time
        skus = [f"B{number}" for number in range(start, start + 50)]
        commands = [CreateProduct(name="Big", sku=sku, price=Money(1, "GBP"), description=text) for sku in skus]
        async with house.database.transaction(house.owner) as work:
            await catalog.create_products(work, house.owner, commands)
    await house.make("LAST")
    async with (
        serving(build(house.settings, Database(house.database.options))) as running,  # with nothing in its ring yet
        httpx.AsyncClient(base_url=running.url, headers=house.web.headers, timeout=10) as late,
        following(late, params={"after": "e1.0"}) as stream,
    ):
        assert (await stream.event()).fields["id"] == "e1.1"
        house.clock.now += timedelta(days=8)
        await house.keep()
        seen, last = 1, await stream.event()
        while last.fields["event"] != "error":
            seen += 1
            assert last.fields["id"] == f"e1.{seen}"
            last = await stream.event()
        assert "id" not in last.fields
        assert last.data["error"]["details"][0]["code"] == "CURSOR_EXPIRED"
        assert await stream.rest() == []
    assert seen < 701
