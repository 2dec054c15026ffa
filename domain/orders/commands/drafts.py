"""Commands and filters of draft orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Choice, FieldLocation, Integer, ListOf, Text, Unset
from domain.orders.commands.orders import CUSTOMER_ID, ITEMS, OrderItemInput, OrderTerms
from domain.orders.states import DraftOrderStatus

_DRAFT_VERSION = Integer(
    description="The version the change is based on. If the draft order has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)
_DRAFT_ID = Text(min=1, max=64, description="The id of the draft order (`dord_…`).", place=FieldLocation.PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateDraftOrder(OrderTerms):
    """Create a draft order. No stock is reserved until it is completed."""

    customer_id: Annotated[str | Unset | None, CUSTOMER_ID] = UNSET
    items: Annotated[tuple[OrderItemInput, ...], ITEMS]


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateDraftOrder(OrderTerms):
    """Update an open draft order. Fields that are left out stay unchanged; `items` replaces the current list.

    Values that were not set follow their source: prices follow the catalog, e-mail and addresses the customer, tax and
    shipping the settings. Null removes a value that was set.
    """

    id: Annotated[str, _DRAFT_ID]
    expected_version: Annotated[int | Unset, _DRAFT_VERSION] = UNSET
    customer_id: Annotated[str | Unset | None, CUSTOMER_ID] = UNSET
    items: Annotated[tuple[OrderItemInput, ...] | Unset, ITEMS] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteDraftOrder:
    """Delete an open draft order."""

    id: Annotated[str, _DRAFT_ID]
    expected_version: Annotated[int | Unset, _DRAFT_VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CompleteDraftOrder:
    """Create the order from a draft. Lines without a price of their own use current prices."""

    id: Annotated[str, _DRAFT_ID]
    expected_version: Annotated[int | Unset, _DRAFT_VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftOrderFilter:
    """Conditions on draft orders. All of them must match."""

    status: Annotated[
        tuple[DraftOrderStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A draft order status.", example="open"),
            min=1,
            max=2,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    customer_id: Annotated[
        str | Unset,
        Text(min=1, max=64, description="Return only draft orders of this customer.", example="cust_01jd3v4q8r"),
    ] = UNSET
