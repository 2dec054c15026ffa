"""Commands of the store's own carriers and of its shipping settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from domain.catalog import WeightUnit
from domain.kernel.fields import (
    UNSET,
    Amount,
    Boolean,
    Choice,
    Country,
    FieldLocation,
    Integer,
    ListOf,
    NestedObject,
    Number,
    Text,
    Unset,
)
from domain.kernel.fields.versions import version_of
from domain.kernel.money import EXPONENTS, Money
from domain.shipping.commands.shared_fields import (
    CODE_FORM,
    CODE_PATTERN,
    DECIMALS,
    DIMENSION_UNIT,
    MAX_WEIGHT,
    WEIGHT_UNIT,
    side,
)
from domain.shipping.measures import DimensionUnit
from domain.shipping.ports import LIVE_CARRIERS
from domain.shipping.tariffs import CARRIERS

MAX_CARRIERS = 50
MAX_ZONES = 50
MAX_SERVICES = 20
MAX_RATES = 1_000
MAX_DAYS = 120


def _code(noun: str, example: str) -> Text:
    return Text(
        min=1, max=50, pattern=CODE_PATTERN, form=CODE_FORM, description=f"The code of the {noun}.", example=example
    )


def _name(noun: str, example: str) -> Text:
    return Text(min=1, max=100, description=f"The name of the {noun}.", example=example)


def _weight(what: str, example: str) -> Number:
    return Number(max=MAX_WEIGHT, decimals=DECIMALS, description=f"{what}, in `weight_unit`.", example=example)


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierZoneInput:
    """Countries that cost the same."""

    code: Annotated[str, _code("zone", "domestic")]
    countries: Annotated[
        tuple[str, ...],
        ListOf(
            item=Country(description="A country, as an ISO 3166-1 alpha-2 code.", example="GB"),
            max=250,
            description="The countries. Empty: all that are in no other zone.",
        ),
    ] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierRateInput:
    """The price of one package of a range of weights to one zone."""

    zone: Annotated[str, _code("zone", "domestic")]
    weight_from: Annotated[Decimal, _weight("The weight above which the price applies", "0")]
    weight_to: Annotated[Decimal, _weight("The weight up to which the price applies", "2")]
    price: Annotated[Money, Amount(description="The price, in the currency of the store.", example="4.95")]


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierServiceInput:
    """A service with its prices."""

    code: Annotated[str, _code("service", "same_day")]
    name: Annotated[str, _name("service", "Same day")]
    min_days: Annotated[int, Integer(max=MAX_DAYS, description="The fewest business days until delivery.", example=1)]
    max_days: Annotated[int, Integer(max=MAX_DAYS, description="The most business days until delivery.", example=3)]
    rates: Annotated[
        tuple[CarrierRateInput, ...],
        ListOf(
            item=NestedObject(description="A price."),
            min=1,
            max=MAX_RATES,
            description="The prices. The weights of a zone start at 0 and follow each other without gap or overlap; "
            "zones without prices are not served.",
        ),
    ]


_ZONES = ListOf(item=NestedObject(description="A zone."), min=1, max=MAX_ZONES, description="The zones of the prices.")
_SERVICES = ListOf(item=NestedObject(description="A service."), min=1, max=MAX_SERVICES, description="The services.")
_ACTIVE = Boolean(description="Whether the carrier returns rates and accepts shipments.", example=True)
_LABELS = Boolean(description="Whether the gateway draws labels for its shipments.", example=True)
_UNIT = Choice(description="The unit of the weights in the prices.", example="kg")
_TRACKING_URL = Text(
    min=1,
    max=500,
    pattern=r"https?://[^\s/]+\S*\{number\}\S*",
    form="an http or https URL with {number} where the tracking number belongs",
    description="The page that follows a package. `{number}` stands for its tracking number. Null if there is none.",
    example="https://tracking.example.com/?id={number}",
)
_CARRIER_NAME = _name("carrier", "Pedal Couriers")
_CARRIER_ID = Text(min=1, max=64, description="The id of the carrier (`carr_…`).", place=FieldLocation.PATH)
_VERSION = version_of("carrier")


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateShippingCarrier:
    """Describe a carrier of the store's own: a local courier, a regional post, a freight contract."""

    code: Annotated[str, _code("carrier, unique in the store", "pedal")]
    name: Annotated[str, _CARRIER_NAME]
    active: Annotated[bool, _ACTIVE] = True
    tracking_url: Annotated[str | Unset | None, _TRACKING_URL] = UNSET
    prints_labels: Annotated[bool, _LABELS] = True
    weight_unit: Annotated[WeightUnit, _UNIT]
    zones: Annotated[tuple[CarrierZoneInput, ...], _ZONES]
    services: Annotated[tuple[CarrierServiceInput, ...], _SERVICES]


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateShippingCarrier:
    """Change a carrier of the store's own. Given lists replace the current ones; shipments stay as they are."""

    id: Annotated[str, _CARRIER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    name: Annotated[str | Unset, _CARRIER_NAME] = UNSET
    active: Annotated[bool | Unset, _ACTIVE] = UNSET
    tracking_url: Annotated[str | Unset | None, _TRACKING_URL] = UNSET
    prints_labels: Annotated[bool | Unset, _LABELS] = UNSET
    weight_unit: Annotated[WeightUnit | Unset, _UNIT] = UNSET
    zones: Annotated[tuple[CarrierZoneInput, ...] | Unset, _ZONES] = UNSET
    services: Annotated[tuple[CarrierServiceInput, ...] | Unset, _SERVICES] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteShippingCarrier:
    """Remove a carrier of the store's own. Its shipments stay."""

    id: Annotated[str, _CARRIER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeRateInput:
    """What one unit of another currency is worth in the currency of the store."""

    currency: Annotated[
        str,
        Text(
            min=3,
            max=3,
            words=tuple(sorted(EXPONENTS)),
            noun="currency",
            description="The other currency, as an upper-case ISO 4217 code.",
            example="USD",
        ),
    ]
    rate: Annotated[
        Decimal,
        Number(
            max=1_000_000,
            decimals=6,
            is_positive=True,
            description="How much of the currency of the store one unit of the other is worth.",
            example="0.79",
        ),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoxInput:
    """A box that orders are packed into."""

    name: Annotated[str, _name("box", "Small box")]
    length: Annotated[Decimal, side("length", 30)]
    width: Annotated[Decimal, side("width", 20)]
    height: Annotated[Decimal, side("height", 10)]
    dimension_unit: Annotated[DimensionUnit, DIMENSION_UNIT]
    max_weight: Annotated[
        Decimal,
        Number(
            max=MAX_WEIGHT,
            decimals=DECIMALS,
            is_positive=True,
            description="The maximum weight of the contents, in `weight_unit`.",
            example="5",
        ),
    ]
    empty_weight: Annotated[Decimal, _weight("Its own weight", "0.2")]
    weight_unit: Annotated[WeightUnit, WEIGHT_UNIT]


def _credential(what: str) -> Text:
    return Text(
        min=1,
        max=200,
        description=f"The {what} of the carrier's API. It is stored encrypted and never shown. Omit both to leave "
        "them unchanged.",
        example="example",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierAccountInput:
    """The store's contract with a carrier."""

    carrier: Annotated[
        str,
        Text(
            min=1,
            max=50,
            words=LIVE_CARRIERS,
            noun="carrier",
            description="The code of a built-in carrier.",
            example="fedex",
        ),
    ]
    account_number: Annotated[
        str, Text(min=1, max=50, description="The number of the account at the carrier.", example="740561073")
    ]
    client_id: Annotated[str | Unset, _credential("client id (FedEx: API key)")] = field(default=UNSET, repr=False)
    client_secret: Annotated[str | Unset, _credential("client secret (FedEx: secret key)")] = field(
        default=UNSET, repr=False
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateShippingSettings:
    """Update the shipping settings. A given list replaces the current one."""

    expected_version: Annotated[int | Unset, version_of("settings")] = UNSET
    carriers: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(
                min=1,
                max=50,
                words=tuple(CARRIERS),
                noun="carrier",
                description="The code of a built-in carrier.",
                example="fedex",
            ),
            max=len(CARRIERS),
            description="The built-in carriers that return rates and accept shipments.",
        ),
    ] = UNSET
    exchange_rates: Annotated[
        tuple[ExchangeRateInput, ...] | Unset,
        ListOf(
            item=NestedObject(description="An exchange rate."),
            max=50,
            description="The exchange rates by which tariffs in other currencies are converted. The built-in tariffs "
            "are in US dollars.",
        ),
    ] = UNSET
    boxes: Annotated[
        tuple[BoxInput, ...] | Unset,
        ListOf(
            item=NestedObject(description="A box."),
            max=20,
            description="The boxes that orders are packed into, if no packages are given.",
        ),
    ] = UNSET
    accounts: Annotated[
        tuple[CarrierAccountInput, ...] | Unset,
        ListOf(
            item=NestedObject(description="An account."),
            max=len(LIVE_CARRIERS),
            description="The contracts of the store with carriers, which then return their own rates. A test store "
            "uses their test environment.",
        ),
    ] = UNSET
