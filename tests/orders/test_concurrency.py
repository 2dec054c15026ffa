"""Concurrent orders: stock is sold once, and all sums stay correct."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain import catalog, customers, inventory, orders
from domain.catalog.commands import VariantInput
from domain.kernel.address import AddressInput
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, NotFound, Unavailable, ValidationFailed
from domain.orders import OrderStatus
from domain.orders.commands import ItemQuantity, OrderItemInput
from tests.conftest import Do, MakeKey, MakeProduct, Shop
from tests.gateway.server_process import serving
from tests.orders.conftest import Stock

BUYERS = 1_000
GROUPS = 20
TIMEOUT_SECONDS = 600.0
"""Seconds for all buyers together; only to end a test that hangs."""


async def test_a_thousand_buyers_for_the_last_ten_get_exactly_ten(
    database_url: str,
    database: Database,
    shop: Shop,
    do: Do,
    make_product: MakeProduct,
    make_key: MakeKey,
    stock: Stock,
) -> None:
    """Two processes, two warehouses. Without the lock on the stock of a product, buyers would use the same levels, and
    the check constraints of the table would make their orders fail."""
    await make_product(variants=(VariantInput(sku="LAST", inventory=6),))
    calais = await do(inventory.create_warehouse, name="Calais", country="FR")
    await do(inventory.adjust_inventory, product_id="LAST", quantity=4, reason="counted", location=calais.id)
    key = await make_key(shop.live)
    async with serving(database_url) as one, serving(database_url) as other:
        watcher = asyncio.create_task(lowest(database, shop))
        async with asyncio.timeout(TIMEOUT_SECONDS):
            groups = (buy_all((one, other)[group % 2].base, key, group) for group in range(GROUPS))
            responses = [response for group in await asyncio.gather(*groups) for response in group]
        watcher.cancel()
    assert Counter(responses) == {201: 10, 409: BUYERS - 10}
    with suppress(asyncio.CancelledError):
        await watcher
    assert await stock() == {"LAST": (10, 10)}


async def buy_all(base: str, key: str, group: int) -> list[int]:
    """Run some of the buyers, each with a connection of its own."""
    headers = {"Authorization": f"Bearer {key}"}
    count = BUYERS // GROUPS
    limits = httpx.Limits(max_connections=count)
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60, limits=limits) as client:
        return await asyncio.gather(*(buy(client, group * count + number) for number in range(count)))


async def buy(client: httpx.AsyncClient, number: int) -> int:
    """Order one of the last units, from Britain or France. A busy server, or one that closed the connection, is retried
    later with the same idempotency key."""
    place = {"line1": "1", "city": "X", "country": ("GB", "FR")[number % 3 == 0]}
    body = {"items": [{"sku": "LAST", "quantity": 1}], "shipping_address": place}
    while True:
        try:
            response = await client.post("/v2/orders", json=body, headers={"Idempotency-Key": f"buyer-{number}"})
        except httpx.TransportError:
            continue
        if "Retry-After" not in response.headers:
            return response.status_code
        await asyncio.sleep(int(response.headers["Retry-After"]))


async def lowest(database: Database, shop: Shop) -> None:
    """Read the levels repeatedly. Raises AssertionError for one below zero."""
    while True:
        with suppress(Unavailable):  # the machine is busy
            async with database.system_connection() as connection:
                least = await connection.fetchval(
                    "SELECT min(least(on_hand - reserved, reserved)) FROM inventory_level WHERE store_id = $1",
                    shop.live.store.number,
                )
                assert least >= 0
        await asyncio.sleep(0.02)


PRODUCTS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of one client."""

    what: str
    which: int
    product: int
    quantity: int
    country: str | None


steps = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(["order", "order", "order", "edit", "cancel", "ship", "adjust", "transfer", "declare"]),
        which=st.integers(0, 1_000),
        product=st.integers(0, PRODUCTS - 1),
        quantity=st.integers(1, 4),
        country=st.sampled_from(["GB", "FR", None]),
    ),
    min_size=50,
    max_size=50,
)


