"""The event log: positions follow commits, and a follower sees every event once, in order, wherever it begins."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from domain.kernel.database import Database
from domain.kernel.errors import CursorExpired, MalformedRequest
from domain.kernel.event_log import EventLog, Sequencer, read_position, write_position
from domain.kernel.events import REGISTRY, Event
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import EventsWritten
from tests.conftest import Shop


def event(number: int) -> Event:
    kind = REGISTRY["product.updated"]
    return kind(object_id=f"prod_{number}", sequence=number, snapshot={"n": number})


async def write(database: Database, caller: Principal, number: int, hold: float = 0.0) -> None:
    """Write one event, and commit only after ``hold`` seconds."""
    async with database.transaction(caller) as work:
        work.record(event(number))
        await work.flush()
        await asyncio.sleep(hold)


async def fail_after_writing(database: Database, caller: Principal, number: int) -> None:
    async with database.transaction(caller) as work:
        work.record(event(number))
        await work.flush()
        raise ZeroDivisionError


@asynccontextmanager
async def running(database: Database, ring: int = 10_000) -> AsyncGenerator[EventLog]:
    """A log with its sequencer, as one process has them."""
    log = EventLog(database, ring)
    sequencer = Sequencer(database, log.wake)
    stop = database.on_commit(EventsWritten, lambda _: sequencer.wake())
    tasks = [asyncio.create_task(log.run()), asyncio.create_task(sequencer.run())]
    try:
        yield log
    finally:
        stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def take(log: EventLog, caller: Principal, after: int, count: int) -> list[Any]:
    """The next events, but not for longer than 20 s."""
    found: list[Any] = []
    async with asyncio.timeout(20), aclosing(log.follow(caller.store, after)) as following:
        async for rows in following:
            found.extend(rows)
            if len(found) >= count:
                return found
    return found


def numbers(rows: Sequence[Any]) -> list[int]:
    return [row.snapshot["n"] for row in rows]


@pytest.mark.both_servers
async def test_transactions_that_commit_out_of_order_are_seen_once_in_order_of_position(
    database: Database, shop: Shop
) -> None:
    """Without the sequencer (a position drawn at insert) a late commit would lie behind a reader that has passed it."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    dice = random.Random(seed)

    async def writer(first: int) -> None:
        for number in range(first, first + 25):
            await write(database, shop.live, number, dice.choice((0, 0, 0.002, 0.05)))

    async with running(database) as log:
        start = await log.start_after(None)
        reading = asyncio.create_task(take(log, shop.live, start, 200))
        await asyncio.gather(*(writer(100 * each) for each in range(8)))
        rows = await reading
    assert len(rows) == len({row.id for row in rows}) == 200
    positions = [row.position for row in rows]
    assert positions == sorted(positions)
    for first in range(0, 800, 100):  # of one writer, whose commits are in order
        own = [number for number in numbers(rows) if first <= number < first + 100]
        assert own == sorted(own)


async def test_an_event_that_commits_late_is_not_skipped(database: Database, shop: Shop) -> None:
    async with running(database) as log:
        start = await log.start_after(None)
        late = asyncio.create_task(write(database, shop.live, 1, hold=1.0))
        await asyncio.sleep(0.1)
        await write(database, shop.live, 2)
        assert numbers(await take(log, shop.live, start, 1)) == [2]
        await late
        assert numbers(await take(log, shop.live, start, 2)) == [2, 1]


async def test_what_is_rolled_back_is_never_seen(database: Database, shop: Shop) -> None:
    async with running(database) as log:
        start = await log.start_after(None)
        with pytest.raises(ZeroDivisionError):
            await fail_after_writing(database, shop.live, 1)
        await write(database, shop.live, 2)
        assert numbers(await take(log, shop.live, start, 1)) == [2]


async def test_any_number_of_sequencers_place_each_event_once(database: Database, shop: Shop) -> None:
    log = EventLog(database)
    start = await log.start_after(None)
    sequencers = [Sequencer(database, lambda: None) for _ in range(4)]
    await asyncio.gather(*(write(database, shop.live, number) for number in range(60)))
    await asyncio.gather(*(each.assign_all() for each in sequencers))
    while await log.read_on():
        pass
    rows = await take(log, shop.live, start, 60)
    assert sorted(numbers(rows)) == list(range(60))
    assert len({row.position for row in rows}) == 60


async def test_a_follower_behind_the_ring_reads_the_table_and_misses_nothing(database: Database, shop: Shop) -> None:
    async with running(database, ring=10) as log:
        start = await log.start_after(None)
        for number in range(40):
            await write(database, shop.live, number)
        await take(log, shop.live, start, 40)
        assert numbers(await take(log, shop.live, start, 40)) == list(range(40))
        middle = (await take(log, shop.live, start, 40))[19].position
        assert numbers(await take(log, shop.live, middle, 20)) == list(range(20, 40))


async def test_followers_see_their_own_store_only(database: Database, shop: Shop, other_shop: Shop) -> None:
    async with running(database, ring=4) as log:
        start = await log.start_after(None)
        for number in range(10):
            await write(database, (shop.live, other_shop.live)[number % 2], number)
        assert numbers(await take(log, shop.live, start, 5)) == [0, 2, 4, 6, 8]
        assert numbers(await take(log, other_shop.live, start, 5)) == [1, 3, 5, 7, 9]


async def test_another_process_sees_what_this_one_placed(database: Database, shop: Shop) -> None:
    """Without being told: the poll finds it."""
    elsewhere = EventLog(database)
    start = await elsewhere.start_after(None)
    reading = asyncio.create_task(elsewhere.run())
    try:
        async with running(database):
            await write(database, shop.live, 1)
            assert numbers(await take(elsewhere, shop.live, start, 1)) == [1]
    finally:
        reading.cancel()


async def test_a_cursor_from_before_retention_is_expired_and_one_of_the_future_is_none(
    database: Database, shop: Shop
) -> None:
    async with running(database) as log:
        start = await log.start_after(None)
        await write(database, shop.live, 1)
        (row,) = await take(log, shop.live, start, 1)
        with pytest.raises(MalformedRequest):
            await log.start_after(row.position + 1_000_000)
        async with database.system_connection() as connection:
            before = await connection.fetchval("SELECT horizon FROM event_log")
            await connection.execute("UPDATE event_log SET horizon = $1", row.position)
        try:
            with pytest.raises(CursorExpired):
                await log.start_after(row.position - 1)
            assert await log.start_after(row.position) == row.position
        finally:
            async with database.system_connection() as connection:
                await connection.execute("UPDATE event_log SET horizon = $1", before)


def test_cursors_are_opaque_and_round_trip() -> None:
    assert read_position(write_position(42)) == 42
    for wrong in ("", "42", "e1.", "e1.-1", "e1.01", "e2.1", "e1.1 ", "e1." + "9" * 40):
        with pytest.raises(MalformedRequest):
            read_position(wrong)
