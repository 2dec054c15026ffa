"""The use cases of orders."""

from domain.orders.service.assignment import AssignedOrders, assign_orders
from domain.orders.service.changes import OrderChange, lock_order
from domain.orders.service.drafts import (
    complete_draft_order,
    create_draft_order,
    delete_draft_order,
    update_draft_order,
)
from domain.orders.service.edits import add_order_note, edit_order, update_order
from domain.orders.service.fulfillment import (
    SHIPPABLE,
    cost_of_lines,
    count_returned,
    follow_shipments,
    is_shippable,
    require_shippable,
    ship_lines,
    unship_lines,
)
from domain.orders.service.history_import import PastLine, PastOrder, StockLoss, has_orders_until, import_orders
from domain.orders.service.indexes import follow_customer_names
from domain.orders.service.order_sources import KnownOrder, OrderKey, OrderSource, find_imported_orders
from domain.orders.service.payments import (
    find_payable_order,
    follow_payment,
    recount_lines,
    refund_lines,
    restore_lines,
)
from domain.orders.service.placement import create_order
from domain.orders.service.settings import open_settings, update_settings
from domain.orders.service.status import cancel_order, update_order_status

__all__ = [
    "SHIPPABLE",
    "AssignedOrders",
    "KnownOrder",
    "OrderChange",
    "OrderKey",
    "OrderSource",
    "PastLine",
    "PastOrder",
    "StockLoss",
    "add_order_note",
    "assign_orders",
    "cancel_order",
    "complete_draft_order",
    "cost_of_lines",
    "count_returned",
    "create_draft_order",
    "create_order",
    "delete_draft_order",
    "edit_order",
    "find_imported_orders",
    "find_payable_order",
    "follow_customer_names",
    "follow_payment",
    "follow_shipments",
    "has_orders_until",
    "import_orders",
    "is_shippable",
    "lock_order",
    "open_settings",
    "recount_lines",
    "refund_lines",
    "require_shippable",
    "restore_lines",
    "ship_lines",
    "unship_lines",
    "update_draft_order",
    "update_order",
    "update_order_status",
    "update_settings",
]
