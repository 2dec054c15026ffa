"""A request, or a round of the reconciler, in a process of its own that dies at a step.

A fork server imports this, so that a process takes no longer than its connections do.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from domain import access
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.outbound_execution import OutboundReconciler
from domain.kernel.use_cases.unit_of_work import EventsWritten
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from tests.conftest import Client
from tests.marketplace import listing
from tests.marketplace.surfaces import SCHEMA, WITH_LISTING

LIST = """mutation ($id: ID!) { listProduct(input: { id: $id }) {
  state product { id version metadata } userErrors { code } } }"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is."""

    database_url: str
    market_port: int
    encryption_keys: str
    engine: str
    key: str
    """An API key."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request by one of the doors."""

    door: str
    product_id: str

    async def send(self, client: Client) -> httpx.Response:
        """The answer; the idempotency key is the product's id."""
        headers = {"Idempotency-Key": f"{self.door}-{self.product_id}"}
        if self.door == "rest":
            return await client("POST", f"/v2/products/{self.product_id}/list", json={}, headers=headers)
        body = {"query": LIST, "variables": {"id": self.product_id}}
        return await client("POST", "/graphql", json=body, headers=headers)


@asynccontextmanager
async def opened(place: Place) -> AsyncGenerator[tuple[Database, Client]]:
    """A database and a client of the application over it."""
    sizes = {"read_connections": 1, "write_connections": 2, "system_connections": 1, "identity_connections": 1}
    database = Database(DatabaseOptions(place.database_url, reactions=SIGNAL_HANDLERS, **sizes))
    database.provide(listing.SocketPort(place.market_port), listing.Listing)
    settings = Settings.model_validate({"encryption_keys": place.encryption_keys, "engine": place.engine})
    await database.open()
    try:
        app = build(settings, database, of=SCHEMA, endpoints=WITH_LISTING)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            yield database, Client(http, place.key)
    finally:
        await database.close()


def request(place: Place, attempt: Attempt, fatal: str | None) -> None:
    """Send the request; die at the step."""

    async def run() -> None:
        async with opened(place) as (database, client):
            _die_at(database, fatal, commits=2)
            answer = await attempt.send(client)
            assert answer.status_code in (200, 201), answer.text

    _run(run())


def reconcile(place: Place, hours: int, fatal: str | None) -> None:
    """One round of the reconciler, hours later; die at the step."""

    async def run() -> None:
        async with opened(place) as (database, _):
            _die_at(database, fatal, commits=1)
            await reconciler(database, hours).reconcile_due()

    _run(run())


def reconciler(database: Database, hours: int) -> OutboundReconciler:
    """As the worker's, hours later."""
    return OutboundReconciler(database, access.stores_by_number, clock=lambda: system_clock() + timedelta(hours=hours))


def _die_at(database: Database, fatal: str | None, commits: int) -> None:
    """``done``: after the last of so many commits."""
    listing.Steps.fatal = fatal
    left = commits

    def committed(_: EventsWritten) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            listing.Steps.pass_by("done")

    database.on_commit(EventsWritten, committed)


def _run(main: object) -> None:
    with listing.registered():
        asyncio.run(main)  # type: ignore[arg-type]
    sys.stdout.flush()
