"""Commands of returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Amount, Choice, Integer, ListOf, NestedObject, Text, Unset
from domain.kernel.fields.versions import version_of
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.shipping.commands.shared_fields import (
    CARRIER,
    MAX_SHIPMENT_ITEMS,
    ORDER_ID,
    RETURN_ID,
    SERVICE,
    TRACKING_NUMBER,
)
from domain.shipping.states import ItemCondition, ReturnReason

_NOTE = Text(min=1, max=2_000, description="A note, for internal use.", example="The box was torn")
_VERSION = version_of("return")
_LINE_ID = Text(min=1, max=64, description="The id of the line of the order (`item_…`).", example=example_id("item"))
_CONDITION = Choice(description="The condition of the items.", example="opened")
_WAREHOUSE = Text(
    min=1,
    max=64,
    description="The id of the warehouse (`wh_…`) that the items go to. Default: that of the return.",
    example=example_id("wh"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnLineInput:
    """A quantity of a line of the order that is sent back."""

    id: Annotated[str, _LINE_ID]
    quantity: Annotated[int, Integer(min=1, max=1_000_000, description="The quantity to return.", example=1)]
    reason: Annotated[ReturnReason, Choice(description="Why it is sent back.", example="damaged")]
    condition: Annotated[ItemCondition | Unset | None, _CONDITION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateReturn:
    """Request the return of lines of an order that were shipped."""

    order_id: Annotated[str, ORDER_ID]
    items: Annotated[
        tuple[ReturnLineInput, ...],
        ListOf(
            item=NestedObject(description="A line of the order."),
            min=1,
            max=MAX_SHIPMENT_ITEMS,
            description="The lines that are sent back.",
        ),
    ]
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ApproveReturn:
    """Approve a requested return, with a return label if a carrier is given."""

    id: Annotated[str, RETURN_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    warehouse_id: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="The id of the warehouse (`wh_…`) that the items are sent to. Default: the default warehouse.",
            example=example_id("wh"),
        ),
    ] = UNSET
    carrier: Annotated[str | Unset | None, CARRIER] = UNSET
    service: Annotated[str | Unset | None, SERVICE] = UNSET
    tracking_number: Annotated[str | Unset | None, TRACKING_NUMBER] = UNSET
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectReturn:
    """Reject a return that was not received. Its lines can be returned by another one."""

    id: Annotated[str, RETURN_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnReceiptInput:
    """What has arrived of a line."""

    id: Annotated[str, _LINE_ID]
    condition: Annotated[ItemCondition | Unset | None, _CONDITION] = UNSET
    restock: Annotated[
        int | Unset,
        Integer(
            max=1_000_000,
            description="The quantity to restock. Default: all, unless the condition is `damaged`.",
            example=1,
        ),
    ] = UNSET
    warehouse_id: Annotated[str | Unset, _WAREHOUSE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiveReturn:
    """Record that an approved return has arrived, and put its items back to stock."""

    id: Annotated[str, RETURN_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    items: Annotated[
        tuple[ReturnReceiptInput, ...],
        ListOf(
            item=NestedObject(description="A line of the return."),
            max=MAX_SHIPMENT_ITEMS,
            description="Details of received lines. All other lines of the return are received as well.",
        ),
    ] = ()
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseReturn:
    """Close a return that is approved or was received."""

    id: Annotated[str, RETURN_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundReturn:
    """Pay back the lines of a return that is approved or was received."""

    id: Annotated[str, RETURN_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    payment_id: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="The id of the payment (`pay_…`) to refund. Default: the captured payment of the order. "
            "Required if there are several.",
            example=example_id("pay"),
        ),
    ] = UNSET
    amount: Annotated[
        Money | Unset,
        Amount(
            description="The amount to pay back. Default: what the lines cost, with their shares of discount and tax.",
            example="49.90",
        ),
    ] = UNSET
