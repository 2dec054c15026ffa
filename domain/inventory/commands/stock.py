"""Commands of stock, alerts and warehouses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Boolean, Country, FieldLocation, Inputs, Integer, NestedObject, Text, Unset
from domain.kernel.fields.versions import version_of
from domain.kernel.ids import example_id
from domain.kernel.use_cases.bulk import ERROR_POLICY, MAX_INPUTS, ErrorPolicy

MAX_MOVEMENT = 1_000_000_000
"""Largest quantity that one movement adds or removes."""
MAX_WAREHOUSES = 200
MAX_ALERTS = 200
"""Alerts of one product at most."""
REASONS = ("received", "sold", "returned", "damaged", "lost", "found", "counted", "promotion", "correction")
"""Well-known reasons; any other text is accepted."""

_PRODUCT = Text(
    min=1,
    max=64,
    description="The id (`prod_…`) or SKU of the product, or the id (`var_…`) or SKU of one of its variants.",
    place=FieldLocation.PATH,
    example="HEADPHONE-001",
)
_VARIANT = Text(
    min=1,
    max=64,
    description="The id of the variant (`var_…`). Required if the product has several variants and none is identified "
    "otherwise.",
    example=example_id("var"),
)
_SKU = Text(min=1, max=64, description="The SKU of the variant, ignoring case.")
_REASON = Text(
    min=1,
    max=64,
    description=f"The reason: {', '.join(REASONS)}, or any other text.",
    example="received",
)
_LOCATION = Text(min=1, max=64, description="The id of the warehouse (`wh_…`). Default: the default warehouse.")
NOTE = Text(max=1_000, description="A free-text note.", example="Online order #12345")
_NAME = Text(min=1, max=255, description="The display name.", example="Leeds")
_COUNTRY = Country(description="The country, as an ISO 3166-1 alpha-2 code, ignoring case.", example="GB")
_STATE = Text(max=255, description="The state, province or county.", example="Yorkshire")
_CITY = Text(max=255, description="The city.", example="Leeds")
_ZIP = Text(max=32, description="The postal code.", example="LS1 4AP")
_LINE1 = Text(max=255, description="The street and number.", example="1 Canal Wharf")
_LINE2 = Text(max=255, description="The second address line: building or unit.", example="Unit 4")
_DEFAULT = Boolean(description="Whether this becomes the default warehouse of the store, in place of the current one.")
_MAKE_DEFAULT = Boolean(
    description="Whether this becomes the default warehouse of the store, in place of the current one. `false` is "
    "refused for the default warehouse."
)
_ACTIVE = Boolean(
    description="Whether the warehouse can hold stock. `false` is refused for the default warehouse and for warehouses "
    "with stock on hand or open purchase orders."
)
_THRESHOLD = Integer(
    min=1, max=MAX_MOVEMENT, description="The alert fires when fewer units than this are available.", example=10
)
_REORDER = Integer(
    min=1,
    max=MAX_MOVEMENT,
    description="The quantity to order when the alert fires, as a purchase order. Null if nothing is ordered.",
    example=50,
)


def id_of(noun: str, prefix: str) -> Text:
    """Return the rule of an object's own id, which REST takes from the path."""
    return Text(min=1, max=64, description=f"The id of the {noun} (`{prefix}_…`).", place=FieldLocation.PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjustInventory:
    """Add stock to a warehouse or remove it, with a reason."""

    product_id: Annotated[str, _PRODUCT]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[
        int,
        Integer(
            min=-MAX_MOVEMENT,
            max=MAX_MOVEMENT,
            description="The quantity to add, or to remove if negative. Not zero.",
            example=10,
        ),
    ]
    reason: Annotated[str, _REASON]
    location: Annotated[str | Unset, _LOCATION] = UNSET
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjustInventories:
    """Adjust the stock of many products in one transaction: all or none, or all that are valid."""

    input: Annotated[
        tuple[AdjustInventory, ...],
        Inputs(
            item=NestedObject(description="An adjustment."),
            min=1,
            max=MAX_INPUTS,
            description="The adjustments, applied in this order. A variant can occur several times.",
        ),
    ]
    error_policy: Annotated[ErrorPolicy, ERROR_POLICY] = ErrorPolicy.ALL_OR_NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class SetInventory:
    """Set the quantity on hand in a warehouse. The difference is booked as one movement."""

    product_id: Annotated[str, _PRODUCT]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[
        int,
        Integer(max=MAX_MOVEMENT, description="The quantity on hand, including units reserved by orders.", example=25),
    ]
    expected_quantity: Annotated[
        int | Unset,
        Integer(
            max=2 * MAX_MOVEMENT,
            description="The quantity on hand that the change is based on. If the warehouse has another quantity on "
            "hand, the request fails with `VERSION_MISMATCH`. Not checked if omitted.",
        ),
    ] = UNSET
    location: Annotated[str | Unset, _LOCATION] = UNSET
    reason: Annotated[str, _REASON] = "counted"
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferInventory:
    """Move stock between two warehouses."""

    product_id: Annotated[str, Text(min=1, max=64, description=_PRODUCT.description, example=example_id("prod"))]
    variant_id: Annotated[str | Unset, _VARIANT] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[int, Integer(min=1, max=MAX_MOVEMENT, description="The quantity to move.", example=10)]
    from_location: Annotated[
        str | Unset,
        Text(min=1, max=64, description="The id of the source warehouse (`wh_…`). Default: the default warehouse."),
    ] = UNSET
    to_location: Annotated[
        str,
        Text(min=1, max=64, description="The id of the target warehouse (`wh_…`).", example=example_id("wh")),
    ]
    note: Annotated[str | Unset | None, NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class SetInventoryAlert:
    """Create or change the alert of a product, optionally for one variant and one warehouse."""

    product_id: Annotated[str, _PRODUCT]
    variant_id: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="Restrict to the variant with this id (`var_…`). Default: all variants.",
            example=example_id("var"),
        ),
    ] = UNSET
    sku: Annotated[
        str | Unset, Text(min=1, max=64, description="Restrict to the variant with this SKU. Default: all variants.")
    ] = UNSET
    location: Annotated[
        str | Unset,
        Text(min=1, max=64, description="Restrict to the warehouse with this id (`wh_…`). Default: all warehouses."),
    ] = UNSET
    threshold: Annotated[int, _THRESHOLD]
    reorder_quantity: Annotated[int | Unset | None, _REORDER] = UNSET
    expected_version: Annotated[int | Unset, version_of("alert")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveInventoryAlert:
    """Remove an alert."""

    product_id: Annotated[str, _PRODUCT]
    id: Annotated[str, id_of("alert", "alert")]
    expected_version: Annotated[int | Unset, version_of("alert")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateWarehouse:
    """Create a warehouse."""

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
    """Update a warehouse. Fields that are left out stay unchanged."""

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
