"""Endpoints of shipments, their labels and their tracking."""

from __future__ import annotations

from domain import shipping
from domain.kernel.use_cases.registry import use_case_of
from domain.shipping.commands import ShipmentFilter
from domain.shipping.documents import ShipmentDocument
from domain.shipping.ports import PDF, PNG, ZPL
from rest_compat.actions import FileAction, ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.orders.objects import ORDER
from rest_compat.shipping.objects import SHIPMENT, TRACKING, Labels, ShipmentsOfOrder

reads = shipping.reads

_SHIPMENT = SHIPMENT.id_in_path()
_PROGRESS = frozenset({"status", "shipped_at", "delivered_at"})

SHIPMENTS = tagged(
    "Shipping",
    Endpoint(
        method="GET",
        path="/shipments",
        name="listShipments",
        summary="List shipments",
        description="A page of shipments, newest first by default.",
        action=PageAction(
            listing=reads.shipments,
            document=ShipmentDocument,
            filters=ShipmentFilter,
            check_filters=reads.check_filters,
        ),
    ),
    Endpoint(
        method="POST",
        path="/shipments",
        name="createShipment",
        summary="Create a shipment",
        description="Ships lines of an order, or all that is left of it, from one warehouse. The stock leaves the "
        "warehouse, and a pending order becomes processing. A carrier at which the store has an account makes the "
        "label itself: the shipment is `pending` until then, and `cancelled` with a `failure` if it refuses.",
        action=WriteAction(use_case=use_case_of(shipping.create_shipment), returns=SHIPMENT),
    ),
    Endpoint(
        method="GET",
        path="/shipments/{id}",
        name="getShipment",
        summary="Get a shipment",
        action=ItemAction(source=SHIPMENT),
        ids={"id": _SHIPMENT},
    ),
    Endpoint(
        method="GET",
        path="/shipments/{id}/label",
        name="getShipmentLabel",
        summary="Get the label of a shipment",
        description="A page of 4 by 6 inches for each package: PDF by default, PNG or, for thermal printers, ZPL by "
        "`Accept`.",
        action=FileAction(source=Labels(shipping.labels_of_shipment), media_types=(PDF, PNG, ZPL)),
        ids={"id": _SHIPMENT},
    ),
    Endpoint(
        method="GET",
        path="/shipments/{id}/track",
        name="trackShipment",
        summary="Track a shipment",
        description="All tracking events of the shipment, oldest first.",
        action=ItemAction(source=TRACKING),
        ids={"id": _SHIPMENT},
    ),
    Endpoint(
        method="POST",
        path="/shipments/{id}/track",
        name="addTrackingEvent",
        summary="Add a tracking event",
        description="Adds a tracking event to a shipment. An event that is older than the latest one changes no "
        "status.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.add_tracking_event), writes=_PROGRESS, returns=SHIPMENT, current=SHIPMENT
        ),
        ids={"id": SHIPMENT.id_in_path("shipment_id")},
    ),
    Endpoint(
        method="POST",
        path="/shipments/{id}/cancel",
        name="cancelShipment",
        summary="Cancel a shipment",
        description="Possible until it is handed over. Its label becomes void, and its stock is reserved again. The "
        "tracking shows whether a carrier that has made the label has voided it.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.cancel_shipment),
            writes=frozenset({"status", "cancelled_at", "label_url"}),
            returns=SHIPMENT,
            current=SHIPMENT,
        ),
        ids={"id": _SHIPMENT},
    ),
    Endpoint(
        method="POST",
        path="/shipments/{id}/advance",
        name="advanceShipment",
        summary="Advance a shipment in the sandbox",
        description="Test stores only. Advances the shipment to the next or a given status.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.advance_shipment), writes=_PROGRESS, returns=SHIPMENT, current=SHIPMENT
        ),
        ids={"id": _SHIPMENT},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/shipments",
        name="listOrderShipments",
        summary="List an order's shipments",
        description="All shipments of the order, oldest first.",
        action=ItemAction(source=ShipmentsOfOrder()),
        ids={"id": ORDER.id_in_path()},
    ),
)
