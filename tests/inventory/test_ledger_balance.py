"""The ledger balances under concurrent changes: levels are the sums of movements and reservations."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from domain import catalog, inventory
from domain.catalog.commands import RemoveVariant, UpdateVariant, VariantInput
from domain.inventory import ReservationRequest, ReturnedStock
from domain.inventory.commands import AdjustInventory, SetInventoryAlert, TransferInventory
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, NotFound, ValidationFailed
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from tests.conftest import MakeProduct, Shop
from tests.inventory.conftest import Balanced, MakeWarehouse

SEED = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
OPERATIONS = int(os.environ.get("GATEWAY_TEST_STOCK_OPERATIONS", "200"))
Act = Callable[[UnitOfWork], Coroutine[Any, Any, Any]]


class Floor:
    """Random operations on products in three warehouses."""

    def __init__(self, chance: random.Random, shop: Shop, products: list[catalog.Product], places: list[str]) -> None:
        self.chance, self.owner, self.products, self.places = chance, shop.live, products, places
        self.holders: list[str] = []

    def _one(self) -> tuple[str, str]:
        product = self.chance.choice(self.products)
        return product.id, self.chance.choice(product.variants).id

    def reserve(self) -> Act:
        """Reserve one to four lines."""
        lines = []
        for number in range(self.chance.randint(1, 4)):
            self.holders.append(f"item_{len(self.holders)}")
            lines.append(
                ReservationRequest(self.holders[-1], *self._one(), self.chance.randint(1, 4), ("items", number))
            )
        return lambda work: inventory.reserve(work, lines, None)

    def release(self) -> Act:
        """Release the reservations of some orders."""
        holders = dict.fromkeys(self.chance.sample(self.holders, min(3, len(self.holders))))
        return lambda work: inventory.release(work, holders)

    def consume(self) -> Act:
        """Consume the reservations of some orders."""
        holders = dict.fromkeys(self.chance.sample(self.holders, min(3, len(self.holders))))
        return lambda work: inventory.consume(work, holders, reason="sold")

    def restock(self) -> Act:
        """Restock units of several products."""
        returned = [
            ReturnedStock(*self._one(), self.chance.randint(1, 5), self.chance.choice(self.places)) for _ in "123"
        ]
        return lambda work: inventory.restock(work, returned, reason="returned")

    def adjust(self) -> Act:
        """Adjust a level."""
        _, variant = self._one()
        quantity = self.chance.choice([-6, -2, -1, 1, 2, 6])
        command = AdjustInventory(
            product_id=variant, quantity=quantity, reason="counted", location=self.chance.choice(self.places)
        )
        return lambda work: inventory.adjust_inventory(work, self.owner, command)

    def transfer(self) -> Act:
        """Transfer units to another warehouse."""
        origin, target = self.chance.sample(self.places, 2)
        command = TransferInventory(
            product_id=self._one()[1], quantity=self.chance.randint(1, 4), from_location=origin, to_location=target
        )
        return lambda work: inventory.transfer_inventory(work, self.owner, command)

    def declare(self) -> Act:
        """Set the available quantity through the catalog, together with a new SKU."""
        product, variant = self._one()
        sku, number = f"NEW-{self.chance.randrange(10**9)}", self.chance.randrange(12)
        command = UpdateVariant(product_id=product, id=variant, sku=sku, inventory=number)
        return lambda work: catalog.update_variant(work, self.owner, command)

    def watch(self) -> Act:
        """Set an alert."""
        command = SetInventoryAlert(
            product_id=self._one()[1], threshold=self.chance.randint(1, 9), reorder_quantity=self.chance.randint(1, 5)
        )
        return lambda work: inventory.set_inventory_alert(work, self.owner, command)

    def remove(self) -> Act:
        """Remove a variant."""
        product, variant = self._one()
        command = RemoveVariant(product_id=product, id=variant)
        return lambda work: catalog.remove_variant(work, self.owner, command)

    def anything(self) -> Act:
        """Choose one of the operations, common ones more often."""
        usual = [self.reserve, self.release, self.consume, self.restock, self.adjust, self.transfer, self.declare]
        return self.chance.choice([*usual * 4, self.watch, self.watch, self.remove])()


@pytest.mark.both_servers
async def test_the_ledger_balances_under_concurrent_changes(
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    default: str,
    balanced: Balanced,
    events: Any,
) -> None:
    print(f"GATEWAY_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    products = [
        await make_product(variants=tuple(VariantInput(sku=f"{name}-{each}", inventory=8) for each in range(4)))
        for name in ("A", "B", "C")
    ]
    floor = Floor(chance, shop, products, [default, await make_warehouse("US"), await make_warehouse("FR")])
    turns = asyncio.Semaphore(8)
    done: list[str] = []

    async def do(act: Act) -> None:
        async with turns:
            try:
                async with database.transaction(shop.live) as work:
                    await act(work)
            except (Conflict, NotFound, ValidationFailed) as refused:
                done.append(type(refused).__name__)
            else:
                done.append("done")

    for _ in range(OPERATIONS // 40):
        await asyncio.gather(*(do(floor.anything()) for _ in range(40)))
        await balanced()
    assert done.count("done") > OPERATIONS // 4
    told = [event for event in await events() if event["type"].startswith("inventory.")]
    for product in products:
        counted = sorted(event["sequence"] for event in told if event["object_id"] == product.id)
        assert counted == list(range(1, len(counted) + 1))
