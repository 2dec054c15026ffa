"""Orders, drafts and settings over REST."""

from __future__ import annotations

from domain import orders
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import OrderFilter
from domain.orders.documents import (
    AssignedOrdersDocument,
    OrderDocument,
)
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.objects import PathId, ResultDocument
from rest_compat.orders.drafts import DRAFTS
from rest_compat.orders.objects import DERIVED, DISCOUNT, HISTORY, ITEM, ITEMS, NOTE, NOTES, ORDER
from rest_compat.orders.settings import SETTINGS

reads = orders.reads

_ORDER = ORDER.id_in_path()
_PARENT = ORDER.id_in_path("order_id")
_ITEM = ITEM.id_in_path()
_NOTE = NOTE.id_in_path()
_CUSTOMER = PathId(noun="customer", prefix="cust", field="customer_id")

_ORDERS = tagged(
    "Orders",
    Endpoint(
        method="GET",
        path="/orders",
        name="listOrders",
        summary="List orders",
        description="A page of orders, newest first by default. Search results are sorted by relevance.",
        action=PageAction(
            listing=reads.orders,
            document=OrderDocument,
            filters=OrderFilter,
            search="Search in e-mail addresses, order numbers (1473 or #1473), names of customers and names in "
            "addresses, by words or prefixes. Ignores case and accents.",
            check_filters=reads.check_filters,
        ),
    ),
    Endpoint(
        method="POST",
        path="/orders",
        name="createOrder",
        summary="Create an order",
        description="Reserves the stock of all lines. If one line cannot be filled, nothing is reserved. Lines "
        "without a price use the catalog price.",
        action=WriteAction(use_case=use_case_of(orders.create_order), returns=ORDER),
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}",
        name="getOrder",
        summary="Get an order",
        action=ItemAction(source=ORDER),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="PATCH",
        path="/orders/{id}",
        name="editOrder",
        summary="Edit a pending order",
        description="Changes lines, quantities, addresses, methods and discount of a pending order. Stock and totals "
        "are adjusted.",
        action=WriteAction(
            use_case=use_case_of(orders.edit_order),
            derived=DERIVED,
            returns=ORDER,
            current=ORDER,
            echoes=DISCOUNT,
        ),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="PUT",
        path="/orders/{id}",
        name="updateOrder",
        summary="Update an order that has not shipped",
        description="Changes e-mail address, addresses, metadata and tags. Omitted fields stay unchanged. Tax and "
        "total are recalculated for a new address. Use PATCH to edit lines and prices.",
        action=WriteAction(use_case=use_case_of(orders.update_order), returns=ORDER, current=ORDER),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/orders/assign",
        name="assignOrders",
        summary="Assign guests' orders to a customer",
        description="Assigns the orders and draft orders that guests placed with an e-mail address. Default: the "
        "e-mail address of the customer. From then on they are listed, summed, exported and erased with the customer.",
        action=WriteAction(use_case=use_case_of(orders.assign_orders), returns=ResultDocument(AssignedOrdersDocument)),
        ids={"id": _CUSTOMER},
        creates_resource=False,
    ),
    Endpoint(
        method="PATCH",
        path="/orders/{id}/status",
        name="updateOrderStatus",
        summary="Update an order's status",
        description="Allowed are `pending` → `processing` → `shipped` → `delivered`, and `cancelled` from the first "
        "two. `shipped` fulfils all remaining items and deducts their stock.",
        action=WriteAction(use_case=use_case_of(orders.update_order_status), returns=ORDER, current=ORDER),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/orders/{id}/cancel",
        name="cancelOrder",
        summary="Cancel an order",
        description="Cancels a pending or processing order and releases its stock.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(orders.cancel_order),
            writes=frozenset({"status", "cancel_reason", "cancelled_at"}),
            returns=ORDER,
            current=ORDER,
        ),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/items",
        name="listOrderItems",
        summary="List an order's lines",
        action=ItemAction(source=ITEMS),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/items/{item_id}",
        name="getOrderItem",
        summary="Get a line of an order",
        action=ItemAction(source=ITEM),
        ids={"id": _ORDER, "item_id": _ITEM},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/notes",
        name="listOrderNotes",
        summary="List an order's notes",
        action=ItemAction(source=NOTES),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/orders/{id}/notes",
        name="addOrderNote",
        summary="Add a note to an order",
        action=WriteAction(use_case=use_case_of(orders.add_order_note), returns=NOTE, current=ORDER),
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/notes/{note_id}",
        name="getOrderNote",
        summary="Get a note on an order",
        action=ItemAction(source=NOTE),
        ids={"id": _ORDER, "note_id": _NOTE},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/history",
        name="listOrderHistory",
        summary="List an order's status changes",
        action=ItemAction(source=HISTORY),
        ids={"id": _ORDER},
    ),
)
ENDPOINTS = (*_ORDERS, *DRAFTS, *SETTINGS)
