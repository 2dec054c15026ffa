"""However many endpoints hang, nobody else waits for them."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from domain import webhooks
from domain.webhooks.delivery.concurrency import (
    MAX_IN_FLIGHT,
    MAX_SLOW_SLOTS,
    MAX_TRACKED_ENDPOINTS,
    MAX_WINDOW,
    RESERVED_SLOTS,
    SLOW_AFTER_SECONDS,
    ConcurrencyLimiter,
)
from domain.webhooks.delivery.leases import LeasedDelivery
from gateway.adapters.http_sender import AiohttpSender
from tests.webhooks.conftest import LOOPBACK, Hooks

MANY = 40
EVENTS = 20


@pytest.fixture
async def patient(hooks: Hooks) -> AsyncGenerator[Hooks]:
    """As in earnest, those who hang do so for ten seconds."""
    sender = AiohttpSender(webhooks.AddressPolicy(LOOPBACK))
    yield dataclasses.replace(hooks, dispatcher=hooks.another(sender))
    await sender.close()


@asynccontextmanager
async def working(hooks: Hooks) -> AsyncGenerator[None]:
    task = asyncio.create_task(hooks.dispatcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def happen(hooks: Hooks, count: int) -> None:
    for _ in range(count):
        await hooks.happen()


async def ended(hooks: Hooks) -> int:
    """Attempts that hung and were given up."""
    return sum(each["status"] is None for row in await hooks.rows() for each in row["attempts"])


async def test_many_that_hang_from_their_first_delivery_delay_nobody(patient: Hooks) -> None:
    """With sixteen limiter for each from the beginning, they hold all of them for ten seconds."""
    for _ in range(MANY):
        await patient.listen("/hang")
    await happen(patient, EVENTS)
    await patient.listen("/ok")
    await happen(patient, EVENTS)  # later than all that is due to the others
    async with working(patient):
        await until(lambda: len(patient.sink.at("/ok")) == EVENTS)
        assert await ended(patient) == 0
        assert len(patient.sink.at("/hang")) <= MANY


async def test_many_that_begin_to_hang_while_they_are_busy_delay_nobody(patient: Hooks) -> None:
    """Without limiter reserved for those who have none, the busy ones hold all."""
    for _ in range(MANY):
        await patient.listen("/turning")
    await happen(patient, MAX_WINDOW)
    async with working(patient):
        await until(lambda: len(patient.sink.at("/turning")) == MANY * MAX_WINDOW and not patient.dispatcher.in_flight)
        patient.sink.turned = True
        await happen(patient, EVENTS)
        await patient.listen("/ok")
        await happen(patient, EVENTS)
        await until(lambda: patient.dispatcher.in_flight >= MAX_IN_FLIGHT - RESERVED_SLOTS)
        patient.dispatcher.wake()
        await until(lambda: len(patient.sink.at("/ok")) == EVENTS)
        assert await ended(patient) == 0


def claim(number: int, webhook: int, failing: bool = False) -> LeasedDelivery:
    return LeasedDelivery(
        lease="lease",
        store=1,
        id=f"dlv_{number}",
        webhook_id=f"whk_{webhook}",
        event_id=None,
        type="product.created",
        created_at=datetime(2026, 1, 15, tzinfo=UTC),
        attempt=0,
        attempts=[],
        request=None,
        body_scopes=None,
        redactions=0,
        url="https://a.example",
        query=None,
        secret=b"",
        previous_secret=None,
        failing_since=datetime(2026, 1, 15, tzinfo=UTC) if failing else None,
        scopes=frozenset(),
    )


class Time:
    """Seconds that pass when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def attempt(
    limiter: ConcurrencyLimiter,
    made: LeasedDelivery,
    time: Time | None = None,
    *,
    took: float = 0.0,
    succeeded: bool = True,
) -> None:
    """From the claim to its end."""
    limiter.acquire(made)
    if time is not None:
        time.now += took
    limiter.record_result(made, succeeded=succeeded)
    limiter.release(made)


def test_windows_grow_with_success_and_fall_with_failure() -> None:
    limiter = ConcurrencyLimiter(Time())
    assert limiter.budget().windows == {}  # one for everybody
    for number in range(20):
        assert limiter.budget().windows.get("whk_1", 1) == min(number + 1, MAX_WINDOW)
        attempt(limiter, claim(number, 1))
    attempt(limiter, claim(20, 1), succeeded=False)
    assert limiter.budget().windows == {"whk_1": 1}
    assert len(limiter) == 0


def test_all_slots_but_the_reserve_are_for_all_endpoints() -> None:
    limiter = ConcurrencyLimiter(Time())
    attempt(limiter, claim(0, 1))
    attempt(limiter, claim(1, 2), succeeded=False)
    busy = [claim(number, 1 if number < MAX_WINDOW else number) for number in range(MAX_IN_FLIGHT)]
    for each in busy[: MAX_IN_FLIGHT - RESERVED_SLOTS - 1]:
        limiter.acquire(each)
    budget = limiter.budget()
    assert (budget.max_count, budget.includes_failing) == (1, True)
    assert budget.windows["whk_2"] == 1
    limiter.acquire(busy[MAX_IN_FLIGHT - RESERVED_SLOTS - 1])
    budget = limiter.budget()
    assert (budget.max_count, budget.includes_failing) == (64, False)
    assert budget.windows["whk_2"] == 0
    assert all(budget.windows[id] <= count for id, count in budget.in_flight.items())
    for each in busy[MAX_IN_FLIGHT - RESERVED_SLOTS :]:
        limiter.acquire(each)
    assert (len(limiter), limiter.budget().max_count) == (MAX_IN_FLIGHT, 0)
    for each in busy:
        limiter.release(each)
    assert (len(limiter), limiter.budget().max_count) == (0, 64)


def test_slow_endpoints_have_a_part_of_the_slots_and_no_more() -> None:
    time = Time()
    limiter = ConcurrencyLimiter(time)
    attempt(limiter, claim(0, 1), time, took=SLOW_AFTER_SECONDS + 0.1)
    attempt(limiter, claim(1, 2), time, took=SLOW_AFTER_SECONDS)
    assert limiter.budget().windows == {"whk_1": 2, "whk_2": 2}
    hanging = [claim(number, number, failing=number % 2 == 0) for number in range(10, 10 + MAX_SLOW_SLOTS)]
    for each in hanging:
        limiter.acquire(each)
    assert limiter.budget().includes_failing
    time.now += SLOW_AFTER_SECONDS + 0.1
    budget = limiter.budget()
    assert (budget.windows["whk_1"], budget.windows["whk_2"], budget.includes_failing) == (0, 2, False)
    assert {budget.windows[each.webhook_id] for each in hanging} == {0}
    limiter.release(hanging[0])
    assert limiter.budget().windows["whk_1"] == 2


def test_endpoints_are_forgotten_in_the_end() -> None:
    limiter = ConcurrencyLimiter(Time())
    for number in range(MAX_TRACKED_ENDPOINTS + 10):
        attempt(limiter, claim(number, number))
    windows = limiter.budget().windows
    assert len(windows) == MAX_TRACKED_ENDPOINTS
    assert "whk_9" not in windows
    assert "whk_10" in windows
