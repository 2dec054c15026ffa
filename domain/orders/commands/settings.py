"""What callers can ask of how a store sells."""

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
    description="The version of the settings you have seen; a stale one is a conflict and nothing is written.",
    min=1,
    place=FieldLocation.VERSION,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShippingMethodInput:
    """A way to send orders."""

    code: Annotated[
        str,
        Text(
            min=1,
            max=50,
            pattern=r"[a-z0-9]+([_-][a-z0-9]+)*",
            form="lower-case letters and digits with single hyphens or underscores between them, such as next-day",
            description="What orders name.",
            example="standard",
        ),
    ]
    name: Annotated[str, Text(min=1, max=100, description="What shoppers see.", example="Standard delivery")]
    price: Annotated[Money, Amount(description="What it costs an order.", example="4.95")]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxRateInput:
    """The tax on orders that go to a place."""

    country: Annotated[str, Country(description="Where it applies, ISO 3166-1 alpha-2.", example="GB")]
    state: Annotated[
        str | Unset | None,
        Text(min=1, max=100, description="Only to this state; left out: the whole country.", example="CA"),
    ] = UNSET
    percent: Annotated[
        Decimal, Percent(description="So much of a hundred, on what is left after the discount.", example=20)
    ]
    on_shipping: Annotated[bool, Boolean(description="Whether shipping is taxed too.", example=True)] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateSettings:
    """Change what is given of the store's settings; each list is the whole list. Orders already placed stay."""

    expected_version: Annotated[int | Unset, _SETTINGS_VERSION] = UNSET
    shipping_methods: Annotated[
        tuple[ShippingMethodInput, ...] | Unset,
        ListOf(item=NestedObject(description="A shipping method."), max=50, description="How orders can be sent."),
    ] = UNSET
    tax_rates: Annotated[
        tuple[TaxRateInput, ...] | Unset,
        ListOf(
            item=NestedObject(description="A tax rate."),
            max=1_000,
            description="What orders are taxed; the state's rate before its country's, none: no tax.",
        ),
    ] = UNSET
