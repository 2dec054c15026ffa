"""Tasks that run until they are cancelled end, also where a library raises something else in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from domain.kernel.clock import system_clock
from gateway import background_tasks
from gateway.adapters.redis_bus import RedisBus
from gateway.adapters.redis_counters import RedisCounters
from gateway.adapters.redis_documents import RedisDocuments
from gateway.background_tasks import end_tasks
from gateway.rate_limits.windows import Client
from gateway.wakeups import Topic

URL = "redis://127.0.0.1:1"
Call = Callable[[], Coroutine[Any, Any, Any]]


async def breaks(*_: object, **__: object) -> None:
    """As Redis' client, whose connection breaks while it is closed because of a cancellation."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise RedisConnectionError("Connection lost") from None


class BreakingPipeline:
    """A pipeline that takes all commands, and breaks."""

    execute = staticmethod(breaks)

    async def __aenter__(self) -> BreakingPipeline:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class BreakingSubscription(BreakingPipeline):
    """A subscription that breaks."""

    subscribe = staticmethod(breaks)


def break_documents(monkeypatch: pytest.MonkeyPatch) -> RedisDocuments:
    documents = RedisDocuments(URL)
    client = documents._redis
    for name in ("get", "set", "zrevrange"):
        monkeypatch.setattr(client, name, breaks)
    monkeypatch.setattr(client, "pipeline", lambda **_: BreakingPipeline())
    return documents


def document_calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Call]:
    documents = break_documents(monkeypatch)
    return {
        "find": lambda: documents.find("a" * 64),
        "keep": lambda: documents.keep("a" * 64, "{ shop { id } }"),
        "count": lambda: documents.count({"a" * 64: "{ shop { id } }"}),
        "most repeated": lambda: documents.most_repeated(10),
    }


@pytest.mark.parametrize("name", ["find", "keep", "count", "most repeated"])
async def test_a_document_store_is_cancelled_though_redis_breaks(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    await is_cancelled(document_calls(monkeypatch)[name]())


async def test_counters_are_cancelled_though_redis_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    counters = RedisCounters(URL)
    monkeypatch.setattr(counters, "_minute_script", breaks)
    await is_cancelled(counters.take_minute(Client("key", "192.0.2.1", 10), 1, system_clock()))


@pytest.mark.parametrize("half", ["listens", "speaks"])
async def test_wakeups_end_though_redis_breaks(monkeypatch: pytest.MonkeyPatch, half: str) -> None:
    bus = RedisBus(URL, {Topic.LOG_GROWN: lambda: None, Topic.KEY_ENDED: lambda: None})
    if half == "listens":
        monkeypatch.setattr(bus._redis, "pubsub", BreakingSubscription)
    else:
        monkeypatch.setattr(bus, "_listen", lambda: asyncio.Event().wait())
        monkeypatch.setattr(bus._redis, "publish", breaks)
        bus.publish(Topic.LOG_GROWN)
    await is_cancelled(bus.run())


async def is_cancelled(call: Coroutine[Any, Any, Any]) -> None:
    """And nothing that it has begun goes on."""
    others = asyncio.all_tasks()
    task = asyncio.create_task(call)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    begun = asyncio.all_tasks() - others
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait(begun)
    assert task.cancelled()


async def test_tasks_that_lose_a_cancellation_are_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the loop of ``end_tasks``."""
    monkeypatch.setattr(background_tasks, "LOST_AFTER_SECONDS", 0.05)
    lost = 0

    async def loses_two() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost == 2:
                    raise
                lost += 1

    task = asyncio.create_task(loses_two())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end_tasks([task])
    assert task.cancelled()
    assert lost == 2


async def test_what_a_task_does_at_its_end_is_waited_for() -> None:
    ended = False

    async def ends_slowly() -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.2)
            ended = True

    task = asyncio.create_task(ends_slowly())
    await asyncio.sleep(0)
    await end_tasks([task])
    assert ended
