"""How many statements the writes of orders take, counted exactly, transaction control left out (DECISIONS.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain import customers
from domain.catalog.commands import VariantInput
from tests.conftest import Ask, MakeProduct
from tests.orders.conftest import Do

PLACING = 8
"""Idempotency record, settings, customer, variants; order with lines and history; lock of the stock, levels;
the rest.
"""
EDITING = 11
"""Idempotency record, order, lines, settings, variants; lines; lock of the stock, levels, reservations; stock and
order; the rest.
"""
CANCELLING = 11
"""Idempotency record, order, lines, payment intents; lock of the stock, levels, reservations; stock, history and order;
lock of the customer's last order, the last one now; the rest.
"""
SHOWN = "userErrors { code } order { id status items { id quantity } }"
CREATE = f"mutation ($input: CreateOrderInput!) {{ done: createOrder(input: $input) {{ {SHOWN} }} }}"
EDIT = f"mutation ($input: EditOrderInput!) {{ done: editOrder(input: $input) {{ {SHOWN} }} }}"
CANCEL = f"mutation ($input: CancelOrderInput!) {{ done: cancelOrder(input: $input) {{ {SHOWN} }} }}"

Change = Callable[..., Awaitable[Any]]


@pytest.fixture
async def change(ask: Ask, statements: list[str]) -> Change:
    """Run a mutation under a key of its own and leave only its statements in ``statements``."""
    await ask("{ __typename }")  # so that the caller is known
    numbers = iter(range(1_000))

    async def run(query: str, **given: Any) -> Any:
        statements.clear()
        answer = await ask(query, {"input": given}, headers={"Idempotency-Key": f"k-{next(numbers)}"})
        done = answer.json()["data"]["done"]
        assert done["userErrors"] == []
        return done["order"]

    return run


@pytest.fixture
async def buyer(do: Do) -> Any:
    """A customer."""
    return await do(customers.create_customer, email="jane@example.com")


@pytest.mark.parametrize("lines", [1, 3, 20])
async def test_orders_of_any_number_of_lines_take_as_many_statements(
    change: Change, statements: list[str], make_product: MakeProduct, buyer: Any, lines: int
) -> None:
    skus = [f"S-{number}" for number in range(lines + 1)]
    product = await make_product(variants=tuple(VariantInput(sku=sku, inventory=50) for sku in skus))
    ids = [variant.id for variant in product.variants]
    bought = [{"variantId": id, "quantity": 2} for id in ids[:lines]]
    order = await change(CREATE, customerId=buyer.id, items=bought)
    assert len(statements) == PLACING
    quantities = [{"id": item["id"], "quantity": 3} for item in order["items"]]
    edited = await change(
        EDIT,
        id=order["id"],
        setQuantities=quantities[1:],
        removeItems=[order["items"][0]["id"]],
        addItems=[{"variantId": ids[lines], "quantity": 1}],
    )
    assert len(statements) == EDITING
    assert sorted(item["quantity"] for item in edited["items"]) == [1] + [3] * (lines - 1)
    cancelled = await change(CANCEL, id=order["id"], note="changed their mind")
    assert len(statements) == CANCELLING
    assert cancelled["status"] == "CANCELLED"


async def test_a_refused_order_leaves_nothing_behind(
    ask: Ask, make_product: MakeProduct, rows: Any, events: Any, buyer: Any
) -> None:
    """The stock is found short after the order was written: it is alone in its operation, and has no savepoint."""
    product = await make_product(variants=(VariantInput(sku="FEW", inventory=1),))
    before = len(await events())
    given = {"customerId": buyer.id, "items": [{"variantId": product.variants[0].id, "quantity": 2}]}
    answer = await ask(CREATE, {"input": given}, headers={"Idempotency-Key": "once"})
    assert answer.json()["data"]["done"] == {"userErrors": [{"code": "INSUFFICIENT_STOCK"}], "order": None}
    for table in ("sales_order", "order_item", "order_status_change"):
        assert await rows(table) == []
    assert len(await events()) == before
