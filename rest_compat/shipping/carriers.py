"""Endpoints of the store's own carriers."""

from __future__ import annotations

from domain import shipping
from domain.kernel.use_cases.registry import use_case_of
from domain.shipping.documents import ShippingCarrierDocument
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.shipping.objects import CARRIER

_CARRIER = CARRIER.id_in_path()

CARRIERS = tagged(
    "Shipping",
    Endpoint(
        method="GET",
        path="/shipping/carriers",
        name="listShippingCarriers",
        summary="List carriers of the store's own",
        description="A page of the carriers that the store has described itself, newest first by default. The "
        "built-in ones are in the shipping settings.",
        action=PageAction(listing=shipping.reads.carriers, document=ShippingCarrierDocument),
    ),
    Endpoint(
        method="POST",
        path="/shipping/carriers",
        name="createShippingCarrier",
        summary="Create a carrier",
        description="Describes a carrier of the store's own, with services and prices by weight and zone.",
        action=WriteAction(use_case=use_case_of(shipping.create_shipping_carrier), returns=CARRIER),
    ),
    Endpoint(
        method="GET",
        path="/shipping/carriers/{id}",
        name="getShippingCarrier",
        summary="Get a carrier",
        action=ItemAction(source=CARRIER),
        ids={"id": _CARRIER},
    ),
    Endpoint(
        method="PUT",
        path="/shipping/carriers/{id}",
        name="updateShippingCarrier",
        summary="Update a carrier",
        action=WriteAction(use_case=use_case_of(shipping.update_shipping_carrier), returns=CARRIER, current=CARRIER),
        ids={"id": _CARRIER},
    ),
    Endpoint(
        method="DELETE",
        path="/shipping/carriers/{id}",
        name="deleteShippingCarrier",
        summary="Delete a carrier",
        description="Its shipments stay.",
        action=WriteAction(use_case=use_case_of(shipping.delete_shipping_carrier), current=CARRIER),
        ids={"id": _CARRIER},
    ),
)
