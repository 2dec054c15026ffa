"""The command of imports: one past order of another system. The same rules hold for CSV and JSON Lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.catalog.commands import SKU_PATTERN
from domain.kernel.address import AddressInput
from domain.kernel.fields import (
    UNSET,
    Amount,
    Boolean,
    Choice,
    DateTime,
    Email,
    Integer,
    Json,
    ListOf,
    Metadata,
    NestedObject,
    Text,
    Unset,
)
from domain.kernel.fields.tags import TAGS
from domain.kernel.money import Money
from domain.orders.commands.orders import MAX_QUANTITY
from domain.orders.states import OrderStatus

MAX_PAST_ITEMS = 5_000
"""Invoices of wholesalers have more lines than any order that is placed here."""
DEFAULT_SOURCE = "import"

_SKU = Text(
    min=1,
    max=64,
    pattern=SKU_PATTERN,
    form="text without slashes, with at most one blank between words, such as HEADPHONE-001",
    description="The SKU. A product that is not in the store is created, archived.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOrderItem:
    """A line of a past order."""

    sku: Annotated[str, _SKU]
    name: Annotated[str | Unset, Text(min=1, max=255, description="The name of a product that is created.")] = UNSET
    quantity: Annotated[int, Integer(min=1, max=MAX_QUANTITY, description="The quantity.")]
    price: Annotated[Money, Amount(description="The unit price, in the currency of the store.")]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOrder:
    """A past order. No tax is added."""

    number: Annotated[str, Text(min=1, max=64, description="The number in its source. Unique with it.")]
    source: Annotated[str, Text(min=1, max=64, description="The system that the order comes from.")] = DEFAULT_SOURCE
    created_at: Annotated[datetime, DateTime(description="When it was placed.")]
    items: Annotated[
        tuple[ImportOrderItem, ...],
        ListOf(item=NestedObject(description="A line."), min=1, max=MAX_PAST_ITEMS, description="The lines."),
    ]
    status: Annotated[OrderStatus, Choice(description="The status.")] = OrderStatus.DELIVERED
    paid: Annotated[bool | Unset, Boolean(description="Whether the total was collected. Default: of sent ones.")] = (
        UNSET
    )
    email: Annotated[str | Unset, Email(description="Of the customer. Without one the buyer is a guest.")] = UNSET
    first_name: Annotated[str | Unset, Text(max=255, description="Of a customer who is created.")] = UNSET
    last_name: Annotated[str | Unset, Text(max=255, description="Of a customer who is created.")] = UNSET
    address: Annotated[AddressInput | Unset, NestedObject(description="Of shipping and billing.")] = UNSET
    shipping: Annotated[Money | Unset, Amount(description="What shipping cost.")] = UNSET
    discount: Annotated[Money | Unset, Amount(description="What was taken off the subtotal.")] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, TAGS] = UNSET
    metadata: Annotated[Json | Unset, Metadata(description="Custom JSON data.")] = UNSET
    cancel_reason: Annotated[str | Unset, Text(min=1, max=64, description="Why it was cancelled, as a code.")] = UNSET
