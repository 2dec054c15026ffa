"""Fixtures for orders: products in stock and orders of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from domain import catalog, orders
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from domain.orders.commands import OrderItemInput
from tests.conftest import Do, MakeProduct, Shop

MakeOrder = Callable[..., Awaitable[orders.Order]]
Stock = Callable[..., Awaitable[dict[str, tuple[int, int]]]]

LONDON = {"line1": "221B Baker Street", "city": "London", "country": "GB"}


@pytest.fixture
async def mug(make_product: MakeProduct) -> catalog.Product:
    """A product with ten in stock, at 5.00."""
    return await make_product(name="Red mug", variants=(VariantInput(sku="MUG", inventory=10),))


@pytest.fixture
def make_order(do: Do, mug: catalog.Product) -> MakeOrder:
    """Create orders, by default of two mugs: ``await make_order(quantity=3)``."""

    async def make(quantity: int = 2, **given: Any) -> orders.Order:
        items = (OrderItemInput(product_id=mug.id, quantity=quantity),)
        order: orders.Order = await do(orders.create_order, **{"items": items, **given})
        return order

    return make


@pytest.fixture
def stock(database: Database, shop: Shop) -> Stock:
    """Return the stock of each variant in all warehouses, by SKU: on hand and reserved. Also checks the ledgers."""

    async def read(principal: Principal | None = None) -> dict[str, tuple[int, int]]:
        store = (principal or shop.live).store.number
        async with database.system_connection() as connection:
            rows = await connection.fetch(_STOCK, store)
        for row in rows:
            assert row["on_hand"] == row["moved"], row
            assert row["reserved"] == row["held"], row
        return {row["sku"]: (row["on_hand"], row["reserved"]) for row in rows}

    return read


@pytest.fixture
def rows(database: Database, shop: Shop) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """Read the rows of a table of the live store of this test, by id."""

    async def read(table: str) -> list[dict[str, Any]]:
        async with database.system_connection() as connection:
            found = await connection.fetch(
                f"SELECT * FROM {table} WHERE store_id = $1 ORDER BY id", shop.live.store.number
            )
        return [{name: _plain(name, value) for name, value in row.items()} for row in found]

    return read


def _plain(name: str, value: Any) -> Any:
    return orjson.loads(value) if name in ("metadata", "shipping_address", "billing_address") and value else value


_STOCK = """
SELECT v.sku, sum(l.on_hand)::int AS on_hand, sum(l.reserved)::int AS reserved,
    (SELECT coalesce(sum(quantity), 0)::int FROM inventory_movement m
        WHERE m.store_id = v.store_id AND m.variant_id = v.id) AS moved,
    (SELECT coalesce(sum(quantity), 0)::int FROM inventory_reservation r
        WHERE r.store_id = v.store_id AND r.variant_id = v.id) AS held
FROM product_variant v JOIN inventory_level l ON l.store_id = v.store_id AND l.variant_id = v.id
WHERE v.store_id = $1 GROUP BY v.store_id, v.id, v.sku
"""
