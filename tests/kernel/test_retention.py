"""Events past their time: the horizon moves first, months go whole, the rest in batches, and no cursor falls into a
gap without being told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import access
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import CursorExpired
from domain.kernel.event_log import EventLog, RetentionLimits, Sequencer, drop_old_events
from domain.kernel.event_log.reader import REPLAY_BATCH_SIZE
from domain.kernel.ids import lowest_id
from domain.kernel.principal import Mode, Plan, Principal
from tests.kernel.test_event_log import numbers, running, take, write

pytestmark = pytest.mark.both_servers
KEEP = timedelta(days=30)


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Log:
    """A log of a test's own, and its clock."""

    database: Database
    caller: Principal
    clock: Clock

    async def write(self, *written: int) -> None:
        """Events of now, each with its place."""
        for number in written:
            await write(self.database, self.caller, number)
        await Sequencer(self.database, lambda: None).assign_all()

    async def fetch(self, query: str) -> list[Any]:
        """The first column of what the gateway's own role sees."""
        async with self.database.system_connection() as connection:
            return [row[0] for row in await connection.fetch(query)]

    async def kept(self) -> list[int]:
        """The numbers of the events that are there, in order of writing."""
        return await self.fetch("SELECT (snapshot->>'n')::int FROM event ORDER BY seq")

    async def horizon(self) -> int:
        (found,) = await self.fetch("SELECT horizon FROM event_log")
        return int(found)


@pytest.fixture
async def old_log(own_database_url: str) -> AsyncGenerator[Log]:
    """Retention moves the horizon for everybody: a database of this test's own."""
    clock = Clock(system_clock())
    database = Database(DatabaseOptions(own_database_url, clock=clock))
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(administration, clock.now, name="Old", plan=Plan.FREE, currency="GBP")
    yield Log(database, access.system_principal(stores[Mode.LIVE]), clock)
    await database.close()


async def test_what_is_older_than_the_retention_is_dropped_and_the_rest_kept(old_log: Log) -> None:
    await old_log.write(1, 2)
    old_log.clock.now += timedelta(days=1)
    await old_log.write(3)
    old_log.clock.now += KEEP - timedelta(days=1)
    await drop_old_events(old_log.database, KEEP)
    assert await old_log.kept() == [1, 2, 3]  # to the millisecond thirty days old: not older
    assert await old_log.horizon() == 0
    old_log.clock.now += timedelta(milliseconds=1)
    await drop_old_events(old_log.database, KEEP)
    assert await old_log.kept() == [3]
    assert await old_log.horizon() == 2
    await old_log.write(4)
    assert await old_log.kept() == [3, 4]


async def test_a_cursor_from_before_is_expired_and_one_from_within_goes_on(old_log: Log) -> None:
    await old_log.write(1, 2, 3)
    old_log.clock.now += KEEP
    await old_log.write(4, 5)
    old_log.clock.now += timedelta(days=1)
    await drop_old_events(old_log.database, KEEP)
    async with running(old_log.database) as log:
        for position in (0, 2):
            with pytest.raises(CursorExpired):
                await log.start_after(position)
        assert await log.start_after(3) == 3
        assert numbers(await take(log, old_log.caller, 3, 2)) == [4, 5]


async def test_more_than_a_batch_is_dropped_in_one_go(old_log: Log) -> None:
    await old_log.write(*range(7))
    old_log.clock.now += timedelta(days=31)
    await old_log.write(7)
    await drop_old_events(old_log.database, KEEP, RetentionLimits(look=3, delete=2))
    assert (await old_log.kept(), await old_log.horizon()) == ([7], 7)


async def test_an_event_that_has_no_place_yet_is_never_dropped(old_log: Log) -> None:
    await old_log.write(1)
    await write(old_log.database, old_log.caller, 2)
    old_log.clock.now += timedelta(days=100)
    await drop_old_events(old_log.database, KEEP)
    assert await old_log.kept() == [2]
    await Sequencer(old_log.database, lambda: None).assign_all()
    async with running(old_log.database) as log:
        start = await log.start_after(1)
        assert numbers(await take(log, old_log.caller, start, 1)) == [2]
    await drop_old_events(old_log.database, KEEP)
    assert await old_log.kept() == []


