"""The composition root: settings in, an ASGI application out. The only place where the real parts meet."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

import rest_compat
from domain import access, webhooks
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import EventLog, Sequencer
from domain.kernel.work import EventsWritten
from domain.reactions import REACTIONS
from gateway.boundary import Boundary
from gateway.execution import StrawberryEngine
from gateway.graphql import GraphQLHttp, GraphQLSockets, GraphQLStream, Live, Operations
from gateway.health import health_routes
from gateway.identify import Identify
from gateway.protocols import LIVE
from gateway.settings import Settings
from gateway.worker import keep_house
from rest_compat.errors import render


def database_options(settings: Settings, url: str) -> DatabaseOptions:
    """How the gateway uses the database at ``url``."""
    system_url = settings.database_system_url
    return DatabaseOptions(
        url=url,
        system_url=None if system_url is None else system_url.get_secret_value(),
        read_connections=settings.database_connections,
        write_connections=settings.database_connections,
        reactions=REACTIONS,
    )


def build(settings: Settings, database: Database, on_close: Callable[[], None] = lambda: None) -> ASGIApp:
    """The whole gateway over a database that it opens when the server starts and closes when it stops.

    ``on_close``: what to let go of after that; may block. Raises SettingsError when there is no encryption key.
    """
    keyring = settings.keyring
    identify = Identify(database)
    database.when_committed(access.KeyEnded, identify.forget)
    log = EventLog(database)
    sequencer = Sequencer(database, placed=log.tell)
    database.when_committed(EventsWritten, lambda _: sequencer.tell())
    live = Live(database)
    database.when_committed(access.KeyEnded, lambda _: live.look_again())
    operations = Operations(database, keyring, StrawberryEngine(webhooks.cursor_of), log)
    services = rest_compat.Services(database=database, keyring=keyring, identify=identify)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, object]]:
        await database.open()
        work = (keep_house(database), sequencer.run(), log.run(), live.run())
        tasks = [asyncio.create_task(each) for each in work]
        _settle_memory()
        try:
            yield {LIVE: live}
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await database.close()
            await asyncio.to_thread(on_close)

    application = Starlette(
        routes=[
            Route("/graphql", GraphQLHttp(identify, operations)),
            Route("/graphql/stream", GraphQLStream(identify, operations, live)),
            *rest_compat.routes(services),
            *health_routes(database),
        ],
        exception_handlers={Exception: _last_resort, 404: _last_resort, 405: _last_resort},
        lifespan=lifespan,
    )
    sockets = GraphQLSockets(identify, operations, live, settings.cors_origins)
    return Boundary(_Doors(application, sockets), settings.trusted_proxies)


class _Doors:
    """Sockets go straight to their door: a router's middleware would stay as long as they do, with 3 KB of frames."""

    def __init__(self, application: ASGIApp, sockets: ASGIApp) -> None:
        self._application = application
        self._sockets = sockets

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        is_socket = scope["type"] == "websocket" and scope["path"] == "/graphql"
        return (self._sockets if is_socket else self._application)(scope, receive, send)


async def _last_resort(request: Request, error: Exception) -> Response:
    return render(error, request.state.request_id)


def _settle_memory() -> None:
    """What is loaded at start stays: the collector need not look at it again (performance.md 1)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
