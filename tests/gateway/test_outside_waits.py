"""Where a request waits for something outside the process and its database, it leaves its slot, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import cast

import pytest

from domain.access import hash_of_document
from domain.kernel.principal import Principal
from domain.kernel.rate_limits import Quota
from domain.kernel.request_slot import request_slot
from domain.shipping.live_rates import LiveRates
from domain.shipping.ports import LiveAccount, LiveCarriers, LiveQuotes, RateRequest
from gateway.graphql.persisted_queries import PersistedQueries
from gateway.rate_limits import Decision, MemoryCounters, RateLimiter, RateLimitSubject
from gateway.request_queue import RequestQueue
from gateway.telemetry import Telemetry
from gateway.throttle import Throttle, Transport
from tests.gateway.rate_limits.conftest import Clock, caller


@pytest.fixture
async def queue() -> AsyncGenerator[RequestQueue]:
    """Slots, one of which is this test's."""
    queue = RequestQueue(4, 10.0)
    slot = queue.acquire_now("a")
    assert slot is not None
    token = request_slot.set(slot)
    yield queue
    request_slot.reset(token)
    assert queue.running_count == 1


class Outside:
    """Whatever it is asked: notes how many slots are held meanwhile."""

    def __init__(self, queue: RequestQueue) -> None:
        self._queue = queue
        self.held: list[int] = []

    async def note(self) -> None:
        """Somebody waits here."""
        await asyncio.sleep(0)
        self.held.append(self._queue.running_count)


class Carriers(Outside):
    """A carrier."""

    async def quotes(self, account: LiveAccount, request: RateRequest) -> LiveQuotes:
        """See ``LiveCarriers``."""
        await self.note()
        return LiveQuotes(messages=["none"])


async def test_a_carrier_is_waited_for_without_a_slot(queue: RequestQueue) -> None:
    """Two of them beside each other. Taken out to see it fail: ``leave_slot`` in ``LiveRates``."""
    carriers = Carriers(queue)
    live = cast(LiveCarriers, carriers)
    account = LiveAccount(carrier="ups", account_number="1", client_id="x", client_secret="x", is_test=True)
    sources = [LiveRates(each, lambda: account, live) for each in ("ups", "fedex")]
    await asyncio.gather(*(each.rates(cast(RateRequest, None)) for each in sources))
    assert carriers.held == [0, 0]


class Counters(MemoryCounters):
    """Of several processes."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside

    async def take(
        self, subjects: Sequence[RateLimitSubject], cost: int, now: datetime, unreported: int = 0
    ) -> Decision:
        """See ``Counters``."""
        await self._outside.note()
        return await super().take(subjects, cost, now, unreported)


async def test_redis_is_waited_for_without_a_slot(queue: RequestQueue) -> None:
    """For counters and for persisted documents. Taken out to see it fail: ``leave_slot`` in the limiter, and in
    ``PersistedQueries``.
    """
    outside = Outside(queue)
    await RateLimiter(Clock(), Counters(outside)).admit(caller(Quota(100, 1_000)))
    assert outside.held == [0]
    text = "{ shop { id } }"
    hash = hash_of_document(text)

    class Documents(Outside):
        async def find(self, hash: str) -> str | None:
            await self.note()
            return text

        async def keep(self, hash: str, document: str) -> None:
            await self.note()

    documents = Documents(queue)
    await PersistedQueries(documents).keep(hash, text)
    assert await PersistedQueries(documents).find(hash) == text
    assert documents.held == [0, 0]


async def test_a_burst_is_delayed_without_a_slot(queue: RequestQueue) -> None:
    """Taken out to see it fail: ``leave_slot`` in ``Throttle.admit``."""

    async def identify(_: object) -> Principal:
        raise NotImplementedError

    who = caller(Quota(100, 1_000))
    limiter = RateLimiter(Clock())
    await limiter.admit(who, 140)
    throttle = Throttle(identify, limiter, Telemetry().metrics, queue)
    delayed = asyncio.create_task(throttle.admit(who, Transport.REST))
    await asyncio.sleep(0.1)  # of some 400 ms
    assert (delayed.done(), queue.running_count) == (False, 0)
    await delayed
