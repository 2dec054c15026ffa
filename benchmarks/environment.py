"""The ground a benchmark stands on: a database of its own, a shop in it, a key to the shop."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy import make_url

from benchmarks.shop import Size, fill, product_id
from domain import access, migrations
from domain.access.commands import CreateApiKey
from domain.access.quotas import MAX_REQUESTS
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Mode, Plan, Store
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.embedded_postgres import EmbeddedPostgres, default_data_dir


@dataclass(frozen=True, slots=True)
class BenchEnvironment:
    """Where the rows are, whose they are, and the key that opens the shop."""

    database_url: str
    store: Store
    key: str
    size: Size
    server_version: str

    @property
    def product_id(self) -> str:
        """The product that is asked for where one is."""
        return product_id(self.size.products // 2)


@asynccontextmanager
async def ground(size: Size | None = None, server_url: str | None = None) -> AsyncGenerator[BenchEnvironment]:
    """A shop of this size on a server: the one given or pointed at, else the embedded one. Taken down afterwards."""
    with ExitStack() as stack:
        server_url = server_url or os.environ.get("GATEWAY_TEST_DATABASE_URL")
        if not server_url:
            server_url = stack.enter_context(EmbeddedPostgres(default_data_dir(os.geteuid() == 0)))
        async with bench_database(server_url) as url:
            yield await _settle(url, size or Size())


@asynccontextmanager
async def bench_database(server_url: str) -> AsyncGenerator[str]:
    """The URL of a migrated database, dropped afterwards."""
    name = f"gateway_bench_{secrets.token_hex(4)}"
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name}")
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    try:
        await migrations.upgrade(url, system_clock())
        yield url
    finally:
        await _drop(server, name)
        await server.close()


async def _drop(server: asyncpg.Connection, name: str) -> None:
    """Whoever is in it: WITH (FORCE) is refused to a login that is no superuser while autovacuum is at work there."""
    await server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'",
        name,
    )
    await server.execute(f"DROP DATABASE {name}")


async def _settle(url: str, size: Size) -> BenchEnvironment:
    """An account, its shop, a key of every scope."""
    database = Database(DatabaseOptions(url, reactions=SIGNAL_HANDLERS))
    await database.open()
    try:
        async with database.admin_transaction() as administration:
            stores = await access.create_account(
                administration, database.clock(), name="Bench", plan=Plan.ENTERPRISE, currency="GBP"
            )
            await access.set_account_limits(administration, "Bench", hourly=MAX_REQUESTS, daily=MAX_REQUESTS)
        caller = access.system_principal(stores[Mode.LIVE])
        await fill(url, caller.store, size)
        async with database.transaction(caller) as work:
            issued = await access.create_key(work, caller, CreateApiKey(name="bench", scopes=("all",)))
        async with database.system_connection() as connection:
            version = await connection.fetchval("SHOW server_version")
        return BenchEnvironment(url, caller.store, issued.secret, size, version)
    finally:
        await database.close()
