"""Several processes on one database: whoever sends is woken by whoever has something to send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain.kernel.database import Database, DatabaseOptions
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from gateway.worker import run_worker
from tests.gateway.conftest import OwnShop, serving
from tests.gateway.test_webhooks import LAMP
from tests.redis_server import free_port
from tests.webhooks.conftest import LOOPBACK
from tests.webhooks.sink import Sink, sinking

NEVER = 3_600.0
"""Seconds after which to look unasked: longer than any test."""


@dataclass(slots=True)
class Together:
    """A server that does not send, and what sends beside it; all hear one Redis."""

    shop: OwnShop
    settings: Settings
    sink: Sink
    stack: AsyncExitStack
    telemetry: Telemetry = field(default_factory=Telemetry)

    def database(self) -> Database:
        return Database(DatabaseOptions(self.shop.url, reactions=SIGNAL_HANDLERS))

    async def server(self) -> httpx.AsyncClient:
        """One that leaves sending to others."""
        app = build(self.settings, self.database(), sends_webhooks=False)
        running = await self.stack.enter_async_context(serving(app))
        headers = {"Authorization": f"Bearer {self.shop.key}"}
        client = httpx.AsyncClient(base_url=running.url, headers=headers, timeout=10)
        return await self.stack.enter_async_context(client)

    async def sending_server(self, poll: float = NEVER) -> None:
        app = build(self.settings, self.database(), self.telemetry, poll=poll)
        await self.stack.enter_async_context(serving(app))

    async def worker(self, poll: float = NEVER) -> None:
        database = self.database()
        await database.open()
        self.stack.push_async_callback(database.close)
        task = asyncio.create_task(run_worker(self.settings, database, self.telemetry, poll=poll))
        self.stack.push_async_callback(asyncio.gather, task, return_exceptions=True)
        self.stack.callback(task.cancel)


@pytest.fixture
async def together(own_shop: OwnShop, settings: Settings, redis_url: str) -> AsyncGenerator[Together]:
    given = settings.model_copy(update={"redis_url": SecretStr(redis_url), "webhook_allowed_networks": LOOPBACK})
    async with sinking() as sink, AsyncExitStack() as stack:
        yield Together(own_shop, given, sink, stack)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def listen(together: Together, client: httpx.AsyncClient) -> str:
    given = {"url": together.sink.url(), "events": ["product.created"]}
    return str((await client.post("/v2/webhooks", json=given)).json()["id"])


async def asked_for_and_sent(together: Together, client: httpx.AsyncClient, webhook: str) -> None:
    """An event, a test, and a redelivery: each is sent although nobody looks unasked."""
    hits = together.sink.hits
    await client.post("/v2/products", json=LAMP)
    await until(lambda: len(hits) == 1)
    await client.post(f"/v2/webhooks/{webhook}/test")
    await until(lambda: len(hits) == 2)
    async with asyncio.timeout(10):
        while (found := await deliveries(client, webhook)) and {each["status"] for each in found} != {"delivered"}:
            await asyncio.sleep(0.01)
    sent = next(each["id"] for each in found if each["type"] == "product.created")
    assert (await client.post(f"/v2/webhooks/{webhook}/deliveries/{sent}/redeliver")).is_success
    await until(lambda: len(hits) == 3)
    assert [hit.document["type"] for hit in hits] == ["product.created", "webhook.test", "product.created"]


async def deliveries(client: httpx.AsyncClient, webhook: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"/v2/webhooks/{webhook}/deliveries")).json()["data"]
    return found


async def settle() -> None:
    """Redis is heard by all, and what they looked for at their start is over."""
    await asyncio.sleep(1.0)


async def test_a_worker_is_woken_by_a_server(together: Together) -> None:
    """Fails where a worker hears no news of positions, or a server tells nobody of redeliveries and tests."""
    client = await together.server()
    await together.worker()
    webhook = await listen(together, client)
    await settle()
    await asked_for_and_sent(together, client, webhook)


async def test_a_server_that_sends_is_woken_by_one_that_does_not(together: Together) -> None:
    client = await together.server()
    await together.sending_server()
    webhook = await listen(together, client)
    await settle()
    await asked_for_and_sent(together, client, webhook)


async def test_while_redis_is_away_a_worker_looks_unasked(together: Together) -> None:
    nobody = SecretStr(f"redis://127.0.0.1:{free_port()}")
    together.settings = together.settings.model_copy(update={"redis_url": nobody})
    client = await together.server()
    await together.worker(poll=0.2)
    webhook = await listen(together, client)
    await asked_for_and_sent(together, client, webhook)
