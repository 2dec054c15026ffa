"""The limiter: what it asks the shared counters, and what it does without them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

import pytest

from domain.kernel.principal import Principal
from domain.kernel.rate_limits import Quota
from gateway.adapters.redis_counters import RedisCounters
from gateway.rate_limits import CountersAwayError, Decision, MemoryCounters, RateLimiter, RateLimitSubject, limiter
from tests.gateway.rate_limits.conftest import Clock, caller
from tests.redis_server import free_port, running_redis


class Shared(MemoryCounters):
    """Counters of several processes that say how often they were asked, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.is_away = False

    async def take(
        self, subjects: Sequence[RateLimitSubject], cost: int, now: datetime, unreported: int = 0
    ) -> Decision:
        """See ``Counters``."""
        self.asked += 1
        if self.is_away:
            raise CountersAwayError("away")
        await asyncio.sleep(0)
        return await super().take(subjects, cost, now, unreported)


async def admitted(by: RateLimiter, who: Principal, requests: int) -> int:
    """How many of so many requests are admitted."""
    return len([1 for _ in range(requests) if (await by.admit(who)).refusal is None])


async def test_nothing_is_limited_without_a_quota_or_where_limits_are_off(clock: Clock) -> None:
    assert (await RateLimiter(clock).admit(caller(None))).usage is None
    off = RateLimiter(clock, applies=False)
    assert await admitted(off, caller(Quota(1, 1)), 5) == 5


async def test_a_refusal_says_which_window_is_used_up_and_when_it_ends(clock: Clock) -> None:
    by, who = RateLimiter(clock), caller(Quota(2, 1_000))
    assert await admitted(by, who, 5) == 4
    refused = await by.admit(who)
    assert refused.refusal is not None
    assert refused.refusal.retry_after == 3_599
    assert str(refused.refusal) == "The limit of 2 requests per hour is used up."
    assert refused.usage is not None
    assert (refused.usage.tighter.limit, refused.usage.tighter.remaining) == (2, 0)
    costly = await by.admit(caller(Quota(2, 3)), 4)
    assert "4 requests" in str(costly.refusal)
    assert costly.refusal is not None
    assert costly.refusal.retry_after == 12 * 3_600 - 1  # of the day


async def test_a_caller_without_requests_is_refused_before_its_cost_is_known(clock: Clock) -> None:
    """Until the window ends, or it gets other limits."""
    by, who = RateLimiter(clock), caller(Quota(2, 1_000))
    await by.admit(who, 3)
    assert (await by.admit(who, 2)).refusal is not None
    assert by.known_refusal(who) is None  # one is left
    await by.admit(who)
    assert (await by.admit(who)).refusal is not None
    clock.turn(minutes=10)
    known = by.known_refusal(who)
    assert known is not None
    assert known.refusal is not None
    assert known.refusal.retry_after == 2_999
    assert by.known_refusal(Principal(caller(Quota(2, 1_000)).store, frozenset(), "key")) is None
    clock.turn(minutes=50)
    assert by.known_refusal(who) is None


async def test_requests_are_admitted_in_leases_while_much_is_left(clock: Clock) -> None:
    """And exactly below a fifth: three processes together admit as many as one would."""
    shared, who = Shared(), caller(Quota(10_000, 1_000_000))
    processes = [RateLimiter(clock, shared) for _ in range(3)]
    for _ in range(400):
        assert await admitted(processes[0], who, 20) == 20
    assert shared.asked < 300
    assert [await admitted(each, who, 6_000) for each in processes] == [6_000, 6_000, 0]
    (usage,) = [(await processes[2].admit(who)).usage]
    assert usage is not None
    assert usage.hour.used == 20_000


async def test_below_a_fifth_each_request_is_asked_for(clock: Clock) -> None:
    shared, who = Shared(), caller(Quota(10_000, 1_000_000))
    by = RateLimiter(clock, shared)
    await by.admit(who, 8_000)
    before = shared.asked
    assert await admitted(by, who, 100) == 100
    assert shared.asked == before + 100


async def test_what_a_lease_admits_is_reported_when_it_is_over(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the hour in which it was admitted. Taken out to see it fail: ``_lease`` keeps one over the hour."""
    monkeypatch.setattr(limiter, "LEASE_SECONDS", 60.0)
    shared, who = Shared(), caller(Quota(10_000, 1_000_000))
    by = RateLimiter(clock, shared)
    await admitted(by, who, 30)
    clock.turn(hours=1)
    await admitted(by, who, 5)
    await by.report(everything=True)
    (usage,) = [(await RateLimiter(clock, shared).admit(who)).usage]
    assert usage is not None
    assert (usage.hour.used, usage.day.used) == (6, 36)


async def test_without_the_counters_each_process_counts_by_itself(
    clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From what it knew last; it says so once, asks seldom, and reports what it has admitted when they are back."""
    monkeypatch.setattr(limiter, "RETRY_AFTER_AWAY", 0.05)
    told: list[bool] = []
    shared, who = Shared(), caller(Quota(100, 1_000))
    by = RateLimiter(clock, shared, told.append)
    await by.admit(who, 150)
    shared.is_away = True
    with caplog.at_level(logging.WARNING):
        assert await admitted(by, who, 60) == 50
    assert len([each for each in caplog.records if "unavailable" in each.getMessage()]) == 1
    assert (told, shared.asked) == ([True], 2)
    await asyncio.sleep(0.06)
    shared.is_away = False
    assert (await by.admit(who)).refusal is not None
    assert told == [True, False]
    other = RateLimiter(clock, shared)
    usage = (await other.admit(who)).usage
    assert usage is not None
    assert usage.hour.used == 200


async def test_redis_comes_and_goes(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one: requests are admitted all the time, and within the limit."""
    monkeypatch.setattr(limiter, "RETRY_AFTER_AWAY", 0.05)
    port, told = free_port(), list[bool]()
    by, who = RateLimiter(clock, RedisCounters(f"redis://127.0.0.1:{port}"), told.append), caller(Quota(50, 1_000))
    assert (await by.admit(who, 10)).refusal is None
    assert told == [True]
    with running_redis(port):
        async with asyncio.timeout(10):
            while told != [True, False]:
                await asyncio.sleep(0.06)
                assert (await by.admit(who)).refusal is None
        usage = (await by.admit(who)).usage
    assert usage is not None
    assert usage.hour.used >= 12
    assert (await by.admit(who)).refusal is None
    assert told == [True, False, True]
    running = asyncio.create_task(by.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
