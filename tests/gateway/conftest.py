"""A gateway on a port of its own, as it is served, and clients that speak to it over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from domain import access
from domain.access.commands import CreateApiKey, RegisterTrustedDocument
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Mode, Plan, Principal
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.server import server_config
from gateway.settings import Settings
from tests.conftest import MakeKey, Shop
from tests.shared_pools import shared_database

Register = Callable[..., Awaitable[str]]
Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]

TRUSTED = "query Trusted { shop { mode } }"
EVENTS = "subscription ($after: Cursor) { events(after: $after) { cursor sequence } }"


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs."""

    server: uvicorn.Server
    port: int

    @property
    def url(self) -> str:
        """Of HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        """Of WebSocket."""
        return f"ws://127.0.0.1:{self.port}/graphql"


class Talk:
    """One side of a socket, in JSON."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire

    async def say(self, message: Any) -> None:
        """Send a message; text and bytes go as they are."""
        await self.wire.send(message if isinstance(message, str | bytes) else orjson.dumps(message).decode())

    async def hear(self) -> Any:
        """The next message."""
        async with asyncio.timeout(10):
            return orjson.loads(await self.wire.recv())

    async def init(self, key: str | None) -> None:
        """Be let in."""
        payload = {} if key is None else {"payload": {"Authorization": f"Bearer {key}"}}
        await self.say({"type": "connection_init", **payload})
        assert await self.hear() == {"type": "connection_ack"}

    async def ask(self, query: str, id: str = "1", **payload: Any) -> None:
        """Begin an operation."""
        await self.say({"id": id, "type": "subscribe", "payload": {"query": query, **payload}})

    async def ended(self, seconds: float = 10) -> tuple[int | None, str]:
        """Code and reason of the close; what is said before is passed over."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self.wire.recv()
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd is not None else (None, "")


@asynccontextmanager
async def serving(app: ASGIApp, **options: Any) -> AsyncGenerator[Serving]:
    """Serve an application with everything that ``gateway serve`` sets, but in this process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(server_config(app, **options))
        server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # they are pytest's
        task = asyncio.create_task(server.serve([listener]))
        async with asyncio.timeout(20):
            while not server.started:
                await asyncio.sleep(0.01)
                assert not task.done(), task.exception()
        try:
            yield Serving(server, listener.getsockname()[1])
        finally:
            server.should_exit = True
            await task


@pytest.fixture
def serve(database_url: str, settings: Settings) -> Callable[..., AbstractAsyncContextManager[Serving]]:
    """Serves a gateway of this test's own, with settings and protocols as the test likes them."""

    def start(protocols: dict[str, Any] | None = None, **changed: Any) -> AbstractAsyncContextManager[Serving]:
        database = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS))
        return serving(build(settings.model_copy(update=changed), database), **(protocols or {}))

    return start


@pytest.fixture(scope="session")
async def gateway(database_url: str, settings: Settings) -> AsyncGenerator[Serving]:
    """A gateway that all tests share. It leaves jobs, deliveries and facts alone: those of other tests are theirs."""
    database = shared_database(database_url, reactions=SIGNAL_HANDLERS)
    async with serving(build(settings, database, sends_webhooks=False)) as running:
        yield running


@pytest.fixture
async def key(shop: Shop, make_key: MakeKey) -> str:
    """A live key of every scope."""
    return await make_key(shop.live)


@asynccontextmanager
async def talking(url: str, **options: Any) -> AsyncGenerator[Talk]:
    """An open socket, before ``connection_init``."""
    settings = {"subprotocols": ["graphql-transport-ws"], "compression": None, "ping_interval": None, "proxy": None}
    async with connect(url, **{**settings, **options}) as wire:
        yield Talk(wire)


@pytest.fixture
def open_socket(gateway: Serving) -> Callable[..., AbstractAsyncContextManager[Talk]]:
    """Opens sockets, and with a key lets them in: ``async with open_socket(key) as talk``."""

    @asynccontextmanager
    async def opened(key: str | None = None, **options: Any) -> AsyncGenerator[Talk]:
        async with talking(gateway.socket_url, **options) as talk:
            if key is not None:
                await talk.init(key)
            yield talk

    return opened


@pytest.fixture
async def web(gateway: Serving, key: str) -> AsyncGenerator[httpx.AsyncClient]:
    """An HTTP client of the shared gateway, with the key."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=10) as client:
        yield client


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def register(database: Database, shop: Shop) -> Register:
    """Registers documents: ``await register(text)`` answers the id."""

    async def run(text: str = TRUSTED, caller: Principal | None = None) -> str:
        principal = caller or shop.live
        async with database.transaction(principal) as work:
            return (await access.register_trusted_document(work, principal, RegisterTrustedDocument(text=text))).id

    return run


@dataclass(frozen=True, slots=True)
class OwnShop:
    """A shop in a database of its own, and a key of every scope."""

    url: str
    key: str


@pytest.fixture
async def own_shop(own_database_url: str) -> OwnShop:
    """Where no other gateway sends."""
    database = Database(DatabaseOptions(own_database_url, reactions=SIGNAL_HANDLERS))
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Shop", plan=Plan.ENTERPRISE, currency="GBP"
        )
    owner = access.system_principal(stores[Mode.LIVE])
    async with database.transaction(owner) as work:
        issued = await access.create_key(work, owner, CreateApiKey(name="test", scopes=("all",)))
    await database.close()
    return OwnShop(own_database_url, issued.secret)


@pytest.fixture
def start(own_shop: OwnShop, settings: Settings) -> Start:
    """Serves a gateway over a database of this test's own; answers a client of it."""

    @asynccontextmanager
    async def started(sends_webhooks: bool = True, **changed: Any) -> AsyncGenerator[httpx.AsyncClient]:
        own = Database(DatabaseOptions(own_shop.url, reactions=SIGNAL_HANDLERS))
        app = build(settings.model_copy(update=changed), own, sends_webhooks=sends_webhooks)
        headers = {"Authorization": f"Bearer {own_shop.key}"}
        async with (
            serving(app) as running,
            httpx.AsyncClient(base_url=running.url, headers=headers, timeout=10) as client,
        ):
            yield client

    return started
