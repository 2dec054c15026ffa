"""Orders, drafts and settings over REST."""

from __future__ import annotations

from domain import orders
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import DraftOrderFilter, OrderFilter
from domain.orders.serializers import (
    AssignedOrdersDocument,
    DraftOrderDocument,
    OrderDocument,
    OrderItemDocument,
    OrderNoteDocument,
    OrderStatusChangeDocument,
    SettingsDocument,
)
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction
from rest_compat.orders.resources import (
    describe_drafts,
    describe_orders,
    fetch_draft,
    fetch_history,
    fetch_item,
    fetch_items,
    fetch_note,
    fetch_notes,
    fetch_order,
    fetch_settings,
    represent_assigned,
    represent_draft,
    represent_note,
    represent_order,
    represent_settings,
)

__all__ = ["ENDPOINTS", "describe_orders"]

reads = orders.reads

_ORDER = PathId(noun="order", prefix="ord")
_PARENT = PathId(noun="order", prefix="ord", field="order_id")
_ITEM = PathId(noun="item", prefix="item")
_NOTE = PathId(noun="note", prefix="note")
_DRAFT = PathId(noun="draft order", prefix="dord")
_CUSTOMER = PathId(noun="customer", prefix="cust", field="customer_id")
_DISCOUNT = frozenset({"discount"})
"""In responses it is the amount of the discount; in requests, an amount or a percentage."""
_DERIVED = frozenset({"discount.percent"})
"""Body members that are relative to the prices of the ordered items."""
_OF_DRAFTS = _DISCOUNT | {"price", "variant_id"}
"""In responses the price of a line may be the catalog's; in requests it is the line's own. A removed variant is "
"null."""


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/orders",
        name="listOrders",
        summary="List orders",
        description="A page of orders, newest first by default. Search results are sorted by relevance.",
        tag="Orders",
        action=PageAction(
            listing=reads.orders,
            describe=describe_orders,
            filters=OrderFilter,
            search="Search in e-mail addresses, order numbers (1473 or #1473), names of customers and names in "
            "addresses, by words or prefixes. Ignores case and accents.",
            admit=reads.check_filters,
        ),
        response=OrderDocument,
    ),
    Endpoint(
        method="POST",
        path="/orders",
        name="createOrder",
        summary="Create an order",
        description="Reserves the stock of all lines. If one line cannot be filled, nothing is reserved. Lines "
        "without a price use the catalog price.",
        tag="Orders",
        action=WriteAction(use_case=use_case_of(orders.create_order), represent=represent_order),
        response=OrderDocument,
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}",
        name="getOrder",
        summary="Get an order",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.items_by_order), fetch=fetch_order),
        response=OrderDocument,
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="PATCH",
        path="/orders/{id}",
        name="editOrder",
        summary="Edit a pending order",
        description="Changes lines, quantities, addresses, methods and discount of a pending order. Stock and totals "
        "are adjusted.",
        tag="Orders",
        action=WriteAction(
            use_case=use_case_of(orders.edit_order),
            derived=_DERIVED,
            represent=represent_order,
            current=fetch_order,
            echoes=_DISCOUNT,
        ),
        response=OrderDocument,
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="PUT",
        path="/orders/{id}",
        name="updateOrder",
        summary="Update an order that has not shipped",
        description="Changes e-mail address, addresses, metadata and tags. Omitted fields stay unchanged. Tax and "
        "total are recalculated for a new address. Use PATCH to edit lines and prices.",
        tag="Orders",
        action=WriteAction(use_case=use_case_of(orders.update_order), represent=represent_order, current=fetch_order),
        response=OrderDocument,
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/orders/assign",
        name="assignOrders",
        summary="Assign guests' orders to a customer",
        description="Assigns the orders and draft orders that guests placed with an e-mail address. Default: the "
        "e-mail address of the customer. From then on they are listed, summed, exported and erased with the customer.",
        tag="Orders",
        action=WriteAction(use_case=use_case_of(orders.assign_orders), represent=represent_assigned),
        response=AssignedOrdersDocument,
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
        tag="Orders",
        action=WriteAction(
            use_case=use_case_of(orders.update_order_status), represent=represent_order, current=fetch_order
        ),
        response=OrderDocument,
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/orders/{id}/cancel",
        name="cancelOrder",
        summary="Cancel an order",
        description="Cancels a pending or processing order and releases its stock.",
        tag="Orders",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(orders.cancel_order),
            writes=frozenset({"status", "cancel_reason", "cancelled_at"}),
            represent=represent_order,
            current=fetch_order,
        ),
        response=OrderDocument,
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/items",
        name="listOrderItems",
        summary="List an order's lines",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.items_by_order), fetch=fetch_items),
        response=list[OrderItemDocument],
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/items/{item_id}",
        name="getOrderItem",
        summary="Get a line of an order",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.item_by_id), fetch=fetch_item),
        response=OrderItemDocument,
        ids={"id": _ORDER, "item_id": _ITEM},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/notes",
        name="listOrderNotes",
        summary="List an order's notes",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.notes_by_order), fetch=fetch_notes),
        response=list[OrderNoteDocument],
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/orders/{id}/notes",
        name="addOrderNote",
        summary="Add a note to an order",
        tag="Orders",
        action=WriteAction(use_case=use_case_of(orders.add_order_note), represent=represent_note, current=fetch_order),
        response=OrderNoteDocument,
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/notes/{note_id}",
        name="getOrderNote",
        summary="Get a note on an order",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.note_by_id), fetch=fetch_note),
        response=OrderNoteDocument,
        ids={"id": _ORDER, "note_id": _NOTE},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/history",
        name="listOrderHistory",
        summary="List an order's status changes",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.history_by_order), fetch=fetch_history),
        response=list[OrderStatusChangeDocument],
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/draft_orders",
        name="listDraftOrders",
        summary="List draft orders",
        tag="Draft orders",
        action=PageAction(listing=reads.drafts, describe=describe_drafts, filters=DraftOrderFilter),
        response=DraftOrderDocument,
    ),
    Endpoint(
        method="POST",
        path="/draft_orders",
        name="createDraftOrder",
        summary="Create a draft order",
        description="No stock is reserved and no event is created until the draft order is completed.",
        tag="Draft orders",
        action=WriteAction(use_case=use_case_of(orders.create_draft_order), represent=represent_draft),
        response=DraftOrderDocument,
    ),
    Endpoint(
        method="GET",
        path="/draft_orders/{id}",
        name="getDraftOrder",
        summary="Get a draft order",
        tag="Draft orders",
        action=ItemAction(reads=(reads.draft_by_id, reads.items_by_draft), fetch=fetch_draft),
        response=DraftOrderDocument,
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="PUT",
        path="/draft_orders/{id}",
        name="updateDraftOrder",
        summary="Update a draft order",
        description="Omitted fields stay unchanged. `items` replaces the list; omitted fields of a line that is "
        "identified by its id stay unchanged, too. Values that were not set follow their source: the price of a line "
        "the catalog, e-mail and addresses the customer. Null removes a value that was set.",
        tag="Draft orders",
        action=WriteAction(
            use_case=use_case_of(orders.update_draft_order),
            derived=_DERIVED,
            represent=represent_draft,
            current=fetch_draft,
            echoes=_OF_DRAFTS,
        ),
        response=DraftOrderDocument,
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="DELETE",
        path="/draft_orders/{id}",
        name="deleteDraftOrder",
        summary="Delete a draft order",
        tag="Draft orders",
        action=WriteAction(use_case=use_case_of(orders.delete_draft_order), current=fetch_draft),
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="POST",
        path="/draft_orders/{id}/complete",
        name="completeDraftOrder",
        summary="Complete a draft order",
        description="Creates the order with the current settings. Lines without a price of their own use current "
        "prices.",
        tag="Draft orders",
        action=WriteAction(
            use_case=use_case_of(orders.complete_draft_order),
            writes=frozenset({"number", "status", "payment_status", "fulfillment_status"}),
            represent=represent_order,
            current=fetch_draft,
        ),
        response=OrderDocument,
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="GET",
        path="/settings",
        name="getSettings",
        summary="Get the store settings",
        tag="Settings",
        action=ItemAction(reads=(reads.settings_by_store,), fetch=fetch_settings),
        response=SettingsDocument,
    ),
    Endpoint(
        method="PUT",
        path="/settings",
        name="updateSettings",
        summary="Update the store settings",
        description="Omitted fields stay unchanged. A given list replaces the current one. Existing orders are not "
        "affected.",
        tag="Settings",
        action=WriteAction(
            use_case=use_case_of(orders.update_settings), represent=represent_settings, current=fetch_settings
        ),
        response=SettingsDocument,
    ),
)