@given(steps=steps)
@settings(
    max_examples=4, phases=[Phase.generate], deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
async def test_two_hundred_concurrent_changes_leave_all_sums_correct(
    steps: list[Step],
    database: Database,
    make_shop: Callable[..., Awaitable[Shop]],
    do: Do,
    make_product: MakeProduct,
    stock: Stock,
) -> None:
    """Random orders, edits, cancellations, shipments, adjustments and transfers, fifty at a time and four times over.
    Clients may see refusals of the domain and a busy machine only: a deadlock fails the test."""
    world = await World.open(await make_shop(), database, do, make_product)
    outcomes = await asyncio.gather(*(world.do_one(step) for step in steps))
    assert set(outcomes) <= {"done", "refused"}
    await stock(world.shop.live)
    await check_orders(database, world.shop)


async def test_orders_of_the_same_variants_in_any_order_never_wait_for_each_other_in_a_circle(
    database: Database, make_shop: Callable[..., Awaitable[Shop]], do: Do, make_product: MakeProduct, stock: Stock
) -> None:
    """One customer, lines in random order, while some of the variants are removed: their rows, those of the stock, the
    levels and the customer's last order are locked by all of them."""
    shop = await make_shop()
    buyer = await do(customers.create_customer, shop.live, email="jane@example.com")
    variants: list[tuple[str, str]] = []
    for number in range(PRODUCTS):
        skus = tuple(VariantInput(sku=f"V{number}-{size}", inventory=100) for size in range(4))
        product = await make_product(shop.live, sku=f"V{number}", variants=skus)
        variants += [(product.id, variant.id) for variant in product.variants]
    chance = random.Random(7)
    removed = chance.sample(variants, 4)

    async def order() -> None:
        items = tuple(OrderItemInput(variant_id=id, quantity=1) for _, id in chance.sample(variants, 5))
        await do(orders.create_order, shop.live, customer_id=buyer.id, items=items)

    async def remove(product_id: str, variant_id: str) -> None:
        await do(catalog.remove_variant, shop.live, product_id=product_id, id=variant_id)

    work: list[Callable[[], Awaitable[None]]] = [order] * 60 + [partial(remove, *each) for each in removed]
    chance.shuffle(work)
    outcomes = await asyncio.gather(*(outcome_of(each) for each in work))
    assert set(outcomes) <= {"done", "refused"}
    assert outcomes.count("done") > len(work) // 4
    await stock(shop.live)
    await check_orders(database, shop)


async def outcome_of(run: Callable[[], Awaitable[None]]) -> str:
    """Run it until the database is not too busy. A refusal by the domain is fine, a deadlock is raised."""
    while True:
        try:
            await run()
        except (Conflict, NotFound, ValidationFailed):
            return "refused"
        except Unavailable as away:
            if ended_by_a_circle(away):
                raise
            continue
        return "done"


class World:
    """A shop with many concurrent operations."""

    def __init__(self, shop: Shop, do: Do, skus: list[str], warehouses: list[str]) -> None:
        self.shop = shop
        self._do = do
        self._skus = skus
        self._warehouses = warehouses
        self._orders: list[Any] = []

    @classmethod
    async def open(cls, shop: Shop, database: Database, do: Do, make_product: MakeProduct) -> World:
        """Four products with ten each in the default warehouse and five in Calais, one of them watched by an alert."""
        calais = await do(inventory.create_warehouse, shop.live, name="Calais", country="FR")
        skus = [f"P{number}-{secrets.token_hex(4)}" for number in range(PRODUCTS)]
        for sku in skus:
            product = await make_product(shop.live, sku=sku, variants=(VariantInput(sku=sku, inventory=10),))
            given = {"product_id": product.id, "quantity": 5, "reason": "counted", "location": calais.id}
            await do(inventory.adjust_inventory, shop.live, **given)
        await do(inventory.set_inventory_alert, shop.live, product_id=skus[0], threshold=8, reorder_quantity=3)
        async with database.system_connection() as connection:
            places = await connection.fetch("SELECT id FROM warehouse WHERE store_id = $1", shop.live.store.number)
        return cls(shop, do, skus, sorted(place["id"] for place in places))

    async def do_one(self, step: Step) -> str:
        """Run an operation. A refusal by the domain is fine."""
        return await outcome_of(lambda: getattr(self, f"_{step.what}")(step))

    async def _order(self, step: Step) -> None:
        place = None if step.country is None else AddressInput(line1="1", city="X", country=step.country)
        skus = [self._skus[(step.product + shift) % PRODUCTS] for shift in range(1 + step.which % 3)]
        items = tuple(OrderItemInput(sku=sku, quantity=step.quantity) for sku in skus)
        self._orders.append(await self._do(orders.create_order, self.shop.live, items=items, shipping_address=place))

    async def _edit(self, step: Step) -> None:
        order = await self._some(step)
        changed = ItemQuantity(id=order.items[0].id, quantity=step.quantity)
        gone = tuple(item.id for item in order.items[1:2])
        added = (OrderItemInput(sku=self._skus[step.product], quantity=step.quantity),)
        given = {"set_quantities": (changed,), "remove_items": gone, "add_items": added}
        await self._do(orders.edit_order, self.shop.live, id=order.id, **given)

    async def _cancel(self, step: Step) -> None:
        await self._do(orders.cancel_order, self.shop.live, id=(await self._some(step)).id)

    async def _ship(self, step: Step) -> None:
        order = await self._some(step)
        for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
            await self._do(orders.update_order_status, self.shop.live, id=order.id, status=status)

    async def _adjust(self, step: Step) -> None:
        quantity = step.quantity if step.which % 2 else -step.quantity
        await self._book(
            inventory.adjust_inventory,
            step,
            quantity=quantity,
            reason="counted",
            location=self._warehouses[step.which // 2 % 2],
        )

    async def _transfer(self, step: Step) -> None:
        here, there = self._warehouses[step.which % 2], self._warehouses[1 - step.which % 2]
        await self._book(
            inventory.transfer_inventory, step, quantity=step.quantity, from_location=here, to_location=there
        )

    async def _declare(self, step: Step) -> None:
        given = {"threshold": step.quantity + 1, "reorder_quantity": step.quantity}
        await self._book(inventory.set_inventory_alert, step, **given)

    async def _book(self, use_case: Any, step: Step, **given: Any) -> None:
        await self._do(use_case, self.shop.live, product_id=self._skus[step.product], **given)

    async def _some(self, step: Step) -> Any:
        """Return one of the orders so far. Until there is one, yield to other tasks."""
        async with asyncio.timeout(60):
            while not self._orders:
                await asyncio.sleep(0.01)
        return self._orders[step.which % len(self._orders)]


def ended_by_a_circle(error: BaseException | None) -> bool:
    """Return whether the database reported a deadlock."""
    while error is not None:
        if isinstance(error, asyncpg.DeadlockDetectedError) or "deadlock" in str(error):
            return True
        error = error.__cause__ or getattr(error, "orig", None)
    return False


async def check_orders(database: Database, shop: Shop) -> None:
    """Check that lines add up to their orders, that only open orders reserve stock, and that events match versions."""
    async with database.system_connection() as connection:
        found = await connection.fetch(_CHECKS, shop.live.store.number)
    for row in found:
        assert row["total"] == row["lines"] + row["shipping"] + row["shipping_tax"], row
        assert row["units"] == row["quantity"], row
        open_units = 0 if row["status"] == "cancelled" else row["quantity"] - row["fulfilled"]
        assert row["held"] == open_units, row
        assert row["events"] == row["sequence"] == row["version"], row


_CHECKS = """
SELECT o.*, i.*, (SELECT count(*) FROM event e WHERE e.store_id = o.store_id AND e.object_id = o.id) AS events
FROM sales_order o JOIN LATERAL (
    SELECT sum(total)::bigint AS lines, sum(quantity)::int AS quantity, sum(fulfilled)::int AS fulfilled, coalesce(sum(
        (SELECT sum(r.quantity) FROM inventory_reservation r WHERE r.store_id = o.store_id AND r.holder_id = item.id)
    ), 0)::int AS held
    FROM order_item item WHERE item.store_id = o.store_id AND item.order_id = o.id
) i ON true
WHERE o.store_id = $1
"""
