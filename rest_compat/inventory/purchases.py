"""REST endpoints of purchase orders."""

from __future__ import annotations

from domain import inventory
from domain.inventory.commands import PurchaseOrderFilter
from domain.inventory.serializers import PurchaseOrderDocument
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction
from rest_compat.inventory.resources import (
    describe_purchase_orders,
    fetch_purchase_order,
    represent_purchase_order,
)

reads = inventory.reads

_ORDER = PathId(noun="purchase order", prefix="po")

PURCHASES: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/purchase_orders",
        name="listPurchaseOrders",
        summary="List purchase orders",
        description="Newest first. Orders are created manually, or when an alert with a reorder quantity fires.",
        tag="Inventory",
        action=PageAction(
            listing=reads.purchase_orders, describe=describe_purchase_orders, filters=PurchaseOrderFilter
        ),
        response=PurchaseOrderDocument,
    ),
    Endpoint(
        method="POST",
        path="/purchase_orders",
        name="createPurchaseOrder",
        summary="Create a purchase order",
        description="All lines go to one warehouse. One line per variant.",
        tag="Inventory",
        action=WriteAction(use_case=use_case_of(inventory.create_purchase_order), represent=represent_purchase_order),
        response=PurchaseOrderDocument,
    ),
    Endpoint(
        method="POST",
        path="/purchase_orders/{id}/cancel",
        name="cancelPurchaseOrder",
        summary="Cancel a purchase order",
        description="Cancels an open order. Units already received stay in stock.",
        tag="Inventory",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(inventory.cancel_purchase_order),
            writes=frozenset({"status", "cancelled_at"}),
            represent=represent_purchase_order,
            current=fetch_purchase_order,
        ),
        response=PurchaseOrderDocument,
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/purchase_orders/{id}",
        name="getPurchaseOrder",
        summary="Get a purchase order",
        tag="Inventory",
        action=ItemAction(
            reads=(reads.purchase_order_by_id, reads.lines_by_purchase_order), fetch=fetch_purchase_order
        ),
        response=PurchaseOrderDocument,
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/purchase_orders/{id}/receive",
        name="receivePurchaseOrder",
        summary="Receive a purchase order",
        description="Books received units into the warehouse of the order: all outstanding units, or fewer if "
        "`quantity` (orders with one line) or `lines` is given.",
        tag="Inventory",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(inventory.receive_purchase_order),
            writes=frozenset(),
            described=False,
            represent=represent_purchase_order,
            current=fetch_purchase_order,
        ),
        response=PurchaseOrderDocument,
        ids={"id": _ORDER},
    ),
)
