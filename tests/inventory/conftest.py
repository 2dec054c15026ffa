"""Fixtures of stock: warehouses, levels filled by movements, and a check of the ledger."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain import catalog, inventory
from domain.inventory.model import Warehouse
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from tests.conftest import Shop

MakeWarehouse = Callable[..., Awaitable[str]]
Put = Callable[..., Awaitable[None]]
Levels = Callable[..., Awaitable[dict[tuple[str, str], tuple[int, int]]]]
Balanced = Callable[..., Awaitable[None]]


@pytest.fixture
def make_warehouse(database: Database, shop: Shop) -> MakeWarehouse:
    """Create warehouses: ``await make_warehouse("US", "CA")`` returns the id."""

    async def make(country: str | None = None, state: str | None = None, name: str = "Second") -> str:
        async with database.transaction(shop.live) as work:
            warehouse = Warehouse(
                store_id=shop.live.store.number,
                id=new_id("wh"),
                name=name,
                is_default=False,
                country=country,
                state=state,
                version=1,
                created_at=work.now,
                updated_at=work.now,
            )
            work.add(warehouse)
        return warehouse.id

    return make


@pytest.fixture
async def default(database: Database, shop: Shop) -> str:
    """Return the id of the default warehouse."""
    async with database.system_connection() as connection:
        found = await connection.fetchval(
            "SELECT id FROM warehouse WHERE store_id = $1 AND is_default", shop.live.store.number
        )
    return str(found)


@pytest.fixture
def put(database: Database, shop: Shop) -> Put:
    """Add stock of a product's variant to a warehouse: ``await put(product, warehouse, 5)``."""

    async def run(product: catalog.Product, warehouse: str, quantity: int, variant: int = 0) -> None:
        async with database.transaction(shop.live) as work:
            returned = inventory.ReturnedStock(product.id, product.variants[variant].id, quantity, warehouse)
            await inventory.restock(work, [returned], reason="received")

    return run


@pytest.fixture
def levels(database: Database) -> Levels:
    """Read on hand and reserved, by variant and warehouse."""

    async def read(*products: catalog.Product) -> dict[tuple[str, str], tuple[int, int]]:
        async with database.system_connection() as connection:
            rows = await connection.fetch(
                "SELECT variant_id, warehouse_id, on_hand, reserved FROM inventory_level WHERE product_id = any($1)",
                [product.id for product in products],
            )
        return {(row["variant_id"], row["warehouse_id"]): (row["on_hand"], row["reserved"]) for row in rows}

    return read


@pytest.fixture
def balanced(database: Database, shop: Shop) -> Balanced:
    """Check that levels are the sums of their movements and reservations, and never below zero."""

    async def check(principal: Principal | None = None) -> None:
        store = (principal or shop.live).store.number
        async with database.system_connection() as connection:
            wrong: list[Any] = await connection.fetch(_UNBALANCED, store)
        assert [tuple(row) for row in wrong] == []

    return check


_UNBALANCED = """
SELECT l.variant_id, l.warehouse_id, l.on_hand, l.reserved, m.total, r.total
FROM inventory_level l
LEFT JOIN (SELECT variant_id, warehouse_id, sum(quantity) AS total FROM inventory_movement WHERE store_id = $1
           GROUP BY 1, 2) m USING (variant_id, warehouse_id)
LEFT JOIN (SELECT variant_id, warehouse_id, sum(quantity) AS total FROM inventory_reservation WHERE store_id = $1
           GROUP BY 1, 2) r USING (variant_id, warehouse_id)
WHERE l.store_id = $1
  AND (l.on_hand <> coalesce(m.total, 0) OR l.reserved <> coalesce(r.total, 0) OR l.reserved < 0
       OR l.on_hand < l.reserved)
"""
