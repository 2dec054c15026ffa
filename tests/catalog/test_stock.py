"""Stock set through the catalog: opened, set and written off by movements, without events of the product."""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

import pytest

from domain import catalog
from domain.catalog.commands import VariantChange, VariantInput
from domain.inventory.reads import stock_by_variant
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.principal import Principal
from tests.catalog.conftest import Look, Update
from tests.catalog.test_product_creation import Events, refusal_of
from tests.conftest import Do, MakeProduct, Shop

SEED = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))


async def reserve(database: Database, principal: Principal, variant_id: str, quantity: int) -> None:
    """Reserve stock as an order does."""
    async with database.system_connection() as connection:
        done = await connection.execute(
            "UPDATE inventory_level SET reserved = $3 WHERE store_id = $1 AND variant_id = $2",
            principal.store.number,
            variant_id,
            quantity,
        )
    assert done == "UPDATE 1"


async def available(database: Database, principal: Principal, variant_id: str) -> int | None:
    async with database.read_connection(principal.store) as reader:
        row = await stock_by_variant.for_key(reader, variant_id)
    return None if row is None else row.available


def moves(found: dict[str, Any]) -> list[tuple[int, str]]:
    return [(move["quantity"], move["reason"]) for move in found["inventory_movement"]]


async def test_stock_said_of_a_known_variant_is_set_by_a_movement_of_the_difference(
    make_product: MakeProduct, update: Update, look: Look, database: Database, shop: Shop, events: Events
) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=10),))
    variant = product.variants[0].id
    for quantity in (4, 4, 9, 0):
        await update(product, variants=(VariantChange(sku="A", inventory=quantity),))
        assert await available(database, shop.live, variant) == quantity
    found = await look(product)
    assert moves(found) == [(10, "opening"), (-6, "correction"), (5, "correction"), (-9, "correction")]
    assert found["product"][0]["version"] == 1
    assert [event["type"] for event in await events()] == ["product.created", "inventory.out_of_stock"]


async def test_stock_and_another_change_together_are_one_update(
    make_product: MakeProduct, do: Do, look: Look, events: Events
) -> None:
    product = await make_product()
    variant = product.variants[0].id
    await do(catalog.update_variant, product_id=product.id, id=variant, inventory=5, attributes={"size": "L"})
    assert moves(await look(product)) == [(5, "opening")]
    assert [event["changed_fields"] for event in await events()] == [[], ["variants"]]


async def test_what_is_said_is_what_is_available_beside_what_is_reserved(
    make_product: MakeProduct, update: Update, look: Look, database: Database, shop: Shop
) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=10),))
    variant = product.variants[0].id
    await reserve(database, shop.live, variant, 3)
    await update(product, variants=(VariantChange(sku="A", inventory=20),))
    found = await look(product)
    assert [(row["on_hand"], row["reserved"]) for row in found["inventory_level"]] == [(23, 3)]
    assert moves(found) == [(10, "opening"), (13, "correction")]
    assert await available(database, shop.live, variant) == 20


async def test_the_stock_of_a_removed_variant_is_written_off(make_product: MakeProduct, do: Do, look: Look) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=10), VariantInput(sku="B", inventory=2)))
    first, second = (variant.id for variant in product.variants)
    await do(catalog.remove_variant, product_id=product.id, id=first)
    found = await look(product)
    assert [row["variant_id"] for row in found["inventory_level"]] == [second]
    ledger = [(move["variant_id"], move["quantity"], move["reason"]) for move in found["inventory_movement"]]
    assert sorted(ledger) == sorted([(first, 10, "opening"), (second, 2, "opening"), (first, -10, "variant_removed")])


async def test_a_variant_with_reserved_stock_cannot_be_removed(
    make_product: MakeProduct, do: Do, look: Look, database: Database, shop: Shop
) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=10), VariantInput(sku="B")))
    await reserve(database, shop.live, product.variants[0].id, 1)
    before = await look(product)
    with pytest.raises(Conflict) as refusal:
        await do(catalog.remove_variant, product_id=product.id, id=product.variants[0].id)
    assert refusal_of(refusal.value) == (ErrorCode.ILLEGAL_TRANSITION, ("id",))
    assert await look(product) == before


async def test_a_refused_change_moves_no_stock(make_product: MakeProduct, update: Update, look: Look) -> None:
    await make_product(sku="TAKEN")
    product = await make_product(variants=(VariantInput(sku="A", inventory=10),))
    before = await look(product)
    with pytest.raises(Conflict):
        await update(product, sku="TAKEN", variants=(VariantChange(sku="A", inventory=1),))
    assert await look(product) == before


async def test_movements_contain_their_actor(make_product: MakeProduct, shop: Shop, look: Look) -> None:
    caller = Principal(shop.live.store, shop.live.scopes, "key_caller")
    product = await make_product(caller, variants=(VariantInput(sku="A", inventory=10),))
    assert [move["actor"] for move in (await look(product))["inventory_movement"]] == ["key_caller"]


@pytest.mark.both_servers
async def test_levels_are_the_sum_of_their_movements_whatever_happens_at_once(
    make_product: MakeProduct, do: Do, update: Update, database: Database, shop: Shop
) -> None:
    print(f"GATEWAY_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    products = [
        await make_product(sku=f"P{n}", variants=tuple(VariantInput(sku=f"P{n}-{m}", inventory=5) for m in range(3)))
        for n in range(4)
    ]

    def step(turn: int) -> Any:
        product = chance.choice(products)
        variant, quantity = chance.choice(product.variants), chance.randrange(20)
        match chance.randrange(5):
            case 0:
                return do(catalog.add_variant, product_id=product.id, sku=f"N{turn}", inventory=quantity)
            case 1:
                return do(catalog.remove_variant, product_id=product.id, id=variant.id)
            case 2:
                return do(catalog.update_variant, product_id=product.id, id=variant.id, inventory=quantity)
            case 3:
                changes = tuple(
                    VariantChange(sku=each.sku, inventory=chance.randrange(20))
                    for each in chance.sample(product.variants, 2)
                )
                return update(product, variants=changes)
            case _:
                stale = chance.randrange(1, 4)
                return update(product, expected_version=stale, variants=(VariantChange(id=variant.id, inventory=1),))

    for turn in range(15):
        outcomes = await asyncio.gather(*(step(10 * turn + n) for n in range(10)), return_exceptions=True)
        refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert {type(refusal).__module__ for refusal in refusals} <= {"domain.kernel.errors"}, refusals
        async with database.system_connection() as connection:
            wrong = await connection.fetch(_DIFFERENCES, shop.live.store.number)
        assert wrong == []


_DIFFERENCES = """
SELECT variant_id, level.on_hand, ledger.sum
FROM (SELECT variant_id, warehouse_id, on_hand FROM inventory_level WHERE store_id = $1) AS level
FULL JOIN (
    SELECT variant_id, warehouse_id, sum(quantity) AS sum FROM inventory_movement WHERE store_id = $1
    GROUP BY variant_id, warehouse_id
) AS ledger USING (variant_id, warehouse_id)
WHERE coalesce(level.on_hand, 0) <> coalesce(ledger.sum, 0)
"""
