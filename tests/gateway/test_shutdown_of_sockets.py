"""When the server stops: what is under way is answered, and whoever follows the log is told from where to resume."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from domain.catalog.model import Product
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from gateway.settings import Settings
from tests.conftest import MakeProduct, Shop
from tests.gateway.conftest import EVENTS, Serving, Talk, talking
from tests.gateway.test_sse import STREAM, reading

Serve = Callable[..., AbstractAsyncContextManager[Serving]]
RENAME = """mutation ($id: ID!) {
  updateProduct(input: { id: $id, name: "Cup" }) { product { name } userErrors { code } } }"""


async def cursors(talk: Talk, count: int) -> list[str]:
    return [(await talk.hear())["payload"]["data"]["events"]["cursor"] for _ in range(count)]


async def test_a_socket_closes_with_the_cursor_to_resume_from_and_nothing_is_missed(
    serve: Serve, gateway: Serving, key: str, make_product: MakeProduct, log: EventLog
) -> None:
    async with serve() as running, talking(running.socket_url) as talk:
        await talk.init(key)
        await talk.ask(EVENTS)
        await asyncio.sleep(0.3)
        await make_product()
        (seen,) = await cursors(talk, 1)
        running.server.should_exit = True
        assert await talk.ended() == (1012, f"cursor:{seen}")
    await make_product()
    async with talking(gateway.socket_url) as talk:
        await talk.init(key)
        await talk.ask(EVENTS, variables={"after": seen})
        (next_one,) = await cursors(talk, 1)
    assert int(next_one[3:]) > int(seen[3:])


async def test_one_that_has_seen_nothing_yet_resumes_from_where_it_began(
    serve: Serve, key: str, make_product: MakeProduct, log: EventLog
) -> None:
    async with serve() as running, talking(running.socket_url) as talk:
        await talk.init(key)
        await talk.ask(EVENTS)
        await asyncio.sleep(0.3)
        begun = f"e1.{await log.head()}"
        running.server.should_exit = True
        assert await talk.ended() == (1012, f"cursor:{begun}")


async def test_sockets_with_no_subscription_or_several_are_told_to_connect_again(serve: Serve, key: str) -> None:
    async with (
        serve() as running,
        talking(running.socket_url) as none,
        talking(running.socket_url) as two,
        talking(running.socket_url) as stranger,
    ):
        await none.init(key)
        await two.init(key)
        for id in "12":
            await two.ask(EVENTS, id)
        await asyncio.sleep(0.3)
        running.server.should_exit = True
        for talk in (none, two):
            assert await talk.ended() == (1012, "Server restart: reconnect")
        await stranger.say({"type": "connection_init", "payload": {"apiKey": key}})
        assert (await stranger.ended())[0] == 1012


async def test_what_is_under_way_is_answered_first(
    serve: Serve, key: str, shop: Shop, make_product: MakeProduct, database: Database
) -> None:
    product = await make_product()
    headers = {"Authorization": f"Bearer {key}"}
    async with serve() as running, talking(running.socket_url) as talk, httpx.AsyncClient(headers=headers) as web:
        await talk.init(key)
        async with database.transaction(shop.live) as work:
            await work.lock(Product, product.id, noun="product")
            await talk.ask(RENAME, variables={"id": product.id})
            body = {"query": RENAME, "variables": {"id": product.id}}
            posted = [asyncio.create_task(web.post(running.url + path, json=body)) for path in ("/graphql", STREAM)]
            await asyncio.sleep(0.3)
            running.server.should_exit = True
            await asyncio.sleep(0.5)
        answer = await talk.hear()
        assert answer["payload"]["data"]["updateProduct"] == {"product": {"name": "Cup"}, "userErrors": []}
        assert (await talk.hear())["type"] == "complete"
        assert (await talk.ended())[0] == 1012
        plain, streamed = await asyncio.gather(*posted)
        assert plain.json()["data"] == answer["payload"]["data"]
        assert streamed.text.endswith("event: complete\ndata:\n\n")


async def test_streams_of_events_end_without_completion(serve: Serve, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        serve() as running,
        httpx.AsyncClient(base_url=running.url, headers=headers) as web,
        reading(web, EVENTS) as stream,
    ):
        begun = await stream.block()
        assert begun is not None
        assert begun.fields["id"]
        running.server.should_exit = True
        assert await stream.rest() == []


async def test_sigterm_ends_a_real_server_soon_and_in_order(
    database_url: str, settings: Settings, key: str, make_product: MakeProduct, free_port: int
) -> None:
    keys: Any = settings.encryption_keys
    environment = {
        "PATH": os.environ["PATH"],
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_ENCRYPTION_KEYS": keys.get_secret_value(),
        "GATEWAY_LOG_LEVEL": "warning",
        "GATEWAY_DRAIN_DELAY": "0",
    }
    command = (sys.executable, "-m", "gateway", "serve", "--port", str(free_port))
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        url = f"http://127.0.0.1:{free_port}"
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as web:
            await until_it_answers(web)
            async with talking(f"ws://127.0.0.1:{free_port}/graphql") as talk, reading(web, EVENTS) as stream:
                await talk.init(key)
                await talk.ask(EVENTS)
                await stream.block()
                await asyncio.sleep(0.3)
                await make_product()
                (seen,) = await cursors(talk, 1)
                begun = time.monotonic()
                process.send_signal(signal.SIGTERM)
                assert await talk.ended() == (1012, f"cursor:{seen}")
                assert set(await stream.rest()) <= {"next"}
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert time.monotonic() - begun < 5
    finally:
        if process.returncode is None:
            process.kill()


async def until_it_answers(web: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if (await web.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
