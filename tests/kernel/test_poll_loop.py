"""The loop of sequencer, reader and dispatcher: woken, at intervals, and ended by no failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from domain.kernel.errors import Unavailable
from domain.kernel.poll_loop import PollLoop

LOG = logging.getLogger("gateway.test")


@asynccontextmanager
async def running(
    step: Callable[[], Awaitable[None]], interval: float = 60.0, retry_delay: float = 0.01
) -> AsyncGenerator[PollLoop]:
    loop = PollLoop(step, interval=lambda: interval, retry_delay=retry_delay, log=LOG, failure="the step failed")
    task = asyncio.create_task(loop.run())
    try:
        async with asyncio.timeout(10):
            yield loop
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_step_is_taken_at_the_start_and_at_every_wakeup() -> None:
    steps: asyncio.Queue[None] = asyncio.Queue()
    async with running(lambda: steps.put(None)) as loop:
        await steps.get()
        for _ in range(3):
            loop.wake()
            await steps.get()
        await asyncio.sleep(0.05)
        assert steps.empty()


async def test_without_a_wakeup_a_step_is_taken_at_intervals() -> None:
    steps: asyncio.Queue[None] = asyncio.Queue()
    async with running(lambda: steps.put(None), interval=0.01):
        for _ in range(3):
            await steps.get()


async def test_a_wakeup_during_a_step_leads_to_another() -> None:
    begun: asyncio.Queue[None] = asyncio.Queue()
    goes_on = asyncio.Event()

    async def step() -> None:
        await begun.put(None)
        await goes_on.wait()

    async with running(step) as loop:
        await begun.get()
        loop.wake()
        goes_on.set()
        await begun.get()


@pytest.mark.parametrize(("error", "logged"), [(Unavailable("away"), 0), (ZeroDivisionError(), 1)])
async def test_no_failure_ends_the_loop_and_an_unexpected_one_is_logged(
    error: Exception, logged: int, caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[int] = []
    done = asyncio.Event()

    async def step() -> None:
        steps.append(1)
        if len(steps) == 1:
            raise error
        done.set()

    async with running(step):
        await done.wait()
    assert [record.message for record in caplog.records if record.name == LOG.name] == ["the step failed"] * logged
