"""Commands of refunds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Boolean, Integer, ListOf, MinorAmount, NestedObject, Text, Unset
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.payments.commands.shared_fields import INTENT_VERSION, PAYMENT_ID

MAX_REFUND_ITEMS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundItemInput:
    """A quantity of a line of the order."""

    id: Annotated[str, Text(min=1, max=64, description="The id of the line (`item_…`).", example=example_id("item"))]
    quantity: Annotated[int, Integer(min=1, max=1_000_000, description="The quantity to refund.", example=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundPayment:
    """Pay back a captured payment, in whole or in part."""

    id: Annotated[str, PAYMENT_ID]
    expected_version: Annotated[int | Unset, INTENT_VERSION] = UNSET
    amount: Annotated[
        Money | Unset,
        MinorAmount(
            description="The amount to pay back. Default: the amount of `items`, or all that is left.",
            example="199.99",
        ),
    ] = UNSET
    items: Annotated[
        tuple[RefundItemInput, ...],
        ListOf(
            item=NestedObject(description="A line of the order."),
            max=MAX_REFUND_ITEMS,
            description="The lines of the order that are refunded. Their `refunded` quantities increase.",
        ),
    ] = ()
    reason: Annotated[
        str | Unset | None,
        Text(min=1, max=64, description="The reason, as a code of your choice.", example="customer_request"),
    ] = UNSET
    refund_application_fee: Annotated[
        bool,
        Boolean(
            description="Whether to request the share of the processor's fee. Only the sandbox returns it; Stripe "
            "keeps its fee.",
            example=False,
        ),
    ] = False
