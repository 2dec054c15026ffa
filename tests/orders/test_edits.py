"""Edits of pending orders: stock and totals are adjusted, or nothing is changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain import catalog, orders
from domain.catalog.commands import VariantInput
from domain.kernel.address import AddressInput
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.money import Money
from domain.orders import OrderStatus
from domain.orders.commands import DiscountInput, ItemQuantity, OrderItemInput, TaxRateInput
from tests.conftest import Do, MakeProduct
from tests.orders.conftest import MakeOrder, Stock
from tests.orders.test_placement import HOME, problems, read_events


@pytest.fixture
async def cup(make_product: MakeProduct) -> catalog.Product:
    """Another product, with five in stock at 5.00."""
    return await make_product(name="Cup", variants=(VariantInput(sku="CUP", inventory=5),))


async def test_lines_are_added_removed_and_changed_and_stock_is_adjusted(
    make_order: MakeOrder, do: Do, cup: catalog.Product, stock: Stock, events: Any, rows: Any
) -> None:
    order = await make_order(items=(OrderItemInput(sku="MUG", quantity=4), OrderItemInput(sku="CUP", quantity=2)))
    mugs, cups = (item.id for item in order.items)
    edited = await do(
        orders.edit_order,
        id=order.id,
        expected_version=1,
        set_quantities=(ItemQuantity(id=mugs, quantity=1),),
        remove_items=(cups,),
        add_items=(OrderItemInput(sku="CUP", quantity=3, price=Money(450, "GBP")),),
    )
    assert [(item.sku, item.quantity) for item in edited.items] == [("MUG", 1), ("CUP", 3)]
    assert (edited.total, edited.units, edited.version) == (500 + 3 * 450, 4, 2)
    assert await stock() == {"MUG": (10, 1), "CUP": (5, 3)}
    last = (await read_events(events))[-1]
    assert (last["type"], last["changed_fields"]) == ("order.updated", ["subtotal", "total", "items"])
    assert len(await rows("order_item")) == 2


async def test_an_edit_beyond_the_stock_is_refused_and_changes_nothing(
    make_order: MakeOrder, do: Do, cup: catalog.Product, stock: Stock, events: Any, rows: Any
) -> None:
    order = await make_order(2)
    before = await rows("sales_order"), await rows("order_item")
    with pytest.raises(Conflict) as refusal:
        await do(
            orders.edit_order,
            id=order.id,
            set_quantities=(ItemQuantity(id=order.items[0].id, quantity=11),),
            add_items=(OrderItemInput(sku="CUP", quantity=6),),
        )
    assert problems(refusal.value) == [
        (("set_quantities", 0, "quantity"), ErrorCode.INSUFFICIENT_STOCK),
        (("add_items", 0, "quantity"), ErrorCode.INSUFFICIENT_STOCK),
    ]
    assert (await rows("sales_order"), await rows("order_item")) == before
    assert await stock() == {"MUG": (10, 2), "CUP": (5, 0)}
    assert len(await read_events(events)) == 1


async def test_stock_released_by_a_line_can_be_reserved_by_another_without_a_stock_event(
    make_order: MakeOrder, do: Do, stock: Stock, events: Any
) -> None:
    order = await make_order(10)
    (item,) = order.items
    added = (OrderItemInput(sku="MUG", quantity=10),)
    await do(orders.edit_order, id=order.id, remove_items=(item.id,), add_items=added)
    assert await stock() == {"MUG": (10, 10)}
    assert [event["type"] for event in await events()].count("inventory.out_of_stock") == 1


async def test_an_edit_that_changes_nothing_records_no_event(make_order: MakeOrder, do: Do, events: Any) -> None:
    order = await make_order(2, shipping_address=HOME)
    same = (ItemQuantity(id=order.items[0].id, quantity=2),)
    edited = await do(orders.edit_order, id=order.id, set_quantities=same, shipping_address=HOME)
    assert edited.version == 1
    assert len(await read_events(events)) == 1


async def test_a_new_address_changes_the_tax_and_keeps_the_discount(make_order: MakeOrder, do: Do) -> None:
    await do(orders.update_settings, tax_rates=(TaxRateInput(country="GB", percent=Decimal(20)),))
    order = await make_order(2, discount=DiscountInput(amount=Money(300, "GBP")))
    assert (order.tax, order.total) == (0, 700)
    moved = await do(orders.edit_order, id=order.id, shipping_address=HOME)
    assert (moved.tax, moved.total) == (140, 840)
    fewer = (ItemQuantity(id=order.items[0].id, quantity=1),)
    smaller = await do(orders.edit_order, id=order.id, set_quantities=fewer)
    assert (smaller.discount, smaller.tax, smaller.total) == (300, 40, 240)
    dearer = await do(orders.edit_order, id=order.id, shipping_method="express", discount=None)
    assert (dearer.discount, dearer.shipping, dearer.total) == (0, 1500, 2100)
    abroad = AddressInput(line1="1 Rue", city="Paris", country="FR")
    assert (await do(orders.edit_order, id=order.id, shipping_address=abroad)).tax == 0


@pytest.mark.parametrize("status", [OrderStatus.PROCESSING, OrderStatus.CANCELLED])
async def test_only_pending_orders_can_be_edited(make_order: MakeOrder, do: Do, status: OrderStatus) -> None:
    order = await make_order()
    await do(orders.update_order_status, id=order.id, status=status)
    with pytest.raises(Conflict) as refusal:
        await do(orders.edit_order, id=order.id, email="new@example.com")
    assert problems(refusal.value) == [(("id",), ErrorCode.ILLEGAL_TRANSITION)]


async def test_unknown_lines_and_the_last_line_cannot_be_removed(make_order: MakeOrder, do: Do) -> None:
    order = await make_order()
    (item,) = order.items
    cases: list[tuple[dict[str, Any], list[Any]]] = [
        ({"remove_items": (item.id,)}, [(("remove_items",), ErrorCode.TOO_SHORT)]),
        ({"remove_items": ("item_x",)}, [(("remove_items", 0), ErrorCode.NOT_FOUND)]),
        ({"remove_items": (item.id, item.id)}, [(("remove_items", 1), ErrorCode.DUPLICATE)]),
        (
            {"remove_items": (item.id,), "set_quantities": (ItemQuantity(id=item.id, quantity=1),)},
            [(("set_quantities", 0, "id"), ErrorCode.NOT_FOUND)],
        ),
    ]
    for given, expected in cases:
        with pytest.raises(ValidationFailed) as refusal:
            await do(orders.edit_order, id=order.id, **given)
        assert problems(refusal.value) == expected


async def test_a_note_can_be_added_to_an_order_of_any_status(
    make_order: MakeOrder, do: Do, rows: Any, events: Any
) -> None:
    order = await make_order()
    await do(orders.cancel_order, id=order.id)
    note = await do(orders.add_order_note, order_id=order.id, expected_version=2, text="Rang twice")
    assert [(row["id"], row["text"], row["actor"]) for row in await rows("order_note")] == [
        (note.id, "Rang twice", "system")
    ]
    last = (await read_events(events))[-1]
    assert (last["type"], last["changed_fields"], last["snapshot"]["version"]) == ("order.updated", ["notes"], 3)
