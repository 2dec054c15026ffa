"""Fields and objects that several commands of shipping have."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from domain.catalog import WeightUnit
from domain.kernel.fields import (
    Amount,
    Boolean,
    Choice,
    FieldLocation,
    Integer,
    NestedObject,
    Number,
    Text,
)
from domain.kernel.ids import example_id
from domain.shipping.measures import DimensionUnit

MAX_PACKAGES = 50
MAX_SHIPMENT_ITEMS = 500
MAX_SIDE = 10_000
MAX_WEIGHT = 10_000_000
DECIMALS = 3
CODE_PATTERN = r"[a-z0-9]+(_[a-z0-9]+)*"
CODE_FORM = "lower-case letters and digits with single underscores between them, such as next_day"

CARRIER = Text(
    min=1,
    max=50,
    description="The code of the carrier: `usps`, `fedex`, `ups`, `dhl`, or that of a carrier of the store.",
    example="fedex",
)
SERVICE = Text(min=1, max=50, description="The code of the service of the carrier.", example="ground")
ORDER_ID = Text(min=1, max=64, description="The id of the order (`ord_…`).", example=example_id("ord"))
WAREHOUSE_ID = Text(min=1, max=64, description="The id of the warehouse (`wh_…`).", example=example_id("wh"))
TRACKING_NUMBER = Text(
    min=4,
    max=64,
    pattern=r"[A-Za-z0-9]+([ -][A-Za-z0-9]+)*",
    form="letters and digits with single blanks or hyphens between them, such as 1Z999AA10123456784",
    description="The tracking number of a label that was bought elsewhere. A live store needs one for the built-in "
    "carriers.",
    example="1Z999AA10123456784",
)
INSURANCE_VALUE = Amount(description="The value to insure, in the currency of the store.", example="500.00")
SIGNATURE_REQUIRED = Boolean(description="Whether a signature is required on delivery.", example=True)
WEIGHT_UNIT = Choice(description="The unit of mass.", example="lb")
DIMENSION_UNIT = Choice(description="The unit of length.", example="in")


def side(name: str, example: int) -> Number:
    """The rule of one side of a package."""
    return Number(
        max=MAX_SIDE,
        decimals=DECIMALS,
        is_positive=True,
        description=f"The {name}, in `dimension_unit`.",
        example=example,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageInput:
    """A package as it was measured."""

    weight: Annotated[
        Decimal,
        Number(
            max=MAX_WEIGHT,
            decimals=DECIMALS,
            is_positive=True,
            description="The weight, in `weight_unit`.",
            example="2.5",
        ),
    ]
    weight_unit: Annotated[WeightUnit, WEIGHT_UNIT]
    length: Annotated[Decimal, side("length", 12)]
    width: Annotated[Decimal, side("width", 8)]
    height: Annotated[Decimal, side("height", 6)]
    dimension_unit: Annotated[DimensionUnit, DIMENSION_UNIT]


PACKAGE = NestedObject(description="A package.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ShipmentItemInput:
    """A quantity of a line of the order."""

    id: Annotated[str, Text(min=1, max=64, description="The id of the line (`item_…`).", example=example_id("item"))]
    quantity: Annotated[int, Integer(min=1, max=1_000_000, description="The quantity.", example=1)]


SHIPMENT_ID = Text(min=1, max=64, description="The id of the shipment (`shp_…`).", place=FieldLocation.PATH)
RETURN_ID = Text(min=1, max=64, description="The id of the return (`ret_…`).", place=FieldLocation.PATH)
