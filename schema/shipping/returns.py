"""Returns with their lines and history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from domain import customers, inventory, orders, payments, shipping
from domain.shipping import ItemCondition, ReturnReason, ReturnStatus
from resolvers.types import Id
from schema.customers import Customer
from schema.enums import sort_input
from schema.fields import attribute, owned_rows, related
from schema.inventory.types import Warehouse
from schema.money import Money, money
from schema.orders import Order, OrderItem
from schema.payments import Refund
from schema.relay import Connection, Node, Versioned
from schema.scalars import Url

reads = shipping.reads

ReturnSort = sort_input(
    "ReturnSort",
    reads.returns,
    {"created_at": "The time of creation.", "updated_at": "The time of the last change."},
)


def as_return(field: Any) -> Any:
    """The field under the name ``return``, which no attribute of Python can have."""
    field.graphql_name = "return"
    return field


@strawberry.type(description="A quantity of a line of the order that comes back.")
class ReturnLine:
    """A row of the reads of returned lines."""

    item: OrderItem | None = related(
        orders.reads.item_by_id, key="item_id", description="The line. Null if it has been removed from the order."
    )
    sku: str = attribute("The SKU at the time of the order.")
    name: str = attribute("The product name at the time of the order.")
    quantity: int = attribute("The returned quantity.")
    reason: ReturnReason = attribute("Why it is sent back.")
    condition: ItemCondition | None = attribute("The condition. Null if it is not known.")
    restocked: int = attribute("The quantity that went back to stock.")
    warehouse: Warehouse | None = related(
        inventory.reads.warehouse_by_id,
        key="warehouse_id",
        description="The warehouse that it went to. Null if nothing went back to stock.",
    )


@strawberry.type(description="A change of a return's status.")
class ReturnStatusChange(Node, prefix="rstep"):
    """A row of the history of returns."""

    from_status: ReturnStatus | None = attribute(
        "The status before the change. Null for the first entry, when the return was requested."
    )
    status: ReturnStatus = attribute("The status after the change.")
    note: str | None = attribute("A note on the change. Null if none was given.")
    actor: Id = attribute("The id of the API key that made the change, or `system`.")
    created_at: datetime = attribute("When the object was created.")


@strawberry.type(description="Lines of an order that come back.")
class Return(Node, Versioned, prefix="ret"):
    """A row of the reads of returns."""

    order: Order = related(orders.reads.order_by_id, key="order_id", description="The order.")
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The customer. Null for a guest."
    )
    status: ReturnStatus = attribute("The status of the return.")
    note: str | None = attribute("A note, for internal use.")
    items: list[ReturnLine] = owned_rows(reads.lines_by_return, key="id", description="The lines that come back.")
    refund_amount: Money = money(
        "refund_amount",
        description="What the lines cost, with their shares of discount and tax: the proposed refund.",
    )
    refund: Refund | None = related(
        payments.reads.refund_by_id, key="refund_id", description="The refund. Null before."
    )
    warehouse: Warehouse | None = related(
        inventory.reads.warehouse_by_id,
        key="warehouse_id",
        description="The warehouse that the lines are sent to. Null before the return is approved.",
    )
    carrier: str | None = attribute("The code of the carrier. Null without a label.")
    carrier_name: str | None = attribute("The name of the carrier. Null without a label.")
    service: str | None = attribute("The code of the service. Null without a label.")
    service_name: str | None = attribute("The name of the service. Null without a label.")
    tracking_number: str | None = attribute("The tracking number of the return shipment. Null without one.")
    tracking_url: Url | None = attribute("The tracking page of the return shipment. Null without one.")
    label_url: Url | None = attribute("The URL of the label, which needs an API key. Null without one.")
    history: list[ReturnStatusChange] = owned_rows(
        reads.changes_by_return, key="id", description="The status changes of the return, oldest first."
    )
    received_at: datetime | None = attribute("When the lines arrived. Null before.")
    closed_at: datetime | None = attribute("When the return was closed or rejected. Null before.")


@strawberry.type(description="A page of returns.")
class ReturnConnection(Connection[Return]):
    """A page of returns."""
