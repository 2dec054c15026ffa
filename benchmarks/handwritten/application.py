"""What the limit serves: reads at ``/products``, ``/orders`` and ``/products/{id}``, orders posted to ``/orders``,
payments at the gateway's own paths, and the pages of the corpus at ``/pages/{name}``, their variables as ``v`` in the
query string.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from benchmarks.handwritten import payment
from benchmarks.handwritten.create_order import place
from benchmarks.handwritten.pages import PAGES
from benchmarks.handwritten.reads import ORDERS, PRODUCT, PRODUCTS
from domain.kernel.database import APP_ROLE, Database, DatabaseOptions
from gateway.authentication import Authenticator
from gateway.edge import EdgeMiddleware
from gateway.shutdown import GracefulShutdown
from gateway.telemetry import Telemetry
from gateway.telemetry.logs import configure_logging
from gateway.telemetry.request_record import record_principal

Endpoint = Callable[[Request], Awaitable[Response]]


class Limit:
    """The endpoints over a pool of their own, in the role and the store of the gateway's readers."""

    def __init__(self, url: str, store: int) -> None:
        self._url = url
        self._store = store
        self._pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def opened(self, _: Starlette) -> AsyncGenerator[None]:
        """The pool, for as long as the application runs."""
        async with connections(self._url, self._store) as self._pool:
            yield

    async def products(self, request: Request) -> Response:
        """The 50 newest products with their variants."""
        return await self._answer(PRODUCTS)

    async def product(self, request: Request) -> Response:
        """One product with its variants."""
        return await self._answer(PRODUCT, request.path_params["id"])

    async def orders(self, request: Request) -> Response:
        """The 50 newest orders with all that hangs on them."""
        return await self._answer(ORDERS)

    async def page(self, request: Request) -> Response:
        """A page of the corpus."""
        return await self._answer(PAGES[request.path_params["name"]], *request.query_params.getlist("v"))

    async def place(self, request: Request) -> Response:
        """A new order."""
        assert self._pool is not None  # noqa: S101 - the application runs
        body, key = await request.body(), request.headers["idempotency-key"]
        async with self._pool.acquire() as connection:
            answer = await place(connection, self._store, key, body)
        return Response(answer, media_type="application/json")

    async def create_intent(self, request: Request) -> Response:
        """A new payment intent, authorised."""
        assert self._pool is not None  # noqa: S101 - the application runs
        body, key = await request.body(), request.headers["idempotency-key"]
        answer = await payment.create_intent(self._pool, self._store, key, body)
        return Response(answer, 201, media_type="application/json")

    async def capture(self, request: Request) -> Response:
        """The capture of a payment intent."""
        assert self._pool is not None  # noqa: S101 - the application runs
        body, key = await request.body(), request.headers["idempotency-key"]
        answer = await payment.capture(self._pool, self._store, key, request.path_params["id"], body)
        return Response(answer, 201, media_type="application/json")

    async def _answer(self, statement: str, *values: str) -> Response:
        assert self._pool is not None  # noqa: S101 - the application runs
        async with self._pool.acquire() as connection:
            answer = await connection.fetchval(statement, self._store, *values)
        return Response(answer, media_type="application/json")


def connections(url: str, store: int) -> asyncpg.Pool:
    """A pool of connections in the role of the gateway's readers, for a store."""
    settings = {"role": APP_ROLE, "app.store_id": str(store), "jit": "off"}
    return asyncpg.create_pool(url, min_size=1, max_size=10, server_settings=settings, init=_pass_through, reset=_keep)


async def _pass_through(connection: asyncpg.Connection) -> None:
    """JSON stays the bytes that the server sent."""
    await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")


async def _keep(connection: asyncpg.Connection) -> None:
    """A connection given back is as it was: nothing set anything on it."""


def bare(url: str, store: int) -> ASGIApp:
    """Nothing but the endpoints."""
    limit = Limit(url, store)
    return _application(limit, lambda endpoint: endpoint, limit.opened)


def behind_doors(url: str, store: int) -> ASGIApp:
    """Behind the gateway's own: keys, request ids, a log line and metrics for each request."""
    limit, database = Limit(url, store), Database(DatabaseOptions(url))
    identify = record_principal(Authenticator(database))

    def admit(endpoint: Endpoint) -> Endpoint:
        async def admitted(request: Request) -> Response:
            (await identify(request)).require("products:read")
            return await endpoint(request)

        return admitted

    @asynccontextmanager
    async def opened(application: Starlette) -> AsyncGenerator[None]:
        await database.open()
        async with limit.opened(application):
            yield
        await database.close()

    telemetry = Telemetry(access=configure_logging("info"))
    application = _application(limit, admit, opened)
    return EdgeMiddleware(application, (), telemetry.recorder, GracefulShutdown(0))


def _application(limit: Limit, admit: Callable[[Endpoint], Endpoint], opened: Callable[..., object]) -> Starlette:
    routes = [
        Route("/products", admit(limit.products)),
        Route("/products/{id}", admit(limit.product)),
        Route("/orders", admit(limit.orders)),
        Route("/pages/{name}", admit(limit.page)),
        Route("/orders", admit(limit.place), methods=["POST"]),
        Route("/v2/payments/intents", admit(limit.create_intent), methods=["POST"]),
        Route("/v2/payments/{id}/capture", admit(limit.capture), methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=opened)  # type: ignore[arg-type]  # a context manager of the application
