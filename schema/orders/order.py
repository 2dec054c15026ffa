"""Orders, their lines, notes and history."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry

from domain import events, orders, payments, shipping
from domain.orders import FulfillmentStatus, OrderStatus, PaymentStatus
from resolvers.types import Id
from schema.fields import attribute, computed, nested, owned_rows, related
from schema.money import Money, money
from schema.mutation_fields import changed_row, created_row, result_value, touched_row
from schema.orders.order_base import OrderBase, OrderLine
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned, search_truncated
from schema.row_functions import NumberAsText

if TYPE_CHECKING:
    from schema.events import EventConnection
    from schema.payments import Dispute, Payment, Refund
    from schema.shipping import Return, Shipment

reads, charged, shipped = orders.reads, payments.reads, shipping.reads


DERIVED = ("discount.percent",)
"""Input members that are relative to the prices of the ordered items."""


@strawberry.type(description="An order of a customer or guest.")
class Order(Node, Versioned, OrderBase, prefix="ord"):
    """Describes a row of the order reads."""

    number: str = computed(
        NumberAsText("number"),
        columns=("number",),
        description="The order number, unique in the store. Numbers increase and may have gaps.",
    )
    status: OrderStatus = attribute("The status of the order.")
    payment_status: PaymentStatus = attribute("The payment status, derived from captures and refunds.")
    fulfillment_status: FulfillmentStatus = attribute("The fulfilment status, derived from shipped quantities.")
    items: list[OrderItem] = owned_rows(
        reads.items_by_order, key="id", description="The lines of the order. At most 500."
    )
    refunded: Money = money("refunded", description="The refunded amount.")
    cancel_reason: str | None = attribute("The reason for the cancellation. Null if none was given.")
    cancelled_at: datetime | None = attribute("When the order was cancelled. Null if not cancelled.")
    history: list[OrderStatusChange] = owned_rows(
        reads.history_by_order, key="id", description="The status changes of the order, oldest first."
    )
    notes: list[OrderNote] = owned_rows(
        reads.notes_by_order, key="id", description="The notes on the order, oldest first."
    )
    payments: list[Payment] = related(
        charged.payments_by_order, key="id", description="The attempts to charge for the order, oldest first."
    )
    refunds: list[Refund] = related(
        charged.refunds_by_order, key="id", description="The refunds of the order, oldest first."
    )
    disputes: list[Dispute] = related(
        charged.disputes_by_order, key="id", description="The disputes of the order, oldest first."
    )
    shipments: list[Shipment] = related(
        shipped.shipments_by_order, key="id", description="The shipments of the order, oldest first."
    )
    returns: list[Return] = related(
        shipped.returns_by_order, key="id", description="The returns of the order, oldest first."
    )
    events: EventConnection = nested(
        events.reads.events_by_object,
        key="id",
        check_filters=events.check_filters,
        description="The events of the order that the event log still contains, oldest first.",
    )


def _item_type(row: Any) -> str:
    """Return the type of a line: order lines and draft lines share an id prefix."""
    return "DraftOrderItem" if hasattr(row, "draft_id") else "OrderItem"


@strawberry.type(description="A line of an order.")
class OrderItem(Node, OrderLine, prefix="item", named=_item_type):
    """Describes a row of the order line reads."""

    order: Order = related(reads.order_by_id, key="order_id", description="The order that the line belongs to.")
    fulfilled: int = attribute("The quantity that was shipped.")
    refunded: int = attribute("The quantity that was refunded.")
    returned: int = attribute("The quantity that was sent back and has arrived.")


@strawberry.type(description="An internal note on an order.")
class OrderNote(Node, prefix="note"):
    """Describes a row of the note reads."""

    text: str = attribute("The text of the note.")
    actor: Id = attribute("The id of the API key that made the change, or `system`.")
    created_at: datetime = attribute("When the object was created.")


@strawberry.type(description="A change of an order's status.")
class OrderStatusChange(Node, prefix="step"):
    """Describes a row of the status history."""

    from_status: OrderStatus | None = attribute(
        "The status before the change. Null for the first entry, when the order was placed."
    )
    status: OrderStatus = attribute("The status after the change.")
    note: str | None = attribute("The reason for the change. Null if none was given.")
    actor: Id = attribute("The id of the API key that made the change, or `system`.")
    created_at: datetime = attribute("When the object was created.")


@strawberry.type(description="A page of orders.")
class OrderConnection(Connection[Order]):
    """A page of orders, and whether its search was truncated."""

    search_truncated: bool = attribute(search_truncated("orders"))


def _order_payload(description: str, *written: str) -> Any:
    return changed_row(reads.order_by_id, key="id", description=description, written=written, derived=DERIVED)


@strawberry.type(description="Result of `createOrder`.")
class CreateOrderPayload(Payload):
    """The changed order, or the reasons why nothing was changed."""

    order: Order | None = created_row(reads.order_by_id, key="id", description="The created order.")


@strawberry.type(description="Result of `updateOrderStatus`.")
class UpdateOrderStatusPayload(Payload):
    """The changed order, or the reasons why nothing was changed."""

    order: Order | None = _order_payload("The order after the change.")


@strawberry.type(description="Result of `editOrder`.")
class EditOrderPayload(Payload):
    """The changed order, or the reasons why nothing was changed."""

    order: Order | None = _order_payload("The order after the change.")


@strawberry.type(description="Result of `updateOrder`.")
class UpdateOrderPayload(Payload):
    """The changed order, or the reasons why nothing was changed."""

    order: Order | None = _order_payload("The order after the change.")


@strawberry.type(description="Result of `assignOrders`.")
class AssignOrdersPayload(Payload):
    """The assigned orders, or the reasons why nothing was changed."""

    customer_id: Id | None = result_value(
        "customer_id", description="The id of the customer that the orders belong to now."
    )
    order_count: int | None = result_value("order_count", description="The number of assigned orders.")
    draft_count: int | None = result_value("draft_count", description="The number of assigned draft orders.")
    has_more: bool | None = result_value(
        "has_more", description="Whether there are more orders. Repeat the request to assign the next 500."
    )


@strawberry.type(description="Result of `cancelOrder`.")
class CancelOrderPayload(Payload):
    """The changed order, or the reasons why nothing was changed."""

    order: Order | None = _order_payload("The order after the change.", "status", "cancelReason", "cancelledAt")


@strawberry.type(description="Result of `addOrderNote`.")
class AddOrderNotePayload(Payload):
    """The created note, or the reasons why nothing was changed."""

    note: OrderNote | None = created_row(reads.note_by_id, key="id", description="The created note.")
    order: Order | None = touched_row(reads.order_by_id, key="order_id", description="The order after the change.")


@strawberry.type(description="Result of `completeDraftOrder`.")
class CompleteDraftOrderPayload(Payload):
    """The changed order, or the reasons why nothing was changed."""

    order: Order | None = _order_payload("The created order.", "number", "status", "paymentStatus", "fulfillmentStatus")
