"""Filters of lists of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.fields import UNSET, Choice, ListOf, MinorAmount, Text, Unset
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.payments.states import (
    DisputeStatus,
    PaymentIntentStatus,
    PaymentMethod,
    PaymentState,
)

_ORDER = Text(min=1, max=64, description="Return only those of this order.", example=example_id("ord"))
_CUSTOMER = Text(min=1, max=64, description="Return only those of this customer.", example=example_id("cust"))
_PAYMENT = Text(min=1, max=64, description="Return only those of this payment.", example=example_id("pay"))
_METHODS = ListOf(
    item=Choice(description="A payment method.", example="card"),
    min=1,
    max=10,
    description="Return only these payment methods. Default: all.",
)
_AMOUNT_FROM = MinorAmount(
    min=0, description="The amount is at least this amount, in the currency of the store.", example="10.00"
)
_AMOUNT_TO = MinorAmount(
    min=0, description="The amount is at most this amount, in the currency of the store.", example="99.99"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentIntentFilter:
    """Conditions on payment intents. All of them must match."""

    status: Annotated[
        tuple[PaymentIntentStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status of payment intents.", example="requires_capture"),
            min=1,
            max=7,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    payment_method: Annotated[tuple[PaymentMethod, ...] | Unset, _METHODS] = UNSET
    order_id: Annotated[str | Unset, _ORDER] = UNSET
    customer_id: Annotated[str | Unset, _CUSTOMER] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    amount_from: Annotated[Money | Unset, _AMOUNT_FROM] = UNSET
    amount_to: Annotated[Money | Unset, _AMOUNT_TO] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentFilter:
    """Conditions on payments. All of them must match."""

    status: Annotated[
        tuple[PaymentState, ...] | Unset,
        ListOf(
            item=Choice(description="A status of payments.", example="captured"),
            min=1,
            max=6,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    payment_method: Annotated[tuple[PaymentMethod, ...] | Unset, _METHODS] = UNSET
    order_id: Annotated[str | Unset, _ORDER] = UNSET
    customer_id: Annotated[str | Unset, _CUSTOMER] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    amount_from: Annotated[Money | Unset, _AMOUNT_FROM] = UNSET
    amount_to: Annotated[Money | Unset, _AMOUNT_TO] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DisputeFilter:
    """Conditions on disputes. All of them must match."""

    status: Annotated[
        tuple[DisputeStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status of disputes.", example="needs_response"),
            min=1,
            max=4,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    order_id: Annotated[str | Unset, _ORDER] = UNSET
    payment_id: Annotated[str | Unset, _PAYMENT] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerTransferFilter:
    """Conditions on transfers of the ledger. All of them must match."""

    payment_id: Annotated[str | Unset, _PAYMENT] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
