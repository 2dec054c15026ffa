"""``python -m benchmarks.product_views``: views of products that one process counts in a second, by REST.

One process, one application, sixteen requests at a time to a hundred products, while the counts are written each
second. PostgreSQL is asked how many transactions it had meanwhile, the look-ups of products and of the key included.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Any

import asyncpg
from starlette.types import ASGIApp, Message

from benchmarks.environment import BenchEnvironment, ground
from benchmarks.shop import Size, product_id
from domain.analytics import ProductViews
from domain.kernel.database import Database
from gateway.app import build
from gateway.database_setup import database_options
from gateway.settings import Settings

VIEWS = 40_000
PRODUCTS = 100
CONCURRENT_VIEWS = 16
_TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
_WRITTEN = "SELECT coalesce(sum(views), 0)::bigint FROM product_view_count WHERE span = 'month'"


async def view(application: ASGIApp, stand: BenchEnvironment, numbers: Iterator[int]) -> None:
    """Send a view for each number."""
    headers = [(b"authorization", f"Bearer {stand.key}".encode()), (b"content-length", b"0")]
    fixed = {"type": "http", "method": "POST", "query_string": b"", "root_path": "", "scheme": "http"}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message.get("status", 204) != 204:
            sys.exit(f"a view is answered with {message}")

    for number in numbers:
        path = f"/v2/products/{product_id(1 + number % PRODUCTS)}/views"
        scope: dict[str, Any] = {**fixed, "path": path, "headers": headers, "client": ("127.0.0.1", 1), "state": {}}
        await application(scope, receive, send)


async def transactions(stand: BenchEnvironment) -> int:
    """How many the database had. Backends report theirs after a second."""
    await asyncio.sleep(1.5)
    connection = await asyncpg.connect(stand.database_url)
    try:
        return int(await connection.fetchval(_TRANSACTIONS))
    finally:
        await connection.close()


async def main() -> None:
    """Measure and print."""
    async with ground(Size(products=1_000, customers=10, orders=10)) as stand:
        settings = Settings(encryption_keys=f"k1:{'A' * 43}=", database_url=stand.database_url)
        database = Database(database_options(settings, stand.database_url))
        await database.open()
        application = build(settings, database)
        views: ProductViews = database.dependency(ProductViews)
        writing = asyncio.create_task(views.run())
        await view(application, stand, iter(range(200)))
        before = await transactions(stand)
        numbers = iter(range(VIEWS))
        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(view(application, stand, numbers) for _ in range(CONCURRENT_VIEWS)))
        seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        asked = await transactions(stand) - before
        async with database.system_connection() as connection:
            written = await connection.fetchval(_WRITTEN)
        await database.close()
    sys.stdout.write(
        f"{VIEWS / seconds:,.0f} views a second, {spent / VIEWS * 1e6:.0f} µs of CPU each; {asked / VIEWS:.5f} "
        f"transactions a view; {written - 200:,} of {VIEWS:,} are in the table\n"
    )


if __name__ == "__main__":
    asyncio.run(main())
