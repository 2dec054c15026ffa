"""What callers can ask of purchase orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.inventory.commands.stock import MAX_MOVEMENT, NOTE, id_of, version_of
from domain.inventory.model import PurchaseOrderStatus
from domain.kernel.fields import UNSET, Choice, Integer, ListOf, NestedObject, Text, Unset

MAX_LINES = 100
"""Of one purchase order."""
_EXAMPLE_VARIANT = "var_01jd3v4q8rf9k6w2m5n7t0xhz4"


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseOrderLineInput:
    """What is ordered of one variant, named by its id, its SKU, or its product where that has no other."""

    product_id: Annotated[str | Unset, Text(min=1, max=64, description="The product's id (prod_…).")] = UNSET
    variant_id: Annotated[
        str | Unset, Text(min=1, max=64, description="The variant's id (var_…).", example=_EXAMPLE_VARIANT)
    ] = UNSET
    sku: Annotated[str | Unset, Text(min=1, max=64, description="The variant's SKU, in any case.")] = UNSET
    quantity: Annotated[int, Integer(min=1, max=MAX_MOVEMENT, description="How many are ordered.", example=50)]


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatePurchaseOrder:
    """Record what was ordered from the supplier, to be received later."""

    lines: Annotated[
        tuple[PurchaseOrderLineInput, ...],
        ListOf(
            item=NestedObject(description="A line."),
            min=1,
            max=MAX_LINES,
            description="What is ordered, one line for each variant; 2,000,000,000 pieces in all at most.",
        ),
    ]
    location: Annotated[
        str | Unset,
        Text(min=1, max=64, description="The id (wh_…) of the warehouse it goes to; the default one if left out."),
    ] = UNSET
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelPurchaseOrder:
    """Expect no more of a purchase order; what has come of it stays."""

    id: Annotated[str, id_of("purchase order", "po")]
    expected_version: Annotated[int | Unset, version_of("purchase order")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedLineInput:
    """What came of one line of a purchase order."""

    variant_id: Annotated[
        str,
        Text(min=1, max=64, description="The variant of the line (var_…).", example=_EXAMPLE_VARIANT),
    ]
    quantity: Annotated[int, Integer(min=1, max=MAX_MOVEMENT, description="How many came.", example=10)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivePurchaseOrder:
    """Book what a purchase order brought into its warehouse."""

    id: Annotated[str, id_of("purchase order", "po")]
    expected_version: Annotated[int | Unset, version_of("purchase order")] = UNSET
    quantity: Annotated[
        int | Unset,
        Integer(
            min=1,
            max=MAX_MOVEMENT,
            description="How much came, of an order of one line; all that is outstanding when left out, and no lines.",
        ),
    ] = UNSET
    lines: Annotated[
        tuple[ReceivedLineInput, ...] | Unset,
        ListOf(
            item=NestedObject(description="What came of one line."),
            min=1,
            max=MAX_LINES,
            description="What came of which lines; nothing came of the others. Not together with quantity.",
        ),
    ] = UNSET
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseOrderFilter:
    """Which purchase orders a list holds; every condition must hold."""

    status: Annotated[
        tuple[PurchaseOrderStatus, ...] | Unset,
        ListOf(
            item=Choice(description="open, received or cancelled.", example="open"),
            min=1,
            max=3,
            description="One of these; left out: every status.",
        ),
    ] = UNSET
