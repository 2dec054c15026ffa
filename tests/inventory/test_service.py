"""Stock: one default warehouse per store, an immutable ledger, and levels that cannot go below zero."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from domain import inventory
from domain.inventory.model import InventoryLevel, Warehouse
from domain.inventory.reads import stock_by_variant
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from tests.conftest import MakeProduct, Shop


async def warehouses(database: Database, principal: Principal) -> list[tuple[str, bool, int]]:
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT name, is_default, version FROM warehouse WHERE store_id = $1", principal.store.number
        )
    return [tuple(row) for row in rows]


async def make_warehouse(database: Database, principal: Principal, *, is_default: bool = False) -> str:
    async with database.transaction(principal) as work:
        warehouse = Warehouse(
            store_id=principal.store.number,
            id=new_id("wh"),
            name="Second",
            is_default=is_default,
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
        work.add(warehouse)
    return warehouse.id


async def put(
    database: Database, principal: Principal, variant: tuple[str, str], warehouse: str, held: tuple[int, int]
) -> None:
    """Insert a level directly: on hand and reserved."""
    product_id, variant_id = variant
    on_hand, reserved = held
    async with database.transaction(principal) as work:
        work.add(
            InventoryLevel(
                store_id=principal.store.number,
                variant_id=variant_id,
                warehouse_id=warehouse,
                product_id=product_id,
                on_hand=on_hand,
                reserved=reserved,
                updated_at=work.now,
            )
        )


async def available(database: Database, principal: Principal, *variants: str) -> list[int | None]:
    async with database.read_connection(principal.store) as reader:
        rows = await stock_by_variant.for_keys(reader, variants)
    return [None if row is None else row.available for row in rows]


async def test_every_new_store_has_one_default_warehouse(database: Database, shop: Shop) -> None:
    for principal in (shop.live, shop.test):
        assert await warehouses(database, principal) == [("Main warehouse", True, 1)]


async def test_a_store_has_no_second_default_warehouse(database: Database, shop: Shop) -> None:
    with pytest.raises(IntegrityError, match="warehouse_default_idx"):
        await make_warehouse(database, shop.live, is_default=True)
    assert len(await warehouses(database, shop.live)) == 1


async def test_what_is_available_is_summed_over_all_warehouses_less_what_is_reserved(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product()
    variant = (product.id, product.variants[0].id)
    assert await available(database, shop.live, variant[1]) == [None]
    await put(database, shop.live, variant, await make_warehouse(database, shop.live), (10, 4))
    async with database.transaction(shop.live) as work:
        await inventory.set_available(work, {variant[1]: (product.id, 13, ())})
    assert await available(database, shop.live, "var_unknown", variant[1]) == [None, 13]
    assert await available(database, shop.test, variant[1]) == [None]


async def test_declaring_moves_the_default_warehouse_only(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product()
    variant = product.variants[0].id
    second = await make_warehouse(database, shop.live)
    await put(database, shop.live, (product.id, variant), second, (10, 0))
    for quantity in (13, 15):
        async with database.transaction(shop.live) as work:
            await inventory.set_available(work, {variant: (product.id, quantity, ())})
    async with database.system_connection() as connection:
        levels = await connection.fetch(
            "SELECT warehouse_id = $2 AS second, on_hand FROM inventory_level WHERE variant_id = $1", variant, second
        )
        moved = await connection.fetch(
            "SELECT quantity, reason, note FROM inventory_movement WHERE variant_id = $1 ORDER BY id", variant
        )
    assert sorted(map(tuple, levels)) == [(False, 5), (True, 10)]
    assert [tuple(row) for row in moved] == [(3, "opening", None), (2, "correction", None)]


async def test_writing_off_empties_every_warehouse(database: Database, shop: Shop, make_product: MakeProduct) -> None:
    product = await make_product()
    variant = product.variants[0].id
    second = await make_warehouse(database, shop.live)
    await put(database, shop.live, (product.id, variant), second, (10, 0))
    async with database.transaction(shop.live) as work:
        await inventory.set_available(work, {variant: (product.id, 14, ())})
        await inventory.write_off(work, product.id, variant)
    assert await available(database, shop.live, variant) == [0]
    async with database.system_connection() as connection:
        moved = await connection.fetch(
            "SELECT quantity, reason FROM inventory_movement WHERE variant_id = $1 ORDER BY id", variant
        )
    assert sorted(map(tuple, moved)) == [(-10, "variant_removed"), (-4, "variant_removed"), (4, "opening")]


@pytest.mark.parametrize("held", [(-1, 0), (1, 2), (1, -1)])
async def test_a_level_below_zero_or_below_what_is_reserved_cannot_be_stored(
    database: Database, shop: Shop, make_product: MakeProduct, held: tuple[int, int]
) -> None:
    product = await make_product()
    variant = (product.id, product.variants[0].id)
    with pytest.raises(IntegrityError, match="inventory_level"):
        await put(database, shop.live, variant, await make_warehouse(database, shop.live), held)
    assert await available(database, shop.live, variant[1]) == [None]


async def test_declaring_the_same_variants_in_any_order_at_once_blocks_nobody(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    products = [await make_product() for _ in range(4)]
    quantities = {product.variants[0].id: (product.id, 1) for product in products}

    async def declare(backwards: bool, quantity: int) -> None:
        order = reversed(quantities) if backwards else quantities
        async with database.transaction(shop.live) as work:
            await inventory.set_available(work, {id: (quantities[id][0], quantity, ()) for id in order})

    await declare(backwards=False, quantity=1)
    await asyncio.gather(*(declare(turn % 2 == 0, turn) for turn in range(10)))
    assert len(set(await available(database, shop.live, *quantities))) == 1
