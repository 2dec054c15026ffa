"""What callers can ask of stock, alerts and warehouses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Boolean, Country, FieldLocation, Inputs, Integer, NestedObject, Text, Unset
from domain.kernel.ids import example_id
from domain.kernel.use_cases.bulk import ERROR_POLICY, MAX_INPUTS, ErrorPolicy

MAX_MOVEMENT = 1_000_000_000
"""The most that one movement adds or takes."""
MAX_WAREHOUSES = 200
MAX_ALERTS = 200
"""Of one product."""
REASONS = ("received", "sold", "returned", "damaged", "lost", "found", "counted", "promotion", "correction")
"""Well-known ones; any other text will do."""

_PRODUCT = Text(
    min=1,
    max=64,
    description="The product's id (prod_…) or SKU, or the id (var_…) or SKU of one of its variants.",
    place=FieldLocation.PATH,
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
NOTE = Text(max=1_000, description="What else there is to say.", example="Online order #12345")
_NAME = Text(min=1, max=255, description="What people call it.", example="Leeds")
_COUNTRY = Country(description="Where it is: ISO 3166-1 alpha-2, in any case.", example="GB")
_STATE = Text(max=255, description="State, province or county.", example="Yorkshire")
_CITY = Text(max=255, description="The town.", example="Leeds")
_ZIP = Text(max=32, description="The postal code.", example="LS1 4AP")
_LINE1 = Text(max=255, description="Street and number.", example="1 Canal Wharf")
_LINE2 = Text(max=255, description="Building, unit.", example="Unit 4")
_DEFAULT = Boolean(description="Whether stock lies here where nothing else is said; the one before it no longer is.")
_MAKE_DEFAULT = Boolean(
    description="true makes it the default, in place of the one before; false is refused of the default."
)
_ACTIVE = Boolean(
    description="Whether stock can lie in it. false is refused while stock is on hand there, while open purchase "
    "orders go there, and of the default warehouse."
)
_THRESHOLD = Integer(min=1, max=MAX_MOVEMENT, description="Fires when fewer than this are available.", example=10)
_REORDER = Integer(
    min=1,
    max=MAX_MOVEMENT,
    description="How much to order when it fires, as a purchase order; null: nothing is ordered.",
    example=50,
)


def version_of(noun: str) -> Integer:
    """The version of a thing that a caller has seen."""
    return Integer(
        description=f"The version of the {noun} you have seen; a stale one is a conflict and nothing is written.",
        min=1,
        place=FieldLocation.VERSION,
    )


def id_of(noun: str, prefix: str) -> Text:
    """The id of the thing itself, which REST has in the path."""
    return Text(min=1, max=64, description=f"The {noun}'s id ({prefix}_…).", place=FieldLocation.PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjustInventory:
    """Book stock into a warehouse, or out of it, with a reason."""

    product_id: Annotated[str, _PRODUCT]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[
        int,
        Integer(
            min=-MAX_MOVEMENT,
            max=MAX_MOVEMENT,
            description="How much comes, or goes where negative; not zero.",
            example=10,
        ),
    ]
    reason: Annotated[str, _REASON]
    location: Annotated[str | Unset, _LOCATION] = UNSET
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjustInventories:
    """Book stock of many products in one transaction: all of it or none, or what can be."""

    input: Annotated[
        tuple[AdjustInventory, ...],
        Inputs(
            item=NestedObject(description="An adjustment."),
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
        int,
        Integer(max=MAX_MOVEMENT, description="How many are on hand, those reserved by orders among them.", example=25),
    ]
    expected_quantity: Annotated[
        int | Unset,
        Integer(
            max=2 * MAX_MOVEMENT,
            description="How many were on hand when you last looked; with any other number there now it is a conflict, "
            "and nothing is written. Not checked when left out.",
        ),
    ] = UNSET
    location: Annotated[str | Unset, _LOCATION] = UNSET
    reason: Annotated[str, _REASON] = "counted"
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferInventory:
    """Take stock from one warehouse to another: two movements with the same reference."""

    product_id: Annotated[str, Text(min=1, max=64, description=_PRODUCT.description, example=example_id("prod"))]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[int, Integer(min=1, max=MAX_MOVEMENT, description="How much.", example=10)]
    from_location: Annotated[str | Unset, Text(min=1, max=64, description=f"From where. {_LOCATION.description}")] = (
        UNSET
    )
    to_location: Annotated[
        str,
        Text(min=1, max=64, description="To where: another warehouse's id.", example=example_id("wh")),
    ]
    note: Annotated[str | Unset | None, NOTE] = UNSET


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
    expected_version: Annotated[int | Unset, version_of("alert")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveInventoryAlert:
    """Be told no more."""

    product_id: Annotated[str, _PRODUCT]
    id: Annotated[str, id_of("alert", "alert")]
    expected_version: Annotated[int | Unset, version_of("alert")] = UNSET


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

    id: Annotated[str, id_of("warehouse", "wh")]
    expected_version: Annotated[int | Unset, version_of("warehouse")] = UNSET
    name: Annotated[str | Unset, _NAME] = UNSET
    country: Annotated[str | Unset, _COUNTRY] = UNSET
    state: Annotated[str | Unset | None, _STATE] = UNSET
    city: Annotated[str | Unset | None, _CITY] = UNSET
    zip: Annotated[str | Unset | None, _ZIP] = UNSET
    line1: Annotated[str | Unset | None, _LINE1] = UNSET
    line2: Annotated[str | Unset | None, _LINE2] = UNSET
    is_default: Annotated[bool | Unset, _MAKE_DEFAULT] = UNSET
    active: Annotated[bool | Unset, _ACTIVE] = UNSET
