"""Reservations: all lines or none, from the nearest warehouse, and never more than is available."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from domain import catalog, inventory
from domain.catalog.commands import VariantInput
from domain.inventory import Allocation, Locality, ReservationRequest, ReturnedStock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import Conflict, ErrorCode
from domain.signal_handlers import SIGNAL_HANDLERS
from tests.conftest import MakeProduct, Shop
from tests.inventory.conftest import Balanced, Levels, MakeWarehouse, Put


def line(
    product: catalog.Product, quantity: int, holder: str = "item_1", *, variant: int = 0, at: int = 0
) -> ReservationRequest:
    path = ("items", at, "quantity")
    return ReservationRequest(holder, product.id, product.variants[variant].id, quantity, path)


async def reserve(
    database: Database, shop: Shop, wanted: Sequence[ReservationRequest], near: Locality | None = None
) -> dict[str, list[tuple[str, int]]]:
    """Read the reserved quantities by holder and warehouse."""
    async with database.transaction(shop.live) as work:
        taken = await inventory.reserve(work, wanted, near)
    found: dict[str, list[tuple[str, int]]] = {}
    for each in taken:
        found.setdefault(each.holder_id, []).append((each.warehouse_id, each.quantity))
    return found


async def release(database: Database, shop: Shop, holders: Mapping[str, int | None]) -> None:
    async with database.transaction(shop.live) as work:
        await inventory.release(work, holders)


async def consume(database: Database, shop: Shop, holders: Mapping[str, int | None], **why: Any) -> list[Allocation]:
    async with database.transaction(shop.live) as work:
        return await inventory.consume(work, holders, **{"reason": "sold", **why})


async def held(database: Database, shop: Shop) -> dict[tuple[str, str], int]:
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT holder_id, warehouse_id, quantity FROM inventory_reservation WHERE store_id = $1",
            shop.live.store.number,
        )
    return {(row["holder_id"], row["warehouse_id"]): row["quantity"] for row in rows}


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (Locality("US", "ca"), "california"),
        (Locality("US", "TX"), "new_york"),
        (Locality("us"), "new_york"),
        (Locality("CA"), "new_york"),
        (Locality("DE"), "france"),
        (Locality("JP"), "default"),
        (Locality(None), "default"),
        (None, "default"),
    ],
)
async def test_a_line_is_filled_by_the_nearest_warehouse_that_can(
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
    near: Locality | None,
    expected: str,
) -> None:
    product = await make_product()
    places = {
        "new_york": await make_warehouse("US", "NY"),
        "california": await make_warehouse("US", "CA"),
        "france": await make_warehouse("FR"),
        "default": default,
    }
    for warehouse in places.values():
        await put(product, warehouse, 5)
    assert await reserve(database, shop, [line(product, 5)], near) == {"item_1": [(places[expected], 5)]}


async def test_a_farther_warehouse_that_holds_all_goes_before_two_nearer_ones(
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
    balanced: Balanced,
) -> None:
    product = await make_product()
    near, nearer = await make_warehouse("US", "NY"), await make_warehouse("US", "CA")
    await put(product, near, 3)
    await put(product, nearer, 2)
    await put(product, default, 5)
    assert await reserve(database, shop, [line(product, 5)], Locality("US", "CA")) == {"item_1": [(default, 5)]}
    assert await reserve(database, shop, [line(product, 4, "item_2")], Locality("US", "CA")) == {
        "item_2": [(nearer, 2), (near, 2)]
    }
    await balanced()


async def test_lines_of_the_same_variant_share_the_available_stock(
    database: Database, shop: Shop, make_product: MakeProduct, put: Put, default: str, balanced: Balanced
) -> None:
    product = await make_product()
    await put(product, default, 5)
    with pytest.raises(Conflict) as refused:
        await reserve(database, shop, [line(product, 3), line(product, 3, "item_2", at=1)])
    assert [(each.path, each.message) for each in refused.value.problems] == [
        (("items", 1, "quantity"), "Insufficient stock: 2 available.")
    ]
    assert await held(database, shop) == {}
    await reserve(database, shop, [line(product, 3), line(product, 2, "item_2", at=1)])
    assert await held(database, shop) == {("item_1", default): 3, ("item_2", default): 2}
    await balanced()


async def test_all_lines_are_reserved_or_none_and_each_that_fails_is_reported(
    database: Database, shop: Shop, make_product: MakeProduct, put: Put, default: str, levels: Levels
) -> None:
    plenty, few, none = await make_product(), await make_product(), await make_product()
    await put(plenty, default, 5)
    await put(few, default, 1)
    before = await levels(plenty, few, none)
    wanted = [line(plenty, 5, "a"), line(few, 2, "b", at=1), line(none, 1, "c", at=2)]
    with pytest.raises(Conflict) as refused:
        await reserve(database, shop, wanted)
    assert refused.value.code is ErrorCode.INSUFFICIENT_STOCK
    assert [(each.path, each.code, each.message) for each in refused.value.problems] == [
        (("items", 1, "quantity"), ErrorCode.INSUFFICIENT_STOCK, "Insufficient stock: 1 available."),
        (("items", 2, "quantity"), ErrorCode.INSUFFICIENT_STOCK, "Insufficient stock: 0 available."),
    ]
    assert await levels(plenty, few, none) == before
    assert await held(database, shop) == {}


async def test_a_holder_that_reserves_again_holds_both(
    database: Database, shop: Shop, make_product: MakeProduct, put: Put, default: str, balanced: Balanced
) -> None:
    product = await make_product()
    await put(product, default, 5)
    await reserve(database, shop, [line(product, 2)])
    await reserve(database, shop, [line(product, 3)])
    assert await held(database, shop) == {("item_1", default): 5}
    await balanced()


async def test_released_stock_is_available_again(
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
    levels: Levels,
    balanced: Balanced,
) -> None:
    product = await make_product()
    variant, second = product.variants[0].id, await make_warehouse()
    await put(product, default, 4)
    await put(product, second, 2)
    await reserve(database, shop, [line(product, 6)])
    await release(database, shop, {"item_1": 3})  # the two in the second, and one more
    assert await held(database, shop) == {("item_1", default): 3}
    assert await levels(product) == {(variant, default): (4, 3), (variant, second): (2, 0)}
    await balanced()
    await release(database, shop, {"item_1": None, "item_unknown": None})
    assert await levels(product) == {(variant, default): (4, 0), (variant, second): (2, 0)}
    assert await held(database, shop) == {}
    await balanced()


async def test_consumed_stock_leaves_by_movements_with_a_reason(
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
    levels: Levels,
    balanced: Balanced,
) -> None:
    product = await make_product()
    variant, second = product.variants[0].id, await make_warehouse()
    await put(product, default, 4)
    await put(product, second, 3)
    await reserve(database, shop, [line(product, 6)])
    taken = await consume(database, shop, {"item_1": 5}, reference="ord_1", note="Order 1")
    assert [(each.warehouse_id, each.quantity) for each in taken] == [(default, 4), (second, 1)]
    assert await levels(product) == {(variant, default): (0, 0), (variant, second): (2, 1)}
    await balanced()
    assert len(await consume(database, shop, {"item_1": None})) == 1
    assert await consume(database, shop, {"item_1": None}) == []
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT quantity, reason, note, reference, actor FROM inventory_movement WHERE variant_id = $1 "
            "AND quantity < 0 ORDER BY id",
            variant,
        )
    assert [tuple(row) for row in rows] == [
        (-4, "sold", "Order 1", "ord_1", "system"),
        (-1, "sold", "Order 1", "ord_1", "system"),
        (-1, "sold", None, None, "system"),
    ]
    await balanced()


@pytest.mark.parametrize("do", [release, consume])
async def test_no_holder_gives_more_than_it_has(
    database: Database, shop: Shop, make_product: MakeProduct, put: Put, default: str, levels: Levels, do: Any
) -> None:
    product = await make_product()
    await put(product, default, 4)
    await reserve(database, shop, [line(product, 3)])
    before = await levels(product)
    for asked in ({"item_1": 4}, {"item_unknown": 1}):
        with pytest.raises(ValueError, match="more than is reserved"):
            await do(database, shop, asked)
    assert await levels(product) == before


async def test_what_comes_back_is_on_hand_again_unless_its_variant_is_gone(
    database: Database, shop: Shop, make_product: MakeProduct, default: str, levels: Levels, balanced: Balanced
) -> None:
    product = await make_product(variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    kept, gone = product.variants[0].id, product.variants[1].id
    async with database.transaction(shop.live) as work:
        command = catalog.commands.RemoveVariant(product_id=product.id, id=gone)
        await catalog.remove_variant(work, shop.live, command)
    returned = [ReturnedStock(product.id, gone, 1), ReturnedStock(product.id, kept, 2)]
    async with database.transaction(shop.live) as work:
        shelved = await inventory.restock(work, returned, reason="returned", reference="ret_1")
    assert shelved == [ReturnedStock(product.id, kept, 2, default)]
    assert await levels(product) == {(kept, default): (2, 0)}
    await balanced()


async def test_a_variant_with_reserved_stock_cannot_go_not_even_past_the_use_case(
    database: Database, shop: Shop, make_product: MakeProduct, put: Put, default: str
) -> None:
    product = await make_product(variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    await put(product, default, 1)
    await reserve(database, shop, [line(product, 1)])
    async with database.transaction(shop.live) as work:
        command = catalog.commands.RemoveVariant(product_id=product.id, id=product.variants[0].id)
        with pytest.raises(Conflict, match="reserved"):
            await catalog.remove_variant(work, shop.live, command)
        await work.session.rollback()
    with pytest.raises(IntegrityError, match="inventory_reservation"):
        async with database.transaction(shop.live) as work:
            await work.session.delete(await work.lock(catalog.ProductVariant, product.variants[0].id, noun="variant"))


async def test_stock_of_another_store_is_out_of_reach(
    database: Database, shop: Shop, other_shop: Shop, make_product: MakeProduct, put: Put, default: str
) -> None:
    product = await make_product()
    await put(product, default, 5)
    await reserve(database, shop, [line(product, 2)])
    async with database.transaction(other_shop.live) as work:
        with pytest.raises(Conflict, match="Insufficient stock: 0 available"):
            await inventory.reserve(work, [line(product, 1)], None)
        await inventory.release(work, {"item_1": None})
        assert await inventory.consume(work, {"item_1": None}, reason="sold") == []
        assert await inventory.restock(work, [ReturnedStock(product.id, product.variants[0].id, 1)], reason="x") == []
    assert await held(database, shop) == {("item_1", default): 2}


@pytest.mark.both_servers
async def test_a_thousand_buyers_of_the_last_ten_in_two_warehouses_get_exactly_ten(
    database: Database,
    database_url: str,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
    levels: Levels,
    balanced: Balanced,
) -> None:
    product, second = await make_product(), await make_warehouse("US")
    await put(product, default, 6)
    await put(product, second, 4)
    elsewhere = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS))  # as another process would
    await elsewhere.open()
    turns = asyncio.Semaphore(16)

    async def buy(number: int) -> ErrorCode | None:
        async with turns, (database if number % 2 else elsewhere).transaction(shop.live) as work:
            try:
                wanted = [line(product, 1, f"item_{number}")]
                await inventory.reserve(work, wanted, Locality("US" if number % 3 else "FR"))
            except Conflict as refused:
                return refused.code
        return None

    try:
        bought = await asyncio.gather(*(buy(number) for number in range(1000)))
    finally:
        await elsewhere.close()
    assert Counter(bought) == {None: 10, ErrorCode.INSUFFICIENT_STOCK: 990}
    variant = product.variants[0].id
    assert await levels(product) == {(variant, default): (6, 6), (variant, second): (4, 4)}
    assert len(await held(database, shop)) == 10
    await balanced()


async def test_writers_of_several_products_in_any_order_never_block_each_other(
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
    balanced: Balanced,
) -> None:
    products = [await make_product() for _ in range(4)]
    second = await make_warehouse()
    for product in products:
        await put(product, default, 50)
    turns = asyncio.Semaphore(8)

    async def write(number: int) -> None:
        order = products if number % 2 else products[::-1]
        wanted = [line(product, 1, f"item_{number}_{product.id}") for product in order]
        async with turns:
            async with database.transaction(shop.live) as work:
                await inventory.reserve(work, wanted, None)
            async with database.transaction(shop.live) as work:
                returned = [ReturnedStock(product.id, product.variants[0].id, 1, second) for product in order]
                await inventory.restock(work, returned, reason="received")
            async with database.transaction(shop.live) as work:
                holders = dict.fromkeys([each.holder_id for each in reversed(wanted)])
                if number % 3:
                    await inventory.release(work, holders)
                else:
                    await inventory.consume(work, holders, reason="sold")

    await asyncio.gather(*(write(number) for number in range(40)))
    assert await held(database, shop) == {}
    await balanced()
