"""Wake-ups by Redis: quick while it is there, and no harm when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gateway.adapters.redis_bus import RedisBus
from tests.redis_server import free_port, running_redis


@asynccontextmanager
async def running(url: str, heard: asyncio.Event) -> AsyncGenerator[RedisBus]:
    bus = RedisBus(url, heard.set)
    task = asyncio.create_task(bus.run())
    try:
        yield bus
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: object, seconds: float = 5.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_another_process_hears_at_once(redis_url: str) -> None:
    heard = asyncio.Event()
    async with running(redis_url, heard) as listener, running(redis_url, asyncio.Event()) as speaker:
        await until(lambda: listener.connected and speaker.connected)
        heard.clear()
        speaker.tell()
        await asyncio.wait_for(heard.wait(), 1)


async def test_what_is_told_in_a_row_becomes_few_messages(redis_url: str) -> None:
    count = 0

    def hear() -> None:
        nonlocal count
        count += 1

    listener = RedisBus(redis_url, hear)
    task = asyncio.create_task(listener.run())
    async with running(redis_url, asyncio.Event()) as speaker:
        await until(lambda: listener.connected and speaker.connected)
        count = 0
        for _ in range(1000):
            speaker.tell()
        await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert 1 <= count <= 3


async def test_it_recovers_when_redis_comes_back() -> None:
    port = free_port()
    heard = asyncio.Event()
    async with running(f"redis://127.0.0.1:{port}", heard) as bus:
        with running_redis(port):
            await until(lambda: bus.connected)
        await until(lambda: not bus.connected)
        bus.tell()  # lost, and no harm
        with running_redis(port):
            await until(lambda: bus.connected, 10)
            heard.clear()
            bus.tell()
            await asyncio.wait_for(heard.wait(), 2)
