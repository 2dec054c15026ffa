"""Wake-ups by Redis: quick while it is there, and no harm when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import httpx
from pydantic import SecretStr

from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.adapters.redis_bus import RedisBus
from gateway.app import build
from gateway.settings import Settings
from gateway.wakeups import Topic
from tests.conftest import MakeKey, Shop
from tests.gateway.conftest import serving
from tests.redis_server import free_port, running_redis


@asynccontextmanager
async def running(url: str, heard: asyncio.Event) -> AsyncGenerator[RedisBus]:
    bus = RedisBus(url, {Topic.LOG_GROWN: heard.set, Topic.KEY_ENDED: lambda: None})
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
        speaker.publish(Topic.LOG_GROWN)
        await asyncio.wait_for(heard.wait(), 1)


async def test_what_is_told_in_a_row_becomes_few_messages(redis_url: str) -> None:
    count = 0

    def hear() -> None:
        nonlocal count
        count += 1

    listener = RedisBus(redis_url, {Topic.LOG_GROWN: hear, Topic.KEY_ENDED: lambda: None})
    task = asyncio.create_task(listener.run())
    async with running(redis_url, asyncio.Event()) as speaker:
        await until(lambda: listener.connected and speaker.connected)
        count = 0
        for _ in range(1000):
            speaker.publish(Topic.LOG_GROWN)
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
        bus.publish(Topic.LOG_GROWN)  # lost, and no harm
        with running_redis(port):
            await until(lambda: bus.connected, 10)
            heard.clear()
            bus.publish(Topic.LOG_GROWN)
            await asyncio.wait_for(heard.wait(), 2)


async def test_each_news_is_heard_by_those_it_concerns(redis_url: str) -> None:
    heard: list[Topic] = []
    listener = RedisBus(redis_url, {news: partial(heard.append, news) for news in Topic})
    task = asyncio.create_task(listener.run())
    async with running(redis_url, asyncio.Event()) as speaker:
        await until(lambda: listener.connected and speaker.connected)
        heard.clear()
        speaker.publish(Topic.KEY_ENDED)
        await until(lambda: heard)
        speaker.publish(Topic.LOG_GROWN)
        await until(lambda: len(heard) > 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert heard == [Topic.KEY_ENDED, Topic.LOG_GROWN]


async def test_a_key_revoked_in_one_process_is_forgotten_in_the_other(
    redis_url: str, database_url: str, settings: Settings, shop: Shop, make_key: MakeKey
) -> None:
    """In the other time stands still, so that what it remembers of the key would never be too old."""
    now = system_clock()
    shared = settings.model_copy(update={"redis_url": SecretStr(redis_url)})
    here, there = (
        build(shared, Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS, clock=clock)))
        for clock in (system_clock, lambda: now)
    )
    mine = {"Authorization": f"Bearer {await make_key(shop.live)}"}
    async with serving(here) as first, serving(there) as second, httpx.AsyncClient(timeout=10) as web:
        made = (
            await web.post(f"{first.url}/v2/access/keys", json={"name": "x", "scopes": ["all"]}, headers=mine)
        ).json()
        lost = {"Authorization": f"Bearer {made['secret']}"}
        assert (await web.get(f"{second.url}/v2/viewer", headers=lost)).status_code == 200
        assert (await web.delete(f"{first.url}/v2/access/keys/{made['id']}", headers=mine)).status_code == 204
        async with asyncio.timeout(10):
            while (await web.get(f"{second.url}/v2/viewer", headers=lost)).status_code != 401:
                await asyncio.sleep(0.02)
