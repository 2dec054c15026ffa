"""The ground a benchmark stands on: a database of its own, products in it, a server process."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
from sqlalchemy import make_url

from domain import access, catalog, migrations
from domain.access.commands import CreateApiKey
from domain.catalog.commands import CreateProduct, VariantInput
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan, Principal
from domain.reactions import REACTIONS
from gateway.embedded_postgres import EmbeddedPostgres, default_data_dir

PRODUCTS = 10_000
VARIANTS = 3
BATCH = 500


@dataclass(frozen=True, slots=True)
class Ground:
    """Where to send requests, with which key, and which process answers them."""

    url: str
    key: str
    pid: int
    product_id: str
    database_url: str


@asynccontextmanager
async def ground() -> AsyncGenerator[Ground]:
    """Everything set up, and taken down afterwards."""
    with ExitStack() as stack:
        server_url = os.environ.get("GATEWAY_TEST_DATABASE_URL") or stack.enter_context(
            EmbeddedPostgres(default_data_dir(os.geteuid() == 0))
        )
        async with bench_database(server_url) as url:
            key, product_id = await _fill(url)
            async with _serving(url) as (base, pid):
                yield Ground(base, key, pid, product_id, url)


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
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


async def _fill(url: str) -> tuple[str, str]:
    """The products and a key; answers the key and the id of one product."""
    database = Database(DatabaseOptions(url, reactions=REACTIONS))
    await database.open()
    try:
        async with database.administering() as administration:
            stores = await access.create_account(
                administration, database.clock(), name="Bench", plan=Plan.ENTERPRISE, currency="GBP"
            )
        caller = access.operator(stores[Mode.LIVE])
        for start in range(0, PRODUCTS, BATCH):
            async with database.writing(caller) as work:
                commands = [_product(number, caller) for number in range(start, start + BATCH)]
                made = await catalog.create_products(work, caller, commands)
        async with database.writing(caller) as work:
            issued = await access.create_key(work, caller, CreateApiKey(name="bench", scopes=("all",)))
        async with database.system() as connection:
            await connection.execute("SET ROLE gateway_owner; ANALYZE; SET ROLE gateway_system")
        return issued.secret, made[0].id
    finally:
        await database.close()


def _product(number: int, caller: Principal) -> CreateProduct:
    currency = caller.store.currency
    return CreateProduct(
        name=f"Product {number}",
        sku=f"P-{number}",
        price=Money(100 + number % 5_000, currency),
        categories=(f"category-{number % 20}",),
        variants=tuple(
            VariantInput(sku=f"P-{number}-{size}", inventory=10, attributes={"size": size, "color": "Blue"})
            for size in ("S", "M", "L")[:VARIANTS]
        ),
    )


@asynccontextmanager
async def _serving(url: str) -> AsyncGenerator[tuple[str, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    environment = {**os.environ, "GATEWAY_DATABASE_URL": url, "GATEWAY_ENCRYPTION_KEYS": f"k1:{key}"}
    arguments = (sys.executable, "-m", "gateway", "serve", "--port", str(port))
    process = await asyncio.create_subprocess_exec(*arguments, env=environment)
    base = f"http://127.0.0.1:{port}"
    try:
        await _until_ready(base)
        yield base, process.pid
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)


async def _until_ready(base: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(20):
        while True:
            try:
                if (await client.get(f"{base}/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
