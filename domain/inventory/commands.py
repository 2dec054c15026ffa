"""What callers can ask of stock. Every limit is written here, once, for both surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.inventory.model import AlertState, PurchaseOrderStatus
from domain.kernel.bulk import ERROR_POLICY, MAX_INPUTS, ErrorPolicy
from domain.kernel.fields import UNSET, Choice, Country, Flag, Inputs, Many, Part, Place, RangeEnd, Text, Unset, Whole
from domain.kernel.ids import example_id

ONE_MOVE = 1_000_000_000
"""The most that one movement adds or takes."""
MAX_WAREHOUSES = 200
MAX_ALERTS = 200
"""Of one product."""
MAX_LINES = 100
"""Of one purchase order."""
_EXAMPLE_PRODUCT = "prod_01jd3v4q8rf9k6w2m5n7t0xhz4"
REASONS = ("received", "sold", "returned", "damaged", "lost", "found", "counted", "promotion", "correction")
"""Well-known ones; any other text will do."""

_PRODUCT = Text(
    min=1,
    max=64,
    description="The product's id (prod_…) or SKU, or the id (var_…) or SKU of one of its variants.",
    place=Place.PATH,
    example="HEADPHONE-001",
)
_VARIANT = Text(
    min=1,
    max=64,
    description="Which of the product's variants (var_…); needed where there are several and none is named.",
    example=example_id("var"),
)
_SKU = Text(min=1, max=64, description="Which of the product's variants, by its SKU in any case.")
_REASON = Text(
    min=1,
    max=64,
    description=f"Why: {', '.join(REASONS)}, or any other text.",
    example="received",
)
_LOCATION = Text(min=1, max=64, description="The warehouse's id (wh_…); the default warehouse when left out.")
_NOTE = Text(max=1_000, description="What else there is to say.", example="Online order #12345")
_NAME = Text(min=1, max=255, description="What people call it.", example="Leeds")
_COUNTRY = Country(description="Where it is: ISO 3166-1 alpha-2, in any case.", example="GB")
_STATE = Text(max=255, description="State, province or county.", example="Yorkshire")
_CITY = Text(max=255, description="The town.", example="Leeds")
_ZIP = Text(max=32, description="The postal code.", example="LS1 4AP")
_LINE1 = Text(max=255, description="Street and number.", example="1 Canal Wharf")
_LINE2 = Text(max=255, description="Building, unit.", example="Unit 4")
_DEFAULT = Flag(description="Whether stock lies here where nothing else is said; the one before it no longer is.")
_MAKE_DEFAULT = Flag(
    description="true makes it the default, in place of the one before; false is refused of the default."
)
_ACTIVE = Flag(
    description="Whether stock can lie in it. false is refused while stock is on hand there, while open purchase "
    "orders go there, and of the default warehouse."
)
_THRESHOLD = Whole(min=1, max=ONE_MOVE, description="Fires when fewer than this are available.", example=10)
_REORDER = Whole(
    min=1,
    max=ONE_MOVE,
    description="How much to order when it fires, as a purchase order; null: nothing is ordered.",
    example=50,
)


def _version(noun: str) -> Whole:
    return Whole(
        description=f"The version of the {noun} you have seen; a stale one is a conflict and nothing is written.",
        min=1,
        place=Place.VERSION,
    )


def _id(noun: str, prefix: str) -> Text:
    return Text(min=1, max=64, description=f"The {noun}'s id ({prefix}_…).", place=Place.PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjustInventory:
    """Book stock into a warehouse, or out of it, with a reason."""

    product_id: Annotated[str, _PRODUCT]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[
        int,
        Whole(min=-ONE_MOVE, max=ONE_MOVE, description="How much comes, or goes where negative; not zero.", example=10),
    ]
    reason: Annotated[str, _REASON]
    location: Annotated[str | Unset, _LOCATION] = UNSET
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjustInventories:
    """Book stock of many products in one transaction: all of it or none, or what can be."""

    input: Annotated[
        tuple[AdjustInventory, ...],
        Inputs(
            item=Part(description="An adjustment."),
            min=1,
            max=MAX_INPUTS,
            description="The adjustments. They are booked in their order; one variant may be named several times.",
        ),
    ]
    error_policy: Annotated[ErrorPolicy, ERROR_POLICY] = ErrorPolicy.ALL_OR_NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class SetInventory:
    """Make what is on hand in a warehouse a number that was counted: the difference is booked as one movement."""

    product_id: Annotated[str, _PRODUCT]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[
        int, Whole(max=ONE_MOVE, description="How many are on hand, those reserved by orders among them.", example=25)
    ]
    expected_quantity: Annotated[
        int | Unset,
        Whole(
            max=2 * ONE_MOVE,
            description="How many were on hand when you last looked; with any other number there now it is a conflict, "
            "and nothing is written. Not checked when left out.",
        ),
    ] = UNSET
    location: Annotated[str | Unset, _LOCATION] = UNSET
    reason: Annotated[str, _REASON] = "counted"
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferInventory:
    """Take stock from one warehouse to another: two movements with the same reference."""

    product_id: Annotated[str, Text(min=1, max=64, description=_PRODUCT.description, example=example_id("prod"))]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[int, Whole(min=1, max=ONE_MOVE, description="How much.", example=10)]
    from_location: Annotated[str | Unset, Text(min=1, max=64, description=f"From where. {_LOCATION.description}")] = (
        UNSET
    )
    to_location: Annotated[
        str,
        Text(min=1, max=64, description="To where: another warehouse's id.", example=example_id("wh")),
    ]
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class SetInventoryAlert:
    """Be told when stock falls below a threshold. There is one alert for each product, variant and warehouse named;
    setting it again changes it."""

    product_id: Annotated[str, _PRODUCT]
    variant_id: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="Only of this variant (var_…); all of them when left out.",
            example=example_id("var"),
        ),
    ] = UNSET
    sku: Annotated[str | Unset, Text(min=1, max=64, description="Only of the variant with this SKU.")] = UNSET
    location: Annotated[
        str | Unset, Text(min=1, max=64, description="Only in this warehouse (wh_…); in all when left out.")
    ] = UNSET
    threshold: Annotated[int, _THRESHOLD]
    reorder_quantity: Annotated[int | Unset | None, _REORDER] = UNSET
    expected_version: Annotated[int | Unset, _version("alert")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveInventoryAlert:
    """Be told no more."""

    product_id: Annotated[str, _PRODUCT]
    id: Annotated[str, _id("alert", "alert")]
    expected_version: Annotated[int | Unset, _version("alert")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateWarehouse:
    """Add a warehouse."""

    name: Annotated[str, _NAME]
    country: Annotated[str, _COUNTRY]
    state: Annotated[str | Unset | None, _STATE] = UNSET
    city: Annotated[str | Unset | None, _CITY] = UNSET
    zip: Annotated[str | Unset | None, _ZIP] = UNSET
    line1: Annotated[str | Unset | None, _LINE1] = UNSET
    line2: Annotated[str | Unset | None, _LINE2] = UNSET
    is_default: Annotated[bool, _DEFAULT] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateWarehouse:
    """Change what is given of a warehouse and leave the rest."""

    id: Annotated[str, _id("warehouse", "wh")]
    expected_version: Annotated[int | Unset, _version("warehouse")] = UNSET
    name: Annotated[str | Unset, _NAME] = UNSET
    country: Annotated[str | Unset, _COUNTRY] = UNSET
    state: Annotated[str | Unset | None, _STATE] = UNSET
    city: Annotated[str | Unset | None, _CITY] = UNSET
    zip: Annotated[str | Unset | None, _ZIP] = UNSET
    line1: Annotated[str | Unset | None, _LINE1] = UNSET
    line2: Annotated[str | Unset | None, _LINE2] = UNSET
    is_default: Annotated[bool | Unset, _MAKE_DEFAULT] = UNSET
    active: Annotated[bool | Unset, _ACTIVE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseOrderLineInput:
    """What is ordered of one variant, named by its id, its SKU, or its product where that has no other."""

    product_id: Annotated[
        str | Unset, Text(min=1, max=64, description="The product's id (prod_…).", example=_EXAMPLE_PRODUCT)
    ] = UNSET
    variant_id: Annotated[str | Unset, Text(min=1, max=64, description="The variant's id (var_…).")] = UNSET
    sku: Annotated[str | Unset, Text(min=1, max=64, description="The variant's SKU, in any case.")] = UNSET
    quantity: Annotated[int, Whole(min=1, max=ONE_MOVE, description="How many are ordered.", example=50)]


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatePurchaseOrder:
    """Record what was ordered from the supplier, to be received later."""

    lines: Annotated[
        tuple[PurchaseOrderLineInput, ...],
        Many(
            item=Part(description="A line."),
            min=1,
            max=MAX_LINES,
            description="What is ordered, one line for each variant; 2,000,000,000 pieces in all at most.",
        ),
    ]
    location: Annotated[
        str | Unset,
        Text(min=1, max=64, description="The id (wh_…) of the warehouse it goes to; the default one if left out."),
    ] = UNSET
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelPurchaseOrder:
    """Expect no more of a purchase order; what has come of it stays."""

    id: Annotated[str, _id("purchase order", "po")]
    expected_version: Annotated[int | Unset, _version("purchase order")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedLineInput:
    """What came of one line of a purchase order."""

    variant_id: Annotated[
        str,
        Text(min=1, max=64, description="The variant of the line (var_…).", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4"),
    ]
    quantity: Annotated[int, Whole(min=1, max=ONE_MOVE, description="How many came.", example=10)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivePurchaseOrder:
    """Book what a purchase order brought into its warehouse."""

    id: Annotated[str, _id("purchase order", "po")]
    expected_version: Annotated[int | Unset, _version("purchase order")] = UNSET
    quantity: Annotated[
        int | Unset,
        Whole(
            min=1,
            max=ONE_MOVE,
            description="How much came, of an order of one line; all that is outstanding when left out, and no lines.",
        ),
    ] = UNSET
    lines: Annotated[
        tuple[ReceivedLineInput, ...] | Unset,
        Many(
            item=Part(description="What came of one line."),
            min=1,
            max=MAX_LINES,
            description="What came of which lines; nothing came of the others. Not together with quantity.",
        ),
    ] = UNSET
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryView:
    """Which part of a product's stock is wanted."""

    variant_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Only of this variant (var_…); of all when left out.")
    ] = UNSET
    sku: Annotated[str | Unset, Text(min=1, max=64, description="Only of the variant with this SKU.")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryMovementFilter:
    """Which movements a list holds; every condition must hold."""

    variant_id: Annotated[str | Unset, Text(min=1, max=64, description="Of this variant (var_…).")] = UNSET
    warehouse_id: Annotated[str | Unset, Text(min=1, max=64, description="In this warehouse (wh_…).")] = UNSET
    reason: Annotated[str | Unset, Text(min=1, max=64, description="For exactly this reason.", example="sold")] = UNSET
    created_from: Annotated[
        datetime | Unset, RangeEnd(description="Made then or later: a date (UTC) or a date-time.", example="2026-01-01")
    ] = UNSET
    created_to: Annotated[
        datetime | Unset,
        RangeEnd(last=True, description="Made then or earlier: a date (UTC) or a date-time.", example="2026-12-31"),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryLedgerFilter(InventoryMovementFilter):
    """Which movements of the whole store a list holds; every condition must hold."""

    product_id: Annotated[str | Unset, Text(min=1, max=64, description="Of this product (prod_…).")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryLevelFilter:
    """Which levels of stock a list holds; every condition must hold."""

    warehouse_id: Annotated[str | Unset, Text(min=1, max=64, description="In this warehouse (wh_…).")] = UNSET
    below: Annotated[
        int | Unset, Whole(max=2 * ONE_MOVE, description="Of which fewer than this are available.", example=10)
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryAlertFilter:
    """Which alerts a list holds; every condition must hold."""

    product_id: Annotated[str | Unset, Text(min=1, max=64, description="Of this product (prod_…).")] = UNSET
    warehouse_id: Annotated[str | Unset, Text(min=1, max=64, description="That watch this warehouse (wh_…) alone.")] = (
        UNSET
    )
    state: Annotated[
        tuple[AlertState, ...] | Unset,
        Many(
            item=Choice(description="armed or low.", example="low"),
            min=1,
            max=2,
            description="In one of these states; left out: in any.",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseOrderFilter:
    """Which purchase orders a list holds; every condition must hold."""

    status: Annotated[
        tuple[PurchaseOrderStatus, ...] | Unset,
        Many(
            item=Choice(description="open, received or cancelled.", example="open"),
            min=1,
            max=3,
            description="One of these; left out: every status.",
        ),
    ] = UNSET
