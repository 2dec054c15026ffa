"""Orders, their lines, notes and history."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry

from domain import events, orders
from domain.kernel.sql.executor import Row
from domain.orders import FulfillmentStatus, OrderStatus, PaymentStatus
from resolvers.types import Id
from schema.fields import (
    attribute,
    changed_row,
    computed,
    created_row,
    nested,
    owned_rows,
    related,
    result_value,
    touched_row,
)
from schema.money import Money, money
from schema.orders.purchase import Line, Purchase
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned, search_truncated

if TYPE_CHECKING:
    from schema.events import EventConnection

reads = orders.reads


DERIVED = ("discount.percent",)
"""What an input says only relative to the prices of what was ordered."""


def _number(row: Row) -> str:
    return str(row.number)


@strawberry.type(description="A customer's or a guest's purchase.")
class Order(Node, Versioned, Purchase, prefix="ord"):
    """A row of the reads of orders."""

    number: str = computed(_number, columns=("number",), description="Counts the store's orders, with gaps.")
    status: OrderStatus = attribute("How far it has come.")
    payment_status: PaymentStatus = attribute("Follows from what was paid.")
    fulfillment_status: FulfillmentStatus = attribute("Follows from what was sent.")
    items: list[OrderItem] = owned_rows(
        reads.items_by_order, key="id", description="What was bought; 500 lines at most."
    )
    refunded: Money = money("refunded", description="What was paid back.")
    cancel_reason: str | None = attribute("Why it was cancelled.")
    cancelled_at: datetime | None = attribute("When it was cancelled.")
    history: list[OrderStatusChange] = owned_rows(
        reads.history_by_order, key="id", description="Its way through the statuses, from the first."
    )
    notes: list[OrderNote] = owned_rows(
        reads.notes_by_order, key="id", description="What was written on it, oldest first."
    )
    events: EventConnection = nested(
        events.reads.events_by_object,
        key="id",
        admit=events.check_filters,
        description="What the log still keeps of it, from the oldest event on.",
    )


def _item_type(row: Any) -> str:
    """Lines of orders and of drafts share a prefix."""
    return "DraftOrderItem" if hasattr(row, "draft_id") else "OrderItem"


@strawberry.type(description="A line of an order.")
class OrderItem(Node, Line, prefix="item", named=_item_type):
    """A row of the reads of lines."""

    order: Order = related(reads.order_by_id, key="order_id", description="The order it is a line of.")
    fulfilled: int = attribute("How many have been sent.")
    refunded: int = attribute("How many have been paid back.")


@strawberry.type(description="Something written on an order, for those who work on it.")
class OrderNote(Node, prefix="note"):
    """A row of the reads of notes."""

    text: str = attribute("What it says.")
    actor: Id = attribute("The credential that wrote it.")
    created_at: datetime = attribute("When it was written.")


@strawberry.type(description="One step of an order's way.")
class OrderStatusChange(Node, prefix="step"):
    """A row of the history."""

    from_status: OrderStatus | None = attribute("The status before; null when it was placed.")
    status: OrderStatus = attribute("The status from then on.")
    note: str | None = attribute("Why.")
    actor: Id = attribute("The credential that did it.")
    created_at: datetime = attribute("When it was done.")


@strawberry.type(description="A page of orders.")
class OrderConnection(Connection[Order]):
    """A page, and what its search has left out."""

    search_truncated: bool = attribute(search_truncated("orders"))


def _order_payload(description: str, *written: str) -> Any:
    return changed_row(reads.order_by_id, key="id", description=description, written=written, derived=DERIVED)


@strawberry.type(description="What createOrder came to.")
class CreateOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = created_row(reads.order_by_id, key="id", description="The new order.")


@strawberry.type(description="What updateOrderStatus came to.")
class UpdateOrderStatusPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order as it is now.")


@strawberry.type(description="What editOrder came to.")
class EditOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order as it is now.")


@strawberry.type(description="What updateOrder came to.")
class UpdateOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order as it is now.")


@strawberry.type(description="What assignOrders came to.")
class AssignOrdersPayload(Payload):
    """An Outcome with the orders that were assigned."""

    customer_id: Id | None = result_value("customer_id", description="The id of the customer whose they are now.")
    order_count: int | None = result_value("order_count", description="How many orders were assigned.")
    draft_count: int | None = result_value("draft_count", description="How many drafts were assigned.")
    has_more: bool | None = result_value(
        "has_more", description="Whether there are more: the same mutation again assigns the next 500."
    )


@strawberry.type(description="What cancelOrder came to.")
class CancelOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order as it is now.", "status", "cancelReason", "cancelledAt")


@strawberry.type(description="What addOrderNote came to.")
class AddOrderNotePayload(Payload):
    """An Outcome with a note."""

    note: OrderNote | None = created_row(reads.note_by_id, key="id", description="The new note.")
    order: Order | None = touched_row(reads.order_by_id, key="order_id", description="Its order as it is now.")


@strawberry.type(description="What completeDraftOrder came to.")
class CompleteDraftOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload(
        "The order that was placed.", "number", "status", "paymentStatus", "fulfillmentStatus"
    )
