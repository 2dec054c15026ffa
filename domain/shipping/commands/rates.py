"""The input of a calculation of rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Boolean, Country, ListOf, NestedObject, Text, Unset
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.shipping.commands.shared_fields import (
    INSURANCE_VALUE,
    MAX_PACKAGES,
    PACKAGE,
    SIGNATURE_REQUIRED,
    PackageInput,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RateAddressInput:
    """Where packages come from or go to, as far as prices depend on it."""

    country: Annotated[
        str, Country(description="The country, as an ISO 3166-1 alpha-2 code in any case.", example="US")
    ]
    state: Annotated[
        str | Unset | None, Text(max=255, description="The state, province or county.", example="California")
    ] = UNSET
    city: Annotated[str | Unset | None, Text(max=255, description="The city.", example="Beverly Hills")] = UNSET
    zip: Annotated[str | Unset | None, Text(max=32, description="The postal code.", example="90210")] = UNSET
    residential: Annotated[
        bool,
        Boolean(description="Whether the address is residential. Some carriers charge more for it.", example=False),
    ] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ShippingRatesInput:
    """What is to be carried: packages between two addresses, or what an order has not shipped yet."""

    order_id: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="The id of an order (`ord_…`): its warehouses, address and weights of lines replace "
            "`origin`, `destination` and `packages`.",
            example=example_id("ord"),
        ),
    ] = UNSET
    origin: Annotated[
        RateAddressInput | Unset, NestedObject(description="Where the packages come from. Required without an order.")
    ] = UNSET
    destination: Annotated[
        RateAddressInput | Unset, NestedObject(description="Where the packages go. Required without an order.")
    ] = UNSET
    packages: Annotated[
        tuple[PackageInput, ...],
        ListOf(
            item=PACKAGE,
            max=MAX_PACKAGES,
            description="The packages. Required without an order; with one, its lines are packed into the boxes of the "
            "settings unless packages are given.",
        ),
    ] = ()
    insurance_value: Annotated[Money | Unset | None, INSURANCE_VALUE] = UNSET
    signature_required: Annotated[bool, SIGNATURE_REQUIRED] = False
