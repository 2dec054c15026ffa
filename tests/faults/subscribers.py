"""Subscribers of every transport that, whatever becomes of the connection, go on after the last event they have seen.

A transport is a function from an address, a key and a cursor to the events after it, for as long as the connection
lasts; it returns or raises one of BROKEN when that is over. ``TRANSPORTS`` names them all: the tests run over it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.frames import Close, CloseCode

from tests.gateway.conftest import talking

FOLLOW = "subscription ($after: Cursor) { events(after: $after) { id cursor } }"
PAUSE = 0.1
"""Seconds before a subscriber connects again."""
RESTARTS = frozenset({1006, 1012, 1013})
"""Codes with which a socket may close on a client that has done nothing wrong: cut, restarting, try again later."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as a subscriber got it."""

    id: str
    cursor: str

    @property
    def position(self) -> int:
        return int(self.cursor.removeprefix("e1."))


class AwayError(Exception):
    """The server said that it cannot serve now, in one of the ways that clients try again after."""


BROKEN = (OSError, httpx.TransportError, WebSocketException, AwayError)
Transport = Callable[[str, str, str], AsyncGenerator[Seen]]


async def by_socket(base: str, key: str, after: str) -> AsyncGenerator[Seen]:
    """``graphql-transport-ws``."""
    place = after
    async with talking(f"ws{base.removeprefix('http')}/graphql") as talk:
        try:
            await talk.init(key)
            await talk.ask(FOLLOW, variables={"after": after})
            while True:
                event = _seen(orjson.loads(await talk.wire.recv()))
                place = event.cursor
                yield event
        except ConnectionClosed as closed:
            if closed.rcvd is not None:
                _check_farewell(closed.rcvd, place, begun=place != after)
            raise


def _check_farewell(close: Close, place: str, *, begun: bool) -> None:
    """A server that stops says from where to resume: exactly after what was seen."""
    assert close.code in RESTARTS, close
    if close.code == CloseCode.SERVICE_RESTART and (begun or close.reason.startswith("cursor:")):
        assert close.reason == f"cursor:{place}"


def _seen(message: Mapping[str, Any]) -> Seen:
    if message["type"] == "error":
        raise _away(message["payload"])
    assert message["type"] == "next", message
    return _event(message["payload"])


async def by_stream(base: str, key: str, after: str) -> AsyncGenerator[Seen]:
    """Server-sent events of GraphQL, resumed as a browser does it: by ``Last-Event-ID``."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {key}", "Last-Event-ID": after}
    body = {"query": FOLLOW}
    async with streaming("POST", f"{base}/graphql/stream", headers=headers, json=body) as blocks:
        async for block in blocks:
            if block.get("event") == "next":
                seen = _event(orjson.loads(block["data"]))
                assert block["id"] == seen.cursor
                yield seen
            assert block.get("event") != "complete", "a subscription to events never completes"


async def by_rest(base: str, key: str, after: str) -> AsyncGenerator[Seen]:
    """Server-sent events of REST, resumed in the same way."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {key}", "Last-Event-ID": after}
    async with streaming("GET", f"{base}/v2/events/stream", headers=headers) as blocks:
        async for block in blocks:
            if block.get("event", "").startswith("product."):
                document = orjson.loads(block["data"])
                assert block["id"] == document["cursor"]
                yield Seen(document["id"], document["cursor"])
            else:
                assert "event" not in block, block


@asynccontextmanager
async def streaming(method: str, url: str, **options: Any) -> AsyncGenerator[AsyncGenerator[dict[str, str]]]:
    """The blocks of a stream of server-sent events, by field. Raises AwayError when it is refused with 503."""
    timeout = httpx.Timeout(10, read=None)
    async with (
        httpx.AsyncClient(timeout=timeout) as web,
        web.stream(method, url, **options) as response,
    ):
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            assert response.headers["retry-after"]
            raise AwayError
        assert response.status_code == httpx.codes.OK, await response.aread()
        async with aclosing(_blocks(response)) as blocks:
            yield blocks


async def _blocks(response: httpx.Response) -> AsyncGenerator[dict[str, str]]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(":")
        if line:
            fields[name] = value.removeprefix(" ")
        else:
            yield fields
            fields = {}


def _event(result: Mapping[str, Any]) -> Seen:
    if "errors" in result:
        raise _away(result["errors"])
    event = result["data"]["events"]
    return Seen(event["id"], event["cursor"])


def _away(errors: Sequence[Mapping[str, Any]]) -> Exception:
    """That the server is away for a while is no surprise; every other error is."""
    codes = {error["extensions"]["code"] for error in errors}
    return AwayError() if codes == {"UNAVAILABLE"} else AssertionError(errors)


TRANSPORTS: dict[str, Transport] = {"websocket": by_socket, "sse": by_stream, "rest": by_rest}
"""Every way in which events can be followed. A new one is one more function here."""


@dataclass(slots=True)
class Follower:
    """One subscriber: at each connection it takes the next of the addresses."""

    transport: Transport
    bases: Sequence[str]
    key: str
    cursor: str
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Follow until cancelled. Raises AssertionError for whatever a client could not go on after."""
        while True:
            base = self.bases[self.connections % len(self.bases)]
            self.connections += 1
            try:
                async with aclosing(self.transport(base, self.key, self.cursor)) as events:
                    async for event in events:
                        self.cursor = event.cursor
                        self.seen.append(event)
                        self._grown.set()
            except BROKEN:
                pass
            await asyncio.sleep(PAUSE)

    async def until(self, true: Callable[[Sequence[Seen]], bool]) -> None:
        """Wait until what it has seen is so."""
        while not true(self.seen):
            self._grown.clear()
            await self._grown.wait()


@asynccontextmanager
async def following(
    bases: Sequence[str], key: str, after: str, transports: Mapping[str, Transport] | None = None
) -> AsyncGenerator[dict[str, Follower]]:
    """A subscriber of each transport, all after one cursor; what surprised one of them fails the test."""
    chosen = TRANSPORTS if transports is None else transports
    followers = {name: Follower(transport, bases, key, after) for name, transport in chosen.items()}
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each.run()) for each in followers.values()]
            yield followers
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
