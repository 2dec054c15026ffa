"""Commands and filters of purchase orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.inventory.commands.stock import MAX_MOVEMENT, NOTE, id_of
from domain.inventory.model import PurchaseOrderStatus
from domain.kernel.fields import UNSET, Choice, Integer, ListOf, NestedObject, Text, Unset
from domain.kernel.fields.versions import version_of

MAX_LINES = 100
"""Lines of one purchase order at most."""
_EXAMPLE_VARIANT = "var_01jd3v4q8rf9k6w2m5n7t0xhz4"


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseOrderLineInput:
    """A line: a quantity of one variant. Identify it by product (if it has one variant), variant or SKU."""

    product_id: Annotated[str | Unset, Text(min=1, max=64, description="The id of the product (`prod_…`).")] = UNSET
    variant_id: Annotated[
        str | Unset, Text(min=1, max=64, description="The id of the variant (`var_…`).", example=_EXAMPLE_VARIANT)
    ] = UNSET
    sku: Annotated[str | Unset, Text(min=1, max=64, description="The SKU of the variant, ignoring case.")] = UNSET
    quantity: Annotated[int, Integer(min=1, max=MAX_MOVEMENT, description="The ordered quantity.", example=50)]


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatePurchaseOrder:
    """Create a purchase order for units ordered from a supplier."""

    lines: Annotated[
        tuple[PurchaseOrderLineInput, ...],
        ListOf(
            item=NestedObject(description="A line of the order."),
            min=1,
            max=MAX_LINES,
            description="The lines, one per variant. At most 2,000,000,000 units over all lines.",
        ),
    ]
    location: Annotated[
        str | Unset,
        Text(min=1, max=64, description="The id of the receiving warehouse (`wh_…`). Default: the default warehouse."),
    ] = UNSET
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelPurchaseOrder:
    """Cancel an open purchase order. Units already received stay in stock."""

    id: Annotated[str, id_of("purchase order", "po")]
    expected_version: Annotated[int | Unset, version_of("purchase order")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedLineInput:
    """The quantity received of one line of a purchase order."""

    variant_id: Annotated[
        str,
        Text(min=1, max=64, description="The id of the variant of the line (`var_…`).", example=_EXAMPLE_VARIANT),
    ]
    quantity: Annotated[int, Integer(min=1, max=MAX_MOVEMENT, description="The received quantity.", example=10)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivePurchaseOrder:
    """Book received units of a purchase order into its warehouse."""

    id: Annotated[str, id_of("purchase order", "po")]
    expected_version: Annotated[int | Unset, version_of("purchase order")] = UNSET
    quantity: Annotated[
        int | Unset,
        Integer(
            min=1,
            max=MAX_MOVEMENT,
            description="The received quantity of an order with one line. If both this and the lines are omitted, all "
            "outstanding units are received.",
        ),
    ] = UNSET
    lines: Annotated[
        tuple[ReceivedLineInput, ...] | Unset,
        ListOf(
            item=NestedObject(description="The received quantity of one line."),
            min=1,
            max=MAX_LINES,
            description="The received quantities by line. Nothing is received of lines that are left out. Cannot be "
            "combined with a quantity of the whole order.",
        ),
    ] = UNSET
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseOrderFilter:
    """Conditions on purchase orders. All of them must match."""

    status: Annotated[
        tuple[PurchaseOrderStatus, ...] | Unset,
        ListOf(
            item=Choice(description="The status of the purchase order.", example="open"),
            min=1,
            max=3,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
