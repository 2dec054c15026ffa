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
"""Read, it is what was taken off; written, an amount or a percentage to take off."""
_DERIVED = frozenset({"discount.percent"})
"""What a body says only relative to the prices of what was ordered."""
_OF_DRAFTS = _DISCOUNT | {"price", "variant_id"}
"""A line's price, read, may be the catalog's; written, it is the line's own. A variant that was removed reads null."""


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/orders",
        name="listOrders",
        summary="List orders",
        description="A page of orders, newest first unless sorted; a search is sorted by how well it matches.",
        tag="Orders",
        action=PageAction(
            listing=reads.orders,
            describe=describe_orders,
            filters=OrderFilter,
            search="Words, or their beginnings, of the e-mail address, the number (1473 or #1473), the customer's "
            "names or those of the addresses, whatever the case and accents.",
            admit=reads.check_filters,
        ),
        response=OrderDocument,
    ),
    Endpoint(
        method="POST",
        path="/orders",
        name="createOrder",
        summary="Create an order",
        description="Its stock is reserved, all of it or none. Prices are the catalog's unless given.",
        tag="Orders",
        action=WriteAction(use_case=use_case_of(orders.create_order), represent=represent_order),
        response=OrderDocument,
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}",
        name="getOrder",
        summary="Retrieve an order",
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
        description="Lines to add, to remove, to have another quantity; addresses, methods, discount. Stock and totals "
        "follow.",
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
        description="Whom to write to, where it goes, metadata and tags; what is left out stays. Tax and total follow "
        "the address; lines and prices are edited by PATCH.",
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
        description="Orders and drafts that guests placed with an e-mail address, the customer's own unless another is "
        "given. They are listed, summed, exported and erased with the customer from then on.",
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
        description="pending, processing, shipped, delivered; or cancelled, from the first two. Shipped without a "
        "shipment says that all that remains was sent by other means.",
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
        description="From pending or processing; its stock is back at once.",
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
        summary="Retrieve a line of an order",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.item_by_id), fetch=fetch_item),
        response=OrderItemDocument,
        ids={"id": _ORDER, "item_id": _ITEM},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/notes",
        name="listOrderNotes",
        summary="List what was written on an order",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.notes_by_order), fetch=fetch_notes),
        response=list[OrderNoteDocument],
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/orders/{id}/notes",
        name="addOrderNote",
        summary="Write something on an order",
        tag="Orders",
        action=WriteAction(use_case=use_case_of(orders.add_order_note), represent=represent_note, current=fetch_order),
        response=OrderNoteDocument,
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/notes/{note_id}",
        name="getOrderNote",
        summary="Retrieve what was written on an order",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.note_by_id), fetch=fetch_note),
        response=OrderNoteDocument,
        ids={"id": _ORDER, "note_id": _NOTE},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/history",
        name="listOrderHistory",
        summary="List the statuses an order has been through",
        tag="Orders",
        action=ItemAction(reads=(reads.order_by_id, reads.history_by_order), fetch=fetch_history),
        response=list[OrderStatusChangeDocument],
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/draft_orders",
        name="listDraftOrders",
        summary="List drafts of orders",
        tag="Draft orders",
        action=PageAction(listing=reads.drafts, describe=describe_drafts, filters=DraftOrderFilter),
        response=DraftOrderDocument,
    ),
    Endpoint(
        method="POST",
        path="/draft_orders",
        name="createDraftOrder",
        summary="Prepare an order",
        description="Nothing is reserved and nothing announced until it is completed.",
        tag="Draft orders",
        action=WriteAction(use_case=use_case_of(orders.create_draft_order), represent=represent_draft),
        response=DraftOrderDocument,
    ),
    Endpoint(
        method="GET",
        path="/draft_orders/{id}",
        name="getDraftOrder",
        summary="Retrieve a draft",
        tag="Draft orders",
        action=ItemAction(reads=(reads.draft_by_id, reads.items_by_draft), fetch=fetch_draft),
        response=DraftOrderDocument,
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="PUT",
        path="/draft_orders/{id}",
        name="updateDraftOrder",
        summary="Update a draft",
        description="What is left out stays; items are the whole list, and of a line that is named by its id what is "
        "left out stays, too. What was not given follows its source: a line's price the catalog, e-mail and "
        "addresses the customer. null takes back what was given.",
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
        summary="Throw a draft away",
        tag="Draft orders",
        action=WriteAction(use_case=use_case_of(orders.delete_draft_order), current=fetch_draft),
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="POST",
        path="/draft_orders/{id}/complete",
        name="completeDraftOrder",
        summary="Place the order that a draft prepared",
        description="At the catalog's prices and the settings of now, where the draft gives no price of its own.",
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
        summary="Retrieve how the store sells",
        tag="Settings",
        action=ItemAction(reads=(reads.settings_by_store,), fetch=fetch_settings),
        response=SettingsDocument,
    ),
    Endpoint(
        method="PUT",
        path="/settings",
        name="updateSettings",
        summary="Change how the store sells",
        description="What is left out stays; each list is the whole list. Orders already placed stay as they are.",
        tag="Settings",
        action=WriteAction(
            use_case=use_case_of(orders.update_settings), represent=represent_settings, current=fetch_settings
        ),
        response=SettingsDocument,
    ),
)