async def test_an_event_that_was_placed_late_is_kept_as_long_as_one_before_it(old_log: Log) -> None:
    """A younger one may have the lower position: it is never dropped for the older one's sake."""
    await write(old_log.database, old_log.caller, 1)
    old_log.clock.now += timedelta(days=20)
    await write(old_log.database, old_log.caller, 2)
    async with old_log.database.system_connection() as connection:  # as if the first had committed last
        await connection.execute("UPDATE event SET seq = seq + 10 WHERE snapshot->>'n' = '1'")
    await Sequencer(old_log.database, lambda: None).assign_all()
    old_log.clock.now += timedelta(days=11)
    await drop_old_events(old_log.database, KEEP)
    assert sorted(await old_log.kept()) == [1, 2]
    old_log.clock.now += timedelta(days=20)
    await drop_old_events(old_log.database, KEEP)
    assert await old_log.kept() == []


async def partitions(log: Log) -> set[str]:
    names = await log.fetch("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    return {str(name) for name in names}


async def test_a_month_that_is_past_is_dropped_whole(old_log: Log) -> None:
    """Not row by row: nobody who only deletes takes the table along."""
    made = datetime.now(UTC)  # ids say the real time
    await old_log.write(1, 2)
    month = f"event_{made:%Y_%m}"
    old_log.clock.now += timedelta(days=29)
    await drop_old_events(old_log.database, KEEP)
    assert month in await partitions(old_log)
    old_log.clock.now = made + timedelta(days=31) + KEEP
    await drop_old_events(old_log.database, KEEP)
    assert month not in await partitions(old_log)
    assert "event_default" in await partitions(old_log)
    assert await old_log.horizon() == 2


async def test_a_month_in_use_is_emptied_instead(old_log: Log) -> None:
    made = datetime.now(UTC)
    await old_log.write(1)
    old_log.clock.now += timedelta(days=62)
    async with old_log.database.system_connection() as reader, reader.transaction():
        assert await reader.fetchval("SELECT count(*) FROM event") == 1
        await drop_old_events(old_log.database, KEEP, RetentionLimits(lock_timeout_ms=50))
    assert await old_log.kept() == []
    assert f"event_{made:%Y_%m}" in await partitions(old_log)
    await drop_old_events(old_log.database, KEEP)
    assert f"event_{made:%Y_%m}" not in await partitions(old_log)


async def test_rows_outside_every_month_are_deleted(old_log: Log) -> None:
    await old_log.write(1)
    async with old_log.database.system_connection() as connection:
        await connection.execute("UPDATE event SET id = $1", lowest_id("evt", datetime(2019, 1, 1, tzinfo=UTC)))
    assert await old_log.fetch("SELECT tableoid::regclass::text FROM event") == ["event_default"]
    old_log.clock.now += timedelta(days=31)
    await drop_old_events(old_log.database, KEEP)
    assert await old_log.kept() == []


async def test_several_processes_may_keep_house_at_once(old_log: Log) -> None:
    await old_log.write(*range(20))
    old_log.clock.now += timedelta(days=31)
    await old_log.write(20)
    await asyncio.gather(*(drop_old_events(old_log.database, KEEP, RetentionLimits(delete=2)) for _ in range(4)))
    await drop_old_events(old_log.database, KEEP)  # whoever found another at it has left it the rest
    assert (await old_log.kept(), await old_log.horizon()) == ([20], 20)


async def test_a_reader_in_the_middle_of_a_replay_is_told_when_the_horizon_passes_it(old_log: Log) -> None:
    """With the ring empty it reads the table in batches; between two of them the rest is dropped."""
    log = EventLog(old_log.database)
    await old_log.write(*range(600))
    while await log.read_on():
        pass
    late = EventLog(old_log.database)  # knows the head, and has nothing in its ring
    await late.head()
    async with asyncio.timeout(20), aclosing(late.follow(old_log.caller.store, 0)) as following:
        assert numbers(await anext(following)) == list(range(REPLAY_BATCH_SIZE))
        old_log.clock.now += timedelta(days=31)
        await drop_old_events(old_log.database, KEEP)
        with pytest.raises(CursorExpired):
            await anext(following)


async def test_a_process_that_was_asleep_does_not_pass_over_what_was_dropped(old_log: Log) -> None:
    """Its followers have not seen what it has not read."""
    asleep = EventLog(old_log.database)
    start = await asleep.start_after(None)
    await old_log.write(1, 2)
    old_log.clock.now += timedelta(days=31)
    await old_log.write(3)
    await drop_old_events(old_log.database, KEEP)
    while await asleep.read_on():
        pass
    with pytest.raises(CursorExpired):
        await take(asleep, old_log.caller, start, 1)
    assert numbers(await take(asleep, old_log.caller, 2, 1)) == [3]
    assert await asleep.start_after(None) == 3
