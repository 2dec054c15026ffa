"""Status changes of orders: allowed transitions and effects on stock."""

from __future__ import annotations

from itertools import permutations
from itertools import product as pairs
from typing import Any

import asyncpg
import pytest

from domain import orders
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode, NotFound
from domain.orders import Order, OrderStatus
from domain.orders.states import TRANSITIONS
from tests.conftest import Do, Shop
from tests.orders.conftest import MakeOrder, Stock
from tests.orders.test_placement import problems, read_events

WAYS: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PENDING: (),
    OrderStatus.PROCESSING: (OrderStatus.PROCESSING,),
    OrderStatus.SHIPPED: (OrderStatus.PROCESSING, OrderStatus.SHIPPED),
    OrderStatus.DELIVERED: (OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED),
    OrderStatus.CANCELLED: (OrderStatus.CANCELLED,),
}
"""The steps from a new order to each status."""


@pytest.fixture
def make_order_in(do: Do, make_order: MakeOrder) -> Any:
    async def make(status: OrderStatus) -> Order:
        order = await make_order()
        for step in WAYS[status]:
            order = await do(orders.update_order_status, id=order.id, status=step)
        return order

    return make


@pytest.mark.parametrize(("current", "target"), list(pairs(OrderStatus, OrderStatus)))
async def test_only_allowed_transitions_are_possible(
    make_order_in: Any, do: Do, stock: Stock, rows: Any, events: Any, current: OrderStatus, target: OrderStatus
) -> None:
    order = await make_order_in(current)
    steps, recorded, levels = await rows("order_status_change"), await read_events(events), await stock()
    if target in TRANSITIONS[current]:
        moved = await do(orders.update_order_status, id=order.id, status=target, note="Because")
        assert (moved.status, moved.version) == (target, order.version + 1)
        last = (await rows("order_status_change"))[-1]
        assert (last["from_status"], last["status"], last["note"]) == (current, target, "Because")
        assert len(await read_events(events)) == len(recorded) + 1
        return
    with pytest.raises(Conflict) as refusal:
        await do(orders.update_order_status, id=order.id, status=target)
    assert problems(refusal.value) == [(("status",), ErrorCode.ILLEGAL_TRANSITION)]
    assert (await rows("order_status_change"), await read_events(events), await stock()) == (steps, recorded, levels)


@pytest.mark.parametrize(("current", "target"), list(permutations(OrderStatus, 2)))
async def test_the_table_enforces_the_same_transitions(
    make_order_in: Any, database: Database, shop: Shop, current: OrderStatus, target: OrderStatus
) -> None:
    order = await make_order_in(current)
    update = "UPDATE sales_order SET status = $3 WHERE store_id = $1 AND id = $2"
    async with database.system_connection() as connection:
        if target in TRANSITIONS[current]:
            assert await connection.execute(update, shop.live.store.number, order.id, target) == "UPDATE 1"
        else:
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(update, shop.live.store.number, order.id, target)


async def test_shipped_without_a_shipment_deducts_the_stock_and_fulfils(
    make_order_in: Any, do: Do, stock: Stock, rows: Any, events: Any
) -> None:
    order = await make_order_in(OrderStatus.PROCESSING)
    assert await stock() == {"MUG": (10, 2)}
    shipped = await do(orders.update_order_status, id=order.id, status=OrderStatus.SHIPPED)
    assert await stock() == {"MUG": (8, 0)}
    assert (shipped.fulfillment_status, shipped.payment_status) == ("fulfilled", "pending")
    assert [item["fulfilled"] for item in await rows("order_item")] == [2]
    last = (await read_events(events))[-1]
    assert last["type"] == "order.fulfilled"
    assert last["changed_fields"] == ["status", "fulfillment_status", "items"]
    sold = [move for move in await rows("inventory_movement") if move["quantity"] < 0]
    assert [(move["quantity"], move["reason"], move["reference"]) for move in sold] == [(-2, "sold", order.id)]


async def test_cancelling_releases_the_stock_and_records_one_event(
    make_order: MakeOrder, do: Do, stock: Stock, rows: Any, events: Any
) -> None:
    order = await make_order(4)
    given = {"reason": "customer_request", "refund": True, "note": "Changed their mind"}
    cancelled = await do(orders.cancel_order, id=order.id, expected_version=1, **given)
    assert (cancelled.status, cancelled.cancel_reason, cancelled.version) == ("cancelled", "customer_request", 2)
    assert cancelled.refund_requested
    assert await stock() == {"MUG": (10, 0)}
    assert [event["type"] for event in await read_events(events)] == ["order.created", "order.cancelled"]
    assert (await read_events(events))[-1]["changed_fields"] == ["status", "cancel_reason", "cancelled_at"]
    assert (await rows("order_status_change"))[-1]["note"] == "Changed their mind"


@pytest.mark.parametrize("status", [OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED])
async def test_shipped_and_cancelled_orders_cannot_be_cancelled(
    make_order_in: Any, do: Do, stock: Stock, events: Any, status: OrderStatus
) -> None:
    order = await make_order_in(status)
    before = await stock(), await read_events(events)
    with pytest.raises(Conflict) as refusal:
        await do(orders.cancel_order, id=order.id, reason="late")
    assert problems(refusal.value) == [(("status",), ErrorCode.ILLEGAL_TRANSITION)]
    assert (await stock(), await read_events(events)) == before


async def test_the_status_of_stale_and_unknown_orders_is_not_changed(
    make_order: MakeOrder, do: Do, stock: Stock
) -> None:
    order = await make_order()
    with pytest.raises(Conflict) as refusal:
        await do(orders.cancel_order, id=order.id, expected_version=2)
    assert problems(refusal.value) == [(("expected_version",), ErrorCode.VERSION_MISMATCH)]
    with pytest.raises(NotFound):
        await do(orders.cancel_order, id="ord_00000000000000000000000000")
    assert await stock() == {"MUG": (10, 2)}
