"""Commands of the store settings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from domain.kernel.fields import (
    UNSET,
    Amount,
    Boolean,
    Country,
    FieldLocation,
    Integer,
    ListOf,
    NestedObject,
    Percent,
    Text,
    Unset,
)
from domain.kernel.money import Money

_SETTINGS_VERSION = Integer(
    description="The version the change is based on. If the settings have changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShippingMethodInput:
    """A shipping method."""

    code: Annotated[
        str,
        Text(
            min=1,
            max=50,
            pattern=r"[a-z0-9]+([_-][a-z0-9]+)*",
            form="lower-case letters and digits with single hyphens or underscores between them, such as next-day",
            description="The code that orders refer to.",
            example="standard",
        ),
    ]
    name: Annotated[str, Text(min=1, max=100, description="The name shown to shoppers.", example="Standard delivery")]
    price: Annotated[Money, Amount(description="The shipping cost before tax.", example="4.95")]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxRateInput:
    """The tax rate of a country or state."""

    country: Annotated[str, Country(description="The country, as an ISO 3166-1 alpha-2 code.", example="GB")]
    state: Annotated[
        str | Unset | None,
        Text(
            min=1,
            max=100,
            description="The state. If omitted or null, the rate applies to the whole country.",
            example="CA",
        ),
    ] = UNSET
    percent: Annotated[
        Decimal, Percent(description="The tax rate in percent. Applies to the amount after the discount.", example=20)
    ]
    on_shipping: Annotated[bool, Boolean(description="Whether the rate applies to shipping as well.", example=True)] = (
        False
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateSettings:
    """Update the settings of the store. A given list replaces the current one.

    Existing orders are not affected.
    """

    expected_version: Annotated[int | Unset, _SETTINGS_VERSION] = UNSET
    shipping_methods: Annotated[
        tuple[ShippingMethodInput, ...] | Unset,
        ListOf(item=NestedObject(description="A shipping method."), max=50, description="The shipping methods."),
    ] = UNSET
    tax_rates: Annotated[
        tuple[TaxRateInput, ...] | Unset,
        ListOf(
            item=NestedObject(description="A tax rate."),
            max=1_000,
            description="The tax rates. The rate of a state takes precedence over the rate of its country. Without a "
            "rate, no tax is charged.",
        ),
    ] = UNSET
