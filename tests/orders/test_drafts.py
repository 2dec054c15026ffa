"""Draft orders: created without stock and events, and completed as orders."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog, customers, orders
from domain.catalog.commands import VariantInput
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.money import Money
from domain.orders.commands import OrderItemInput
from tests.conftest import Do, MakeProduct
from tests.orders.conftest import Stock
from tests.orders.test_placement import HOME, problems, read_events

TWO = (OrderItemInput(sku="MUG", quantity=2),)


async def test_a_draft_reserves_no_stock_and_records_no_event(
    mug: catalog.Product, do: Do, stock: Stock, events: Any
) -> None:
    draft = await do(
        orders.create_draft_order, items=(OrderItemInput(sku="MUG", quantity=99),), shipping_method="standard"
    )
    assert (draft.subtotal, draft.total, draft.order_id, draft.version) == (49500, 50000, None, 1)
    assert await stock() == {"MUG": (10, 0)}
    assert await read_events(events) == []


async def test_completing_creates_the_order_at_current_prices(
    mug: catalog.Product, make_product: MakeProduct, do: Do, stock: Stock, events: Any, rows: Any
) -> None:
    await make_product(name="Cup", variants=(VariantInput(sku="CUP", inventory=5),))
    customer = await do(customers.create_customer, email="jane@example.com")
    items = (*TWO, OrderItemInput(sku="CUP", quantity=1, price=Money(100, "GBP")))
    draft = await do(orders.create_draft_order, items=items, customer_id=customer.id, shipping_address=HOME)
    await do(catalog.update_product, id=mug.id, price=Money(700, "GBP"))
    order = await do(orders.complete_draft_order, id=draft.id, expected_version=1)
    assert [(item.sku, item.price) for item in order.items] == [("MUG", 700), ("CUP", 100)]
    assert (order.customer_id, order.email, order.total) == (customer.id, "jane@example.com", 1500)
    assert order.shipping_address["line1"] == "221B Baker Street"
    assert await stock() == {"MUG": (10, 2), "CUP": (5, 1)}
    assert [event["type"] for event in await read_events(events)] == ["order.created"]
    assert [(row["order_id"], row["version"]) for row in await rows("draft_order")] == [(order.id, 2)]


async def test_a_completed_draft_cannot_be_changed(mug: catalog.Product, do: Do, stock: Stock) -> None:
    draft = await do(orders.create_draft_order, items=TWO)
    await do(orders.complete_draft_order, id=draft.id)
    for use_case in (orders.complete_draft_order, orders.update_draft_order, orders.delete_draft_order):
        with pytest.raises(Conflict) as refusal:
            await do(use_case, id=draft.id)
        assert problems(refusal.value) == [(("id",), ErrorCode.ILLEGAL_TRANSITION)]
    assert await stock() == {"MUG": (10, 2)}


async def test_a_draft_that_cannot_be_filled_stays_open(mug: catalog.Product, do: Do, stock: Stock, rows: Any) -> None:
    draft = await do(orders.create_draft_order, items=(OrderItemInput(sku="MUG", quantity=11),))
    with pytest.raises(Conflict) as refusal:
        await do(orders.complete_draft_order, id=draft.id)
    assert problems(refusal.value) == [(("items", 0, "quantity"), ErrorCode.INSUFFICIENT_STOCK)]
    assert await rows("sales_order") == []
    assert [row["order_id"] for row in await rows("draft_order")] == [None]


async def test_an_update_changes_the_given_fields_and_replaces_the_lines(
    mug: catalog.Product, do: Do, rows: Any
) -> None:
    draft = await do(orders.create_draft_order, items=TWO, email="jane@example.com")
    updated = await do(orders.update_draft_order, id=draft.id, items=(OrderItemInput(sku="MUG", quantity=5),))
    assert (updated.total, updated.email, updated.version) == (2500, "jane@example.com", 2)
    assert [row["quantity"] for row in await rows("draft_order_item")] == [5]
    await do(orders.delete_draft_order, id=draft.id, expected_version=2)
    assert await rows("draft_order") == await rows("draft_order_item") == []


async def test_a_variant_that_was_removed_since_is_not_sold(make_product: MakeProduct, do: Do, rows: Any) -> None:
    shirt = await make_product(variants=(VariantInput(sku="S", inventory=5), VariantInput(sku="L", inventory=5)))
    draft = await do(orders.create_draft_order, items=(OrderItemInput(sku="S", quantity=1),))
    await do(catalog.remove_variant, product_id=shirt.id, id=shirt.variants[0].id)
    assert [(row["variant_id"], row["sku"]) for row in await rows("draft_order_item")] == [(None, "S")]
    with pytest.raises(Conflict) as refusal:
        await do(orders.complete_draft_order, id=draft.id)
    assert problems(refusal.value) == [(("id",), ErrorCode.ILLEGAL_TRANSITION)]
