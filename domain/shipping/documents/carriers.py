"""Documents of the store's own carriers and of its shipping settings."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from domain.catalog import WeightUnit
from domain.kernel.documents import (
    AmountMember,
    BooleanMember,
    DecimalMember,
    DerivedListMember,
    Document,
    EnumMember,
    IntegerMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, CURRENCY, UPDATED_AT, VERSION, id_member
from domain.kernel.sql.executor import Row
from domain.shipping.measures import DimensionUnit


class CarrierZoneDocument(Document):
    """Countries that cost the same."""

    code = TextMember("The code of the zone.", example="domestic")
    countries = TextListMember(
        "The countries, as ISO 3166-1 alpha-2 codes. Empty: all that are in no other zone.", example=["GB"]
    )


class CarrierRateDocument(Document):
    """The price of one package of a range of weights to one zone."""

    zone = TextMember("The code of the zone.", example="domestic")
    weight_from = DecimalMember("The weight above which the price applies, in `weight_unit`.", example=0)
    weight_to = DecimalMember("The weight up to which the price applies, in `weight_unit`.", example=2)
    price = AmountMember("The price, in the currency of the store.", example=4.95)


class CarrierServiceDocument(Document):
    """A service with its prices."""

    code = TextMember("The code of the service.", example="same_day")
    name = TextMember("The name of the service.", example="Same day")
    min_days = IntegerMember("The fewest business days until delivery.", example=1)
    max_days = IntegerMember("The most business days until delivery.", example=3)
    rates = DerivedListMember("The prices.", CarrierRateDocument, lambda row, _: carrier_rates(row))


class ShippingCarrierDocument(Document):
    """A carrier of the store's own."""

    id = id_member("carr")
    code = TextMember("The code of the carrier, unique in the store.", example="pedal")
    name = TextMember("The name of the carrier.", example="Pedal Couriers")
    active = BooleanMember("Whether the carrier returns rates and accepts shipments.", example=True)
    tracking_url = TextMember(
        "The page that follows a package. `{number}` stands for its tracking number. Null if there is none.",
        example="https://tracking.example.com/?id={number}",
        nullable=True,
    )
    prints_labels = BooleanMember("Whether the gateway draws labels for its shipments.", example=True)
    currency = CURRENCY
    weight_unit = EnumMember("The unit of the weights in the prices.", WeightUnit, example="kg")
    zones = DerivedListMember("The zones of the prices.", CarrierZoneDocument, lambda row, _: stored_entries(row.zones))
    services = DerivedListMember("The services.", CarrierServiceDocument, lambda row, _: carrier_services(row))
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class ExchangeRateDocument(Document):
    """What one unit of another currency is worth in the currency of the store."""

    currency = TextMember("The other currency, as an upper-case ISO 4217 code.", example="USD")
    rate = DecimalMember("How much of the currency of the store one unit of the other is worth.", example=0.79)


class BoxDocument(Document):
    """A box that orders are packed into."""

    name = TextMember("The name of the box.", example="Small box")
    length = DecimalMember("The length, in `dimension_unit`.", example=30)
    width = DecimalMember("The width, in `dimension_unit`.", example=20)
    height = DecimalMember("The height, in `dimension_unit`.", example=10)
    dimension_unit = EnumMember("The unit of length.", DimensionUnit, example="cm")
    max_weight = DecimalMember("The maximum weight of the contents, in `weight_unit`.", example=5)
    empty_weight = DecimalMember("The weight of the empty box, in `weight_unit`.", example=0.2)
    weight_unit = EnumMember("The unit of mass.", WeightUnit, example="kg")


class CarrierAccountDocument(Document):
    """The store's contract with a carrier. Its credentials are never shown."""

    carrier = TextMember("The code of the carrier.", example="fedex")
    account_number = TextMember("The number of the account at the carrier.", example="740561073")


class ShippingSettingsDocument(Document):
    """The shipping settings of a store."""

    currency = CURRENCY
    carriers = TextListMember(
        "The built-in carriers that return rates and accept shipments.", example=["usps", "fedex", "ups", "dhl"]
    )
    exchange_rates = DerivedListMember(
        "The exchange rates by which tariffs in other currencies are converted.",
        ExchangeRateDocument,
        lambda row, _: stored_entries(row.exchange_rates),
    )
    boxes = DerivedListMember(
        "The boxes that orders are packed into.", BoxDocument, lambda row, _: stored_entries(row.boxes)
    )
    accounts = DerivedListMember(
        "The contracts of the store with carriers, which then return their own rates.",
        CarrierAccountDocument,
        lambda row, _: stored_entries(row.accounts),
    )
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


def stored_entries(stored: list[Mapping[str, Any]]) -> list[Row]:
    """Entries of a list that a row stores as JSON, as rows."""
    return [SimpleNamespace(**each) for each in stored]


def carrier_services(row: Row) -> list[Row]:
    """The services of a carrier, which carry its currency for their prices."""
    return [SimpleNamespace(**{**each, "currency": row.currency}) for each in row.services]


def carrier_rates(service: Row) -> list[Row]:
    """The prices of a service of ``carrier_services``."""
    return [SimpleNamespace(**{**each, "currency": service.currency}) for each in service.rates]
