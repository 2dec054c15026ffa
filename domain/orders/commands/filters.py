"""Filters of lists of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.fields import (
    UNSET,
    Choice,
    ListOf,
    Text,
    Unset,
)
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO, UPDATED_FROM, UPDATED_TO, at_least, at_most
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFilter:
    """Conditions on orders. All of them must match."""

    status: Annotated[
        tuple[OrderStatus, ...] | Unset,
        ListOf(
            item=Choice(description="An order status.", example="pending"),
            min=1,
            max=5,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    customer_id: Annotated[
        str | Unset,
        Text(min=1, max=64, description="Return only orders of this customer.", example=example_id("cust")),
    ] = UNSET
    number: Annotated[
        str | Unset,
        Text(
            min=1,
            max=19,
            pattern=r"#?[0-9]{1,18}",
            form="digits, such as 1473 or #1473",
            description="The order number, with or without `#`.",
            example="1473",
        ),
    ] = UNSET
    email: Annotated[
        str | Unset,
        Text(
            min=1,
            max=MAX_EMAIL_LENGTH,
            description="Return only orders whose e-mail address, or its domain, starts with this text, ignoring case.",
            example="customer@example.com",
        ),
    ] = UNSET
    sku: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="Return only orders with a line of this SKU, ignoring case.",
            example="HEADPHONE-001",
        ),
    ] = UNSET
    payment_status: Annotated[
        tuple[PaymentStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A payment status.", example="paid"),
            min=1,
            max=4,
            description="Return only these payment statuses. Default: all.",
        ),
    ] = UNSET
    fulfillment_status: Annotated[
        tuple[FulfillmentStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A fulfilment status.", example="unfulfilled"),
            min=1,
            max=3,
            description="Return only these fulfilment statuses. Default: all.",
        ),
    ] = UNSET
    date_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    date_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET
    total_from: Annotated[Money | Unset, at_least("The total")] = UNSET
    total_to: Annotated[Money | Unset, at_most("The total")] = UNSET
