"""The slots of a process: who gets one, in which order, and who is refused. On a clock of the test's own."""

from __future__ import annotations

import asyncio

import pytest

from domain.kernel.errors import Overloaded
from domain.kernel.request_slot import leave_slot, request_slot
from gateway import request_queue
from gateway.request_queue import REFUSALS_PER_TURN, RequestQueue, RequestSlot

MAX_AGE = 1_000.0
"""Seconds of the test's clock. The queue's own checks come by the loop's, so seldom that they never come here."""


class Clock:
    """Stands still unless it is turned."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


class Line:
    """The requests of a test, by name, and those that have a slot."""

    def __init__(self, slots: int, max_waiting: int = 100) -> None:
        self.clock = Clock()
        self.queue = RequestQueue(slots, MAX_AGE, max_waiting=max_waiting, clock=self.clock)
        self.slots: dict[str, RequestSlot] = {}
        self.order: list[str] = []
        self.refused: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        """Let requests come, each of the account that its name begins with: ``a1``, ``b1``."""
        for name in names:
            self.tasks[name] = asyncio.create_task(self._request(name, self.clock.now))
            await asyncio.sleep(0)

    async def _request(self, name: str, arrived: float) -> None:
        try:
            slot = self.queue.acquire_now(name[0]) or await self.queue.acquire(name[0], arrived)
        except Overloaded:
            self.refused.append(name)
            return
        self.slots[name] = slot
        self.order.append(name)

    async def end(self, *names: str) -> None:
        """Let requests end, one after the other, each followed by whoever gets its slot."""
        for name in names:
            self.slots.pop(name).release()
            await self.settle()

    async def settle(self) -> None:
        """Let the loop turn until everything is done that can be."""
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def counts(self) -> tuple[int, int]:
        """How many run, and how many wait."""
        return self.queue.running_count, self.queue.waiting_count


async def test_a_free_slot_is_given_at_once_and_others_wait_in_their_order() -> None:
    """Taken out to see it fail: ``account in self._queues`` (one overtakes, while a slot is free but not given yet)."""
    line = Line(slots=1)
    await line.come("a1", "a2", "a3")
    assert (line.order, line.counts) == (["a1"], (1, 2))
    line.slots.pop("a1").release()
    assert line.queue.acquire_now("a") is None
    await line.settle()
    await line.come("a4")
    assert line.order == ["a1", "a2"]
    await line.end("a2", "a3", "a4")
    assert (line.order, line.counts, line.refused) == (["a1", "a2", "a3", "a4"], (0, 0), [])


async def test_accounts_are_served_in_turns() -> None:
    """Taken out to see it fail: ``move_to_end`` (all of ``a`` first)."""
    line = Line(slots=1)
    await line.come("x1", "a1", "a2", "a3", "b1", "c1", "b2")
    await line.end("x1", "a1", "b1", "c1", "a2", "b2", "a3")
    assert line.order == ["x1", "a1", "b1", "c1", "a2", "b2", "a3"]


async def test_an_account_leaves_a_quarter_of_the_slots_to_others() -> None:
    """And two leave one to the next. Taken out to see it fail: the share in ``_may_run`` (``a`` gets all)."""
    line = Line(slots=12)
    await line.come(*(f"a{number}" for number in range(20)))
    assert line.counts == (9, 11)
    await line.come(*(f"b{number}" for number in range(20)))
    assert line.counts == (11, 29)
    await line.come("c1")
    assert line.order[-1] == "c1"
    await line.come("d1")
    assert line.counts == (12, 30)
    assert [sum(name.startswith(account) for name in line.order) for account in "abcd"] == [9, 2, 1, 0]


async def test_a_slot_that_is_free_goes_to_an_account_that_may_have_it() -> None:
    """Taken out to see it fail: ``_may_run`` in ``_serve`` (``a``, which holds most, gets it)."""
    line = Line(slots=4)
    await line.come("a1", "a2", "a3", "b1", "a4", "c1")
    assert line.order == ["a1", "a2", "a3", "b1"]
    await line.end("b1")
    assert line.order[4:] == ["c1"]
    await line.end("a1")
    assert line.order[4:] == ["c1"]  # the last free slot is for others
    await line.end("c1")
    assert line.order[4:] == ["c1", "a4"]


async def test_whoever_has_waited_too_long_is_refused() -> None:
    """Those that came later wait on. Taken out to see it fail: the deadline in ``refuse_expired``."""
    line = Line(slots=1)
    await line.come("a1", "a2", "b1")
    line.clock.now += MAX_AGE / 2
    await line.come("a3")
    line.clock.now += MAX_AGE / 2
    assert line.queue.refuse_expired() == 2
    await line.settle()
    assert (line.refused, line.counts) == (["a2", "b1"], (1, 1))
    await line.end("a1")
    assert line.order == ["a1", "a3"]


async def test_whoever_is_too_old_when_its_turn_comes_is_refused() -> None:
    """The loop may lag, so that nothing was checked meanwhile. Taken out to see it fail: the deadline in ``_serve``."""
    line = Line(slots=1)
    await line.come("a1", "a2")
    line.clock.now += MAX_AGE - 1
    await line.come("a3")
    line.clock.now += 2
    await line.end("a1")
    assert (line.order, line.refused) == (["a1", "a3"], ["a2"])


async def test_the_age_counts_from_the_arrival() -> None:
    """Taken out to see it fail: ``deadline <= self._clock()`` in ``acquire`` (it waits, though it is old)."""
    line = Line(slots=1)
    await line.come("a1")
    late = asyncio.create_task(line.queue.acquire("b", line.clock.now - MAX_AGE))
    await line.settle()
    assert late.done()
    with pytest.raises(Overloaded) as refused:
        late.result()
    assert refused.value.retry_after == request_queue.RETRY_AFTER_SECONDS
    assert line.counts == (1, 0)


async def test_there_is_room_for_so_many_to_wait_and_some_of_it_for_others() -> None:
    """Taken out to see it fail: the share in ``acquire`` (all wait)."""
    line = Line(slots=1, max_waiting=4)
    await line.come("x1", *(f"a{number}" for number in range(6)))
    assert (line.counts, line.refused) == ((1, 3), ["a3", "a4", "a5"])
    await line.come("b1", "b2", "c1")
    assert (line.counts, line.refused[3:]) == ((1, 4), ["b2", "c1"])


async def test_many_refusals_are_spread_over_turns_of_the_loop() -> None:
    """Taken out to see it fail: REFUSALS_PER_TURN in ``refuse_expired``, and in ``_serve``."""
    line = Line(slots=1)
    await line.come("a1", *(f"b{number}" for number in range(2 * REFUSALS_PER_TURN + 5)))
    line.clock.now += MAX_AGE
    assert line.queue.refuse_expired() == REFUSALS_PER_TURN
    line.slots.pop("a1").release()
    await asyncio.sleep(0)
    assert line.queue.waiting_count == 5
    await line.settle()
    assert (line.counts, len(line.refused)) == ((0, 0), 2 * REFUSALS_PER_TURN + 5)


async def test_waiting_requests_are_refused_though_none_ends() -> None:
    """By the loop's own clock. Taken out to see it fail: ``_check_later`` in ``acquire`` (it waits for ever)."""
    queue = RequestQueue(1, 0.05)
    queue.acquire_now("a")
    async with asyncio.timeout(10):
        for _ in range(2):
            with pytest.raises(Overloaded):
                await queue.acquire("b", request_queue.perf_counter())
    assert queue.waiting_count == 0


async def test_a_request_that_is_cancelled_while_it_waits_leaves_nothing() -> None:
    """Taken out to see it fail: ``_abandon`` (it is still counted)."""
    line = Line(slots=1)
    await line.come("a1", "a2", "b1")
    line.tasks["a2"].cancel()
    await line.settle()
    assert line.counts == (1, 1)
    await line.end("a1")
    assert line.order == ["a1", "b1"]


async def test_a_request_that_is_cancelled_with_its_slot_on_the_way_gives_it_back() -> None:
    """Taken out to see it fail: ``release`` in ``_abandon`` (no request ever runs again)."""
    line = Line(slots=1)
    await line.come("a1", "a2", "b1")
    line.slots.pop("a1").release()
    await asyncio.sleep(0)  # a2 has it, and does not know
    assert line.counts == (1, 1)
    line.tasks["a2"].cancel()
    await line.settle()
    assert line.order == ["a1", "b1"]
    await line.end("b1")
    assert line.counts == (0, 0)


async def test_a_request_that_was_just_cancelled_gets_no_slot() -> None:
    """Taken out to see it fail: ``done`` in ``_serve`` (InvalidStateError, and nobody is served)."""
    line = Line(slots=1)
    await line.come("a1", "a2", "b1")
    line.slots.pop("a1").release()
    line.tasks["a2"].cancel()
    await line.settle()
    assert (line.order, line.counts) == (["a1", "b1"], (1, 0))


async def test_a_slot_is_released_once() -> None:
    """Taken out to see it fail: ``_is_released`` (the count falls below zero, and a slot is given too often)."""
    line = Line(slots=1)
    await line.come("a1", "a2", "a3")
    slot = line.slots["a1"]
    for _ in range(3):
        slot.release()
    await line.settle()
    assert (line.order, line.counts) == (["a1", "a2"], (1, 1))


async def test_a_slot_that_is_left_is_another_requests_and_coming_back_never_waits() -> None:
    """Taken out to see it fail: ``vacate`` in ``leave``; the count in ``come_back``."""
    line = Line(slots=1)
    await line.come("a1", "b1", "b2")
    request_slot.set(line.slots["a1"])
    with leave_slot():
        await line.settle()
        assert (line.order, line.counts) == (["a1", "b1"], (1, 1))
    assert line.counts == (2, 1)
    await line.end("b1")
    assert line.counts == (1, 1)  # one too many has run, so nobody follows
    await line.end("a1")
    assert line.order == ["a1", "b1", "b2"]


async def test_a_slot_that_was_left_for_nothing_stays_ones_own() -> None:
    """A body that is there already is read without a turn of the loop. Taken out to see it fail: ``call_soon`` in
    ``vacate`` (each such body lets another request in).
    """
    line = Line(slots=1)
    await line.come("a1", "b1")
    request_slot.set(line.slots["a1"])
    with leave_slot():
        pass
    await line.settle()
    assert (line.order, line.counts) == (["a1"], (1, 1))


async def test_parts_of_a_request_that_wait_together_leave_once() -> None:
    """Taken out to see it fail: ``_leaves`` (the count falls below zero)."""
    line = Line(slots=4)
    await line.come("a1")
    request_slot.set(line.slots["a1"])
    with leave_slot():
        with leave_slot():
            assert line.counts == (0, 0)
        assert line.counts == (0, 0)
    assert line.counts == (1, 0)


async def test_a_request_that_ends_while_it_is_away_leaves_nothing() -> None:
    """Taken out to see it fail: ``_is_released`` in ``come_back``; the count of ``_leaves`` in ``release``."""
    line = Line(slots=4)
    await line.come("a1")
    slot = line.slots["a1"]
    slot.leave()
    slot.release()
    assert line.counts == (0, 0)
    slot.come_back()
    assert line.counts == (0, 0)
