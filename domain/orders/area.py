"""What orders announce."""

from __future__ import annotations

from domain.kernel.area import Area, EnumDoc, EventArea, NodeType, own_tables
from domain.orders import reads, snapshot
from domain.orders.documents import OrderDocument
from domain.orders.events import OrderCancelled, OrderCreated, OrderFulfilled, OrderRefunded, OrderUpdated
from domain.orders.personal_data import PERSONAL_DATA
from domain.orders.states import DraftOrderStatus, FulfillmentStatus, OrderStatus, PaymentStatus

_ENUMS = (
    EnumDoc(
        OrderStatus,
        "The status of an order.",
        {
            OrderStatus.PENDING: "The order was placed and can still be edited.",
            OrderStatus.PROCESSING: "The order is being prepared.",
            OrderStatus.SHIPPED: "The order was shipped.",
            OrderStatus.DELIVERED: "The order was delivered.",
            OrderStatus.CANCELLED: "The order was cancelled and its stock released.",
        },
    ),
    EnumDoc(
        DraftOrderStatus,
        "The status of a draft order.",
        {
            DraftOrderStatus.OPEN: "The draft can still be changed.",
            DraftOrderStatus.COMPLETED: "The draft was completed as an order.",
        },
    ),
    EnumDoc(
        PaymentStatus,
        "The payment status of an order, derived from captures and refunds.",
        {
            PaymentStatus.PENDING: "The total has not been fully captured.",
            PaymentStatus.PAID: "The total has been captured.",
            PaymentStatus.FAILED: "The last payment failed and nothing has been captured.",
            PaymentStatus.REFUNDED: "All captured payments have been refunded.",
        },
    ),
    EnumDoc(
        FulfillmentStatus,
        "The fulfilment status of an order, derived from shipped quantities.",
        {
            FulfillmentStatus.UNFULFILLED: "No item has been shipped.",
            FulfillmentStatus.PARTIAL: "Some items have been shipped.",
            FulfillmentStatus.FULFILLED: "All items have been shipped.",
        },
    ),
)

AREA = Area(
    scopes=frozenset({"orders:read", "orders:write", "access:write"}),  # access: the settings of the store
    events=(OrderCreated, OrderUpdated, OrderCancelled, OrderFulfilled, OrderRefunded),
    event_areas={"order": EventArea("orders:read", snapshot.order_row, OrderDocument, stored=snapshot.ORDER)},
    nodes={
        "ord": NodeType((reads.order_by_id,)),
        "item": NodeType((reads.item_by_id, reads.draft_item_by_id)),
        "note": NodeType((reads.note_by_id,)),
        "step": NodeType((reads.step_by_id,)),
        "dord": NodeType((reads.draft_by_id,)),
    },
    personal_data=PERSONAL_DATA,
    tables=own_tables("domain.orders", append_only={"imported_order"}),
    enums=_ENUMS,
)
