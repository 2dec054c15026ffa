"""The rules of rate limits, at each of their edges, for both kinds of counters."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

from domain.kernel.principal import Principal
from domain.kernel.rate_limits import Quota
from gateway.adapters.redis_counters import RedisCounters
from gateway.rate_limits import Counters, MemoryCounters, subjects_of, usage_of
from gateway.rate_limits.windows import Client
from tests.gateway.rate_limits.conftest import NOON, Clock, caller

HUNDRED = Quota(100, 1_000)


async def take(counters: Counters, who: Principal, clock: Clock, cost: int = 1) -> float | None:
    """The delay of one request; None if it is refused."""
    decision = await counters.take(subjects_of(who), cost, clock())
    return decision.delay if decision.is_admitted else None


async def used(counters: Counters, who: Principal, clock: Clock) -> tuple[int, int]:
    """The requests of the hour and of the day."""
    subjects = subjects_of(who)
    decision = await counters.take(subjects, 0, clock())
    usage = usage_of(subjects, decision.counts, clock())
    return usage.hour.used, usage.day.used


async def test_a_burst_is_delayed_more_and_more_and_then_refused(counters: Counters, clock: Clock) -> None:
    """The 100th of 100 is free, the 101st waits 10 ms, the 200th a second, the 201st is refused and not counted."""
    who = caller(HUNDRED)
    delays = [await take(counters, who, clock) for _ in range(202)]
    assert delays[:100] == [0] * 100
    assert [round(each or 0, 3) for each in delays[100:200]] == [round(each / 100, 3) for each in range(1, 101)]
    assert delays[200:] == [None, None]
    assert await used(counters, who, clock) == (200, 200)


async def test_after_an_hour_beyond_its_limit_there_is_no_burst(counters: Counters, clock: Clock) -> None:
    """And one hour within the limit later, there is again."""
    who = caller(HUNDRED)
    assert await take(counters, who, clock, 101) is not None
    clock.turn(hours=1)
    assert await take(counters, who, clock, 100) == 0
    assert await take(counters, who, clock) is None
    clock.turn(hours=1)
    assert await take(counters, who, clock, 200) == 1
    assert await take(counters, who, clock) is None


async def test_an_hour_at_its_limit_leaves_the_next_one_its_burst(counters: Counters, clock: Clock) -> None:
    who = caller(HUNDRED)
    await take(counters, who, clock, 100)
    clock.turn(hours=1)
    assert await take(counters, who, clock, 101) == 0.01


async def test_windows_begin_with_the_hour_and_the_day_of_utc(counters: Counters, clock: Clock) -> None:
    who = caller(Quota(100, 150))
    clock.now = NOON.replace(hour=22, minute=59, second=59, microsecond=999_000)
    assert await take(counters, who, clock, 100) == 0
    clock.turn(seconds=0.001)
    assert clock().hour == 23
    assert await take(counters, who, clock, 50) == 0
    assert await take(counters, who, clock) is None  # of the day
    clock.now = NOON.replace(hour=23, minute=59, second=59)
    assert await take(counters, who, clock) is None
    clock.turn(seconds=1)
    assert await take(counters, who, clock, 100) == 0
    subjects = subjects_of(who)
    usage = usage_of(subjects, (await counters.take(subjects, 0, clock())).counts, clock())
    assert (usage.hour.resets_at, usage.day.resets_at) == (clock() + timedelta(hours=1), clock() + timedelta(days=1))


async def test_the_limit_of_a_day_is_hard(counters: Counters, clock: Clock) -> None:
    who = caller(Quota(100, 120))
    assert await take(counters, who, clock, 100) == 0
    clock.turn(hours=1)
    assert await take(counters, who, clock, 20) == 0
    assert await take(counters, who, clock) is None
    assert await used(counters, who, clock) == (20, 120)


async def test_a_cost_over_the_edge_is_refused_and_not_counted(counters: Counters, clock: Clock) -> None:
    who = caller(HUNDRED)
    await take(counters, who, clock, 197)
    assert await take(counters, who, clock, 4) is None
    assert await used(counters, who, clock) == (197, 197)
    assert await take(counters, who, clock, 3) == 1
    assert await take(counters, who, clock) is None


async def test_a_key_with_limits_narrows_those_of_its_store(counters: Counters, clock: Clock) -> None:
    """Both count; what either refuses neither counts."""
    narrow = caller(HUNDRED, Quota(10, 15))
    wide = Principal(narrow.store, frozenset(), "key_wide")
    assert await take(counters, narrow, clock, 10) == 0
    assert await take(counters, narrow, clock, 5) == 0.5
    assert await take(counters, narrow, clock) is None  # the day of the key
    assert await take(counters, wide, clock, 85) == 0
    assert await take(counters, wide, clock, 101) is None
    assert await used(counters, wide, clock) == (100, 100)
    assert await used(counters, narrow, clock) == (100, 15)


async def test_stores_do_not_share(counters: Counters, clock: Clock) -> None:
    one, other = caller(HUNDRED), caller(HUNDRED)
    await take(counters, one, clock, 200)
    assert await take(counters, other, clock) == 0


async def test_as_many_are_admitted_at_once_as_may_be(counters: Counters, clock: Clock) -> None:
    who = caller(Quota(50, 1_000))
    delays = await asyncio.gather(*(take(counters, who, clock) for _ in range(300)))
    assert len([each for each in delays if each is not None]) == 100
    assert max(each for each in delays if each is not None) == 1


async def test_what_was_admitted_before_counts_whatever_becomes_of_a_request(counters: Counters, clock: Clock) -> None:
    who = caller(HUNDRED)
    await counters.take(subjects_of(who), 1, clock(), 150)
    assert await used(counters, who, clock) == (151, 151)
    decision = await counters.take(subjects_of(who), 50, clock(), 10)
    assert not decision.is_admitted
    assert await used(counters, who, clock) == (161, 161)


async def test_both_decide_alike_whatever_comes(redis_url: str) -> None:
    """Requests of random costs over some days, with two keys of a store."""
    chance = random.Random(7)
    shared, own, clock = RedisCounters(redis_url), MemoryCounters(), Clock()
    first = caller(Quota(40, 300), Quota(20, 90))
    second = Principal(first.store, frozenset(), "key_other")
    verdicts = []
    try:
        for _ in range(1_500):
            clock.turn(seconds=chance.choice([0, 1, 30, 600, 2_400]))
            who, cost = chance.choice([first, second]), chance.choice([0, 1, 1, 1, 2, 9, 30])
            unreported = chance.choice([0, 0, 0, 3])
            expected = await own.take(subjects_of(who), cost, clock(), unreported)
            found = await shared.take(subjects_of(who), cost, clock(), unreported)
            assert (found.is_admitted, found.counts) == (expected.is_admitted, expected.counts)
            assert abs(found.delay - expected.delay) < 0.001
            verdicts.append((found.is_admitted, found.delay > 0))
    finally:
        await shared.close()
    assert set(verdicts) == {(True, False), (True, True), (False, False)}


async def test_a_minute_admits_what_the_limit_says(counters: Counters, clock: Clock) -> None:
    """The last is admitted and the next refused, what costs more than is left does not count, and the next minute
    begins anew; clients and keys do not count for each other."""
    one, other = Client("key_a", "192.0.2.1", 5), Client("key_a", "192.0.2.2", 5)
    assert [await counters.take_minute(one, 1, clock()) for _ in range(4)] == [True] * 4
    assert await counters.take_minute(one, 2, clock()) is False
    assert [await counters.take_minute(one, 1, clock()) for _ in range(2)] == [True, False]
    assert await counters.take_minute(other, 5, clock()) is True
    assert await counters.take_minute(Client("key_b", "192.0.2.1", 1), 1, clock()) is True
    clock.turn(minutes=1)
    assert await counters.take_minute(one, 5, clock()) is True


async def test_many_at_once_admit_exactly_the_limit(counters: Counters, clock: Clock) -> None:
    visitor = Client("key_c", "192.0.2.1", 50)
    taken = await asyncio.gather(*(counters.take_minute(visitor, 1, clock()) for _ in range(90)))
    assert taken.count(True) == 50
