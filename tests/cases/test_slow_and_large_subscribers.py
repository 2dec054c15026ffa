"""What waits for clients that do not read, and what followers of large events cost everybody else."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from domain import events
from domain.events import recent_documents
from domain.kernel.budget import SHARED_BYTES
from domain.kernel.database import Database
from domain.kernel.event_log import Checkpoint, EventLog
from domain.kernel.event_log import reader as log_reader
from domain.kernel.event_log.large_events import LARGE_BYTES
from domain.kernel.sql.executor import document_text
from gateway.execution import strawberry_engine
from gateway.graphql import connections
from gateway.graphql.websocket import sender
from tests.conftest import MakeProduct, Shop
from tests.gateway.conftest import Serving, Talk, gateway, key, open_socket, serve  # noqa: F401 - fixtures

OpenSocket = Callable[..., AbstractAsyncContextManager[Talk]]
FILL = "x" * 20_000
WIDE = "{ products(first: 20) { nodes { " + " ".join(f"a{n}: description" for n in range(25)) + " } } }"


async def test_c8_what_waits_for_a_socket_is_bounded(
    open_socket: OpenSocket,  # noqa: F811
    key: str,  # noqa: F811
    make_product: MakeProduct,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Taken out: ``room`` and ``has_room_for`` in ``_ask``. Then 60 answers of 10 MB are kept, and none is refused."""
    for _ in range(20):
        await make_product(description=FILL)
    queued: list[int] = []
    measured = sender.MessageSender.has_room_for

    def has_room_for(self: sender.MessageSender, body: bytes) -> bool:
        queued.append(self.queued)
        return measured(self, body)

    monkeypatch.setattr(sender.MessageSender, "has_room_for", has_room_for)
    async with open_socket(key, max_queue=1, max_size=None) as talk:
        for number in range(60):
            await talk.ask(WIDE, id=str(number))
        async with asyncio.timeout(60):
            while sum(each > 0 for each in queued) < 3:
                await asyncio.sleep(0.05)
        assert max(queued) <= sender.MAX_QUEUED_BYTES
        assert SHARED_BYTES.held <= SHARED_BYTES.maximum
        heard: dict[str, str] = {}
        async with asyncio.timeout(60):
            while len(heard) < 60:
                message = await talk.hear()
                if message["type"] == "error":
                    (error,) = message["payload"]
                    assert error["extensions"]["limit"] in ("bytes waiting on a connection", None) or (
                        error["extensions"]["code"] == "UNAVAILABLE"
                    )
                if message["type"] in ("error", "complete"):
                    heard[message["id"]] = message["type"]
    assert "complete" in heard.values()
    gc.collect()
    for _ in range(100):
        if SHARED_BYTES.held == 0:
            break
        await asyncio.sleep(0.05)
    assert SHARED_BYTES.held == 0


async def test_c9_the_ring_is_bounded_in_bytes_and_holds_no_large_snapshots(
    database: Database, log: EventLog, shop: Shop, make_product: MakeProduct
) -> None:
    """Taken out: the size in ``_keep``, then the case in LEAN_SNAPSHOT. Then the ring grows; then it holds all."""
    own = EventLog(database, ring_bytes=200_000)
    await own.head()
    small = [await make_product(description="y" * 10_000) for _ in range(30)]
    large = await make_product(description=FILL, metadata={f"k{n}": "z" * 400 for n in range(30)})
    async with database.transaction(shop.live) as work:
        row = await work.session.get(type(large), (large.store_id, large.id))
        assert row is not None
    async with database.system_connection() as connection:
        await connection.execute(
            "UPDATE event SET snapshot = snapshot || jsonb_build_object('description', repeat('w', $2))"
            " WHERE object_id = $1",
            large.id,
            2 * LARGE_BYTES,
        )
        for _ in range(200):
            if not await connection.fetchval("SELECT count(*) FROM event WHERE position IS NULL"):
                break
            await asyncio.sleep(0.02)
    while await own.read_on():
        pass
    assert own._bytes <= 200_000
    assert sum(log_reader.size_of(each) for each in own._ring) == own._bytes
    assert len(own._ring) < len(small)
    newest = own._ring[-1]
    assert newest.object_id == large.id
    assert document_text(newest, "snapshot") is None
    whole = await own.whole(shop.live.store, newest)
    assert whole is not None
    assert len(whole.snapshot["description"]) == 2 * LARGE_BYTES
    # Who begins before the ring reads the table, and misses nothing.
    found: list[str] = []
    async for each in events.follow(own, events.select_events(shop.live), "e1.0"):
        if not isinstance(each, Checkpoint):
            found.append(each.object_id)
            assert each.snapshot["id"] == each.object_id
        if found and found[-1] == large.id:
            break
    assert found == [*(each.id for each in small), large.id]


async def test_c10_conditions_are_evaluated_once_for_all_followers(
    database: Database, log: EventLog, shop: Shop, make_product: MakeProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the cache in ``RecentDocuments.scalars``. Then each follower makes the document of each event."""
    made: list[str] = []
    real = recent_documents.serialize_object

    def counted(row: object, principal: object) -> object:
        made.append(row.id)  # type: ignore[attr-defined]  # an event
        return real(row, principal)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr(recent_documents, "serialize_object", counted)
    heard: list[str] = []

    async def follow(value: str) -> None:
        wanting = events.select_events(shop.live, where=(("sku", value),))
        async for each in events.follow(log, wanting):
            if not isinstance(each, Checkpoint):
                heard.append(value)

    followers = [asyncio.create_task(follow(f"none-{number}")) for number in range(50)]
    followers.append(asyncio.create_task(follow("WANTED")))
    await asyncio.sleep(0.2)
    products = [await make_product(description=FILL), await make_product(sku="WANTED")]
    async with asyncio.timeout(20):
        while not heard:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    for each in followers:
        each.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    assert heard == ["WANTED"]
    assert len(made) == len(products)


async def test_c10_a_key_has_so_many_live_connections_and_subscriptions(
    open_socket: OpenSocket,  # noqa: F811
    gateway: Serving,  # noqa: F811
    key: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Taken out: ``Live.admit``, and the count in ``subscribe``. Then any number begins."""
    monkeypatch.setattr(strawberry_engine, "SUBSCRIPTIONS_OF_KEY", 2)
    follow = "subscription { events { id } }"
    async with open_socket(key) as one:
        for number in range(3):
            await one.ask(follow, id=str(number))
        message = await one.hear()
        assert (message["id"], message["type"]) == ("2", "error")
        assert message["payload"][0]["extensions"]["limit"] == "live subscriptions of a key"
        await one.say({"type": "complete", "id": "0"})
        await asyncio.sleep(0.1)
        await one.ask(follow, id="3")
        await one.say({"type": "ping"})
        assert (await one.hear())["type"] == "pong"

        monkeypatch.setattr(connections, "MAX_CONNECTIONS_PER_KEY", 1)
        async with open_socket() as two:
            await two.say({"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}})
            assert (await two.ended())[0] == 1013
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=10) as client:
            refused = await client.get("/v2/events/stream")
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
            answer = await client.get(
                "/graphql/stream", params={"query": follow}, headers={"Accept": "text/event-stream"}
            )
            assert answer.status_code == 429
