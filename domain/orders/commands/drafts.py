"""What callers can ask of drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Choice, FieldLocation, Integer, ListOf, Text, Unset
from domain.orders.commands.orders import CUSTOMER_ID, ITEMS, OrderItemInput, OrderTerms
from domain.orders.states import DraftOrderStatus

_DRAFT_VERSION = Integer(
    description="The version of the draft you have seen; a stale one is a conflict and nothing is written.",
    min=1,
    place=FieldLocation.VERSION,
)
_DRAFT_ID = Text(min=1, max=64, description="The draft's id (dord_…).", place=FieldLocation.PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateDraftOrder(OrderTerms):
    """Prepare an order: nothing is reserved and nothing announced until it is completed."""

    customer_id: Annotated[str | Unset | None, CUSTOMER_ID] = UNSET
    items: Annotated[tuple[OrderItemInput, ...], ITEMS]


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateDraftOrder(OrderTerms):
    """Change what is given of an open draft and leave the rest; ``items`` is the whole list.

    What was not given follows its source: prices the catalog, e-mail and addresses the customer, tax and shipping the
    settings. A null takes back what was given.
    """

    id: Annotated[str, _DRAFT_ID]
    expected_version: Annotated[int | Unset, _DRAFT_VERSION] = UNSET
    customer_id: Annotated[str | Unset | None, CUSTOMER_ID] = UNSET
    items: Annotated[tuple[OrderItemInput, ...] | Unset, ITEMS] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteDraftOrder:
    """Throw an open draft away."""

    id: Annotated[str, _DRAFT_ID]
    expected_version: Annotated[int | Unset, _DRAFT_VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CompleteDraftOrder:
    """Place the order that a draft prepared, at the catalog's prices of now where it gives none."""

    id: Annotated[str, _DRAFT_ID]
    expected_version: Annotated[int | Unset, _DRAFT_VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftOrderFilter:
    """Which drafts a list holds; every condition must hold."""

    status: Annotated[
        tuple[DraftOrderStatus, ...] | Unset,
        ListOf(
            item=Choice(description="open or completed.", example="open"),
            min=1,
            max=2,
            description="One of these; left out: both.",
        ),
    ] = UNSET
    customer_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Of this customer.", example="cust_01jd3v4q8r")
    ] = UNSET
