"""Filters of lists of shipments and returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.fields import UNSET, Choice, ListOf, Text, Unset
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO, UPDATED_FROM, UPDATED_TO
from domain.kernel.ids import example_id
from domain.shipping.states import ReturnStatus, ShipmentStatus

_ORDER = Text(min=1, max=64, description="Return only those of this order.", example=example_id("ord"))
_CUSTOMER = Text(min=1, max=64, description="Return only those of this customer.", example=example_id("cust"))


@dataclass(frozen=True, kw_only=True, slots=True)
class ShipmentFilter:
    """Conditions on shipments. All of them must match."""

    status: Annotated[
        tuple[ShipmentStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status of shipments.", example="in_transit"),
            min=1,
            max=6,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    carrier: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=50, description="The code of a carrier.", example="fedex"),
            min=1,
            max=20,
            description="Return only shipments of these carriers. Default: all.",
        ),
    ] = UNSET
    order_id: Annotated[str | Unset, _ORDER] = UNSET
    customer_id: Annotated[str | Unset, _CUSTOMER] = UNSET
    warehouse_id: Annotated[
        str | Unset,
        Text(min=1, max=64, description="Return only shipments that left this warehouse.", example=example_id("wh")),
    ] = UNSET
    tracking_number: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="Return only shipments with exactly this tracking number.",
            example="1Z999AA10123456784",
        ),
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnFilter:
    """Conditions on returns. All of them must match."""

    status: Annotated[
        tuple[ReturnStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status of returns.", example="requested"),
            min=1,
            max=5,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    order_id: Annotated[str | Unset, _ORDER] = UNSET
    customer_id: Annotated[str | Unset, _CUSTOMER] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET
