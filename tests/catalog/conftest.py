"""Fixtures that run a use case of the catalog by one call, in a committed transaction of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from domain import catalog
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from tests.conftest import Do, Shop

Update = Callable[..., Awaitable[catalog.Product]]
Look = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def update(do: Do) -> Update:
    """Update a product: ``await update(product, name="Mug")``."""

    async def run(product: catalog.Product, **given: Any) -> catalog.Product:
        updated: catalog.Product = await do(catalog.update_product, id=product.id, **given)
        return updated

    return run


@pytest.fixture
def look(database: Database, shop: Shop) -> Look:
    """Read all rows of a product, including derived ones, to compare them before and after."""

    async def read(product: catalog.Product, principal: Principal | None = None) -> dict[str, Any]:
        store = (principal or shop.live).store
        found: dict[str, Any] = {}
        async with database.system_connection() as connection:
            for table, key, order in _TABLES:
                rows = await connection.fetch(
                    f"SELECT * FROM {table} WHERE store_id = $1 AND {key} = $2 ORDER BY {order}",
                    store.number,
                    product.id,
                )
                found[table] = [{name: _plain(name, value) for name, value in row.items()} for row in rows]
            slugs = await connection.fetch(
                "SELECT slug FROM category JOIN product_category pc ON pc.store_id = category.store_id "
                "AND pc.category_id = category.id WHERE pc.store_id = $1 AND pc.product_id = $2 ORDER BY slug",
                store.number,
                product.id,
            )
            found["categories"] = [row["slug"] for row in slugs]
            found["events"] = await connection.fetchval(
                "SELECT count(*) FROM event WHERE store_id = $1 AND object_id = $2", store.number, product.id
            )
        return found

    return read


_TABLES = (
    ("product", "id", "id"),
    ("product_variant", "product_id", "position, id"),
    ("product_image", "product_id", "position, id"),
    ("product_sku", "product_id", "sku_key"),
    ("product_word", "product_id", "word"),
    ("product_tag", "product_id", "tag_key"),
    ("inventory_level", "product_id", "variant_id, warehouse_id"),
    ("inventory_movement", "product_id", "created_at, id"),
)


def _plain(name: str, value: Any) -> Any:
    return orjson.loads(value) if name in {"metadata", "attributes"} else value
