"""Orders and drafts, their lines, notes and history, and the settings of the store."""

from schema.orders.draft import DraftOrder, DraftOrderConnection
from schema.orders.order import Order, OrderConnection, OrderItem, OrderNote
from schema.orders.roots import OrdersMutation, OrdersQuery
from schema.orders.settings import Settings
from schema.orders.summary import OrderSummary

__all__ = [
    "DraftOrder",
    "DraftOrderConnection",
    "Order",
    "OrderConnection",
    "OrderItem",
    "OrderNote",
    "OrderSummary",
    "OrdersMutation",
    "OrdersQuery",
    "Settings",
]
