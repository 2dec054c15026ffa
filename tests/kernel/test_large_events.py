"""Large events: read one by one, cached for their other followers, bounded in bytes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.event_log.large_events import LARGE_BYTES, LargeEvents, size_of
from domain.kernel.events import REGISTRY
from domain.kernel.sql.executor import document_text
from tests.conftest import Shop


@pytest.fixture
async def lean(database: Database, log: EventLog, shop: Shop) -> list[Any]:
    """Three events with large snapshots, as the log has them: without."""
    start = await log.head()
    async with database.transaction(shop.live) as work:
        for number in range(3):
            snapshot = {"n": number, "fill": "x" * LARGE_BYTES}
            work.record(REGISTRY["product.updated"](object_id=f"prod_{number}", sequence=1, snapshot=snapshot))
    found: list[Any] = []
    async with asyncio.timeout(20), aclosing(log.follow(shop.live.store, start)) as following:
        async for rows in following:
            found.extend(rows)
            if len(found) >= 3:
                break
    assert [document_text(row, "snapshot") for row in found] == [None] * 3
    return found


class Reader:
    """Reads whole events of one shop, and knows which of them came from the cache."""

    def __init__(self, large: LargeEvents, shop: Shop) -> None:
        self._large, self._store = large, shop.live.store
        self._seen: list[Any] = []

    async def read(self, *rows: Any) -> list[bool]:
        """Whether each was read from the table: a row from the cache is one that was returned before."""
        found = []
        for row in rows:
            whole = await self._large.whole(self._store, row)
            assert whole is not None
            assert whole.snapshot["n"] == int(row.object_id.removeprefix("prod_"))
            found.append(all(whole is not each for each in self._seen))
            self._seen.append(whole)
        return found


async def test_a_large_event_is_read_once_for_all_its_followers(
    database: Database, shop: Shop, lean: list[Any]
) -> None:
    large = LargeEvents(database)
    reader = Reader(large, shop)
    assert await reader.read(*lean, *lean) == [True] * 3 + [False] * 3
    large.forget()
    assert await reader.read(*lean) == [True] * 3


async def test_the_least_recently_used_is_dropped_beyond_the_bytes(
    database: Database, shop: Shop, lean: list[Any]
) -> None:
    first, second, third = lean
    whole = await LargeEvents(database).whole(shop.live.store, first)
    assert whole is not None
    reader = Reader(LargeEvents(database, most=2 * size_of(whole) + 100), shop)
    assert await reader.read(first, second, first, third) == [True, True, False, True]
    assert await reader.read(first, third, second) == [False, False, True]


async def test_an_event_larger_than_the_cache_is_cached_alone(database: Database, shop: Shop, lean: list[Any]) -> None:
    first, second, _ = lean
    reader = Reader(LargeEvents(database, most=1_000), shop)
    assert await reader.read(first, first, second, second, first) == [True, False, True, False, True]
