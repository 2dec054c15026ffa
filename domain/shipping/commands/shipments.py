"""Commands of shipments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.address import AddressInput
from domain.kernel.fields import UNSET, Choice, DateTime, FieldLocation, ListOf, NestedObject, Text, Unset
from domain.kernel.fields.versions import version_of
from domain.kernel.money import Money
from domain.shipping.commands.shared_fields import (
    CARRIER,
    INSURANCE_VALUE,
    MAX_PACKAGES,
    MAX_SHIPMENT_ITEMS,
    ORDER_ID,
    PACKAGE,
    SERVICE,
    SHIPMENT_ID,
    SIGNATURE_REQUIRED,
    TRACKING_NUMBER,
    WAREHOUSE_ID,
    PackageInput,
    ShipmentItemInput,
)
from domain.shipping.states import TrackingStatus

_DESCRIPTION = Text(
    min=1, max=500, description="What happened, in words. Default: a text for the status.", example="Departed the depot"
)
_LOCATION = Text(min=1, max=255, description="Where it happened.", example="Memphis, TN")
_VERSION = version_of("shipment")


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateShipment:
    """Ship lines of an order, or all that is left of it, from one warehouse."""

    order_id: Annotated[str, ORDER_ID]
    carrier: Annotated[str, CARRIER]
    service: Annotated[str, SERVICE]
    items: Annotated[
        tuple[ShipmentItemInput, ...],
        ListOf(
            item=NestedObject(description="A line of the order."),
            max=MAX_SHIPMENT_ITEMS,
            description="The lines to ship. Default: all that has not been shipped from the warehouse.",
        ),
    ] = ()
    packages: Annotated[
        tuple[PackageInput, ...],
        ListOf(
            item=PACKAGE,
            max=MAX_PACKAGES,
            description="The packages. Default: the lines are packed into the boxes of the settings by their weights.",
        ),
    ] = ()
    warehouse_id: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="The id of the warehouse (`wh_…`) that the lines leave. Default: the one in which they are "
            "reserved. Required if there are several.",
            example=WAREHOUSE_ID.example,
        ),
    ] = UNSET
    ship_from: Annotated[
        AddressInput | Unset, NestedObject(description="The sender's address. Default: that of the warehouse.")
    ] = UNSET
    ship_to: Annotated[
        AddressInput | Unset, NestedObject(description="The recipient's address. Default: that of the order.")
    ] = UNSET
    insurance_value: Annotated[Money | Unset | None, INSURANCE_VALUE] = UNSET
    signature_required: Annotated[bool, SIGNATURE_REQUIRED] = False
    tracking_number: Annotated[str | Unset | None, TRACKING_NUMBER] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelShipment:
    """Cancel a shipment that was not handed over. Its label becomes void, and its stock is reserved again."""

    id: Annotated[str, SHIPMENT_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    reason: Annotated[
        str | Unset | None, Text(min=1, max=500, description="The reason, for internal use.", example="Wrong address")
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AdvanceShipment:
    """Advance a shipment of the sandbox to the next or a given status."""

    id: Annotated[str, SHIPMENT_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    status: Annotated[
        TrackingStatus | Unset,
        Choice(description="The new status. Default: the next one.", example="in_transit"),
    ] = UNSET
    description: Annotated[str | Unset, _DESCRIPTION] = UNSET
    location: Annotated[str | Unset | None, _LOCATION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddTrackingEvent:
    """Record a tracking event of a shipment."""

    shipment_id: Annotated[
        str, Text(min=1, max=64, description="The id of the shipment (`shp_…`).", place=FieldLocation.PATH)
    ]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    status: Annotated[TrackingStatus, Choice(description="The status that it reports.", example="in_transit")]
    description: Annotated[str | Unset, _DESCRIPTION] = UNSET
    location: Annotated[str | Unset | None, _LOCATION] = UNSET
    occurred_at: Annotated[
        datetime | Unset,
        DateTime(description="When it happened, not in the future. Default: now.", example="2026-01-15T10:30:00Z"),
    ] = UNSET
