"""Fixtures for customers: each use case runs in a transaction of its own, committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from domain import customers
from domain.kernel.database import Database
from domain.kernel.listing import Query
from tests.conftest import Shop

Look = Callable[..., Awaitable[dict[str, Any]]]
Found = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def look(database: Database, shop: Shop) -> Look:
    """Read all rows of a customer, including derived rows, to see what changed, or that nothing did."""

    async def read(customer_id: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        async with database.system_connection() as connection:
            for table, key in _TABLES.items():
                rows = await connection.fetch(
                    f"SELECT * FROM {table} WHERE store_id = $1 AND {key} = $2 ORDER BY 2, 3",
                    shop.live.store.number,
                    customer_id,
                )
                found[table] = [dict(row) for row in rows]
        for row in (*found["customer"], *found["event"]):
            row.pop("position", None)  # assigned after the commit
            for name in {"metadata", "snapshot"} & row.keys():
                row[name] = orjson.loads(row[name])
        return found

    return read


@pytest.fixture
def found(database: Database, shop: Shop) -> Found:
    """Return the e-mail addresses of the customers that match, in list order: ``await found(name="jane")``."""

    async def read(sort: str | None = "email", **filters: Any) -> list[str]:
        async with database.read_connection(shop.live.store) as reader:
            page = await customers.reads.customers.page(reader, Query(filters=filters, sort=sort), counted=True)
        assert page.total == len(page.rows)
        return [row.email for row in page.rows]

    return read


_TABLES = {
    "customer": "id",
    "customer_address": "customer_id",
    "customer_tag": "customer_id",
    "customer_word": "customer_id",
    "event": "object_id",
}
