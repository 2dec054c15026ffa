"""REST endpoints of purchase orders."""

from __future__ import annotations

from domain import inventory
from domain.inventory.commands import PurchaseOrderFilter
from domain.inventory.documents import PurchaseOrderDocument
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.inventory.objects import PURCHASE_ORDER

reads = inventory.reads

_ORDER = PURCHASE_ORDER.id_in_path()

PURCHASES = tagged(
    "Inventory",
    Endpoint(
        method="GET",
        path="/purchase_orders",
        name="listPurchaseOrders",
        summary="List purchase orders",
        description="Newest first. Orders are created manually, or when an alert with a reorder quantity fires.",
        action=PageAction(listing=reads.purchase_orders, document=PurchaseOrderDocument, filters=PurchaseOrderFilter),
    ),
    Endpoint(
        method="POST",
        path="/purchase_orders",
        name="createPurchaseOrder",
        summary="Create a purchase order",
        description="All lines go to one warehouse. One line per variant.",
        action=WriteAction(use_case=use_case_of(inventory.create_purchase_order), returns=PURCHASE_ORDER),
    ),
    Endpoint(
        method="POST",
        path="/purchase_orders/{id}/cancel",
        name="cancelPurchaseOrder",
        summary="Cancel a purchase order",
        description="Cancels an open order. Units already received stay in stock.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(inventory.cancel_purchase_order),
            writes=frozenset({"status", "cancelled_at"}),
            returns=PURCHASE_ORDER,
            current=PURCHASE_ORDER,
        ),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/purchase_orders/{id}",
        name="getPurchaseOrder",
        summary="Get a purchase order",
        action=ItemAction(source=PURCHASE_ORDER),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="POST",
        path="/purchase_orders/{id}/receive",
        name="receivePurchaseOrder",
        summary="Receive a purchase order",
        description="Books received units into the warehouse of the order: all outstanding units, or fewer if "
        "`quantity` (orders with one line) or `lines` is given.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(inventory.receive_purchase_order),
            writes=frozenset(),
            described=False,
            returns=PURCHASE_ORDER,
            current=PURCHASE_ORDER,
        ),
        ids={"id": _ORDER},
    ),
)
