"""The store's own carriers, and its shipping settings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

import resolvers.shipping
from domain.catalog import WeightUnit
from domain.shipping import DimensionUnit
from resolvers.types import Id
from schema.fields import attribute, computed
from schema.money import Money, money
from schema.relay import Connection, Node, Versioned
from schema.scalars import Currency


@strawberry.type(description="Countries that cost the same.")
class CarrierZone:
    """Describes the CarrierZone of the resolvers."""

    code: str = attribute("The code of the zone.")
    countries: list[str] = attribute(
        "The countries, as ISO 3166-1 alpha-2 codes. Empty: all that are in no other zone."
    )


@strawberry.type(description="The price of one package of a range of weights to one zone.")
class CarrierRate:
    """Describes the CarrierRate of the resolvers."""

    zone: str = attribute("The code of the zone.")
    weight_from: Decimal = attribute("The weight above which the price applies, in `weightUnit`.")
    weight_to: Decimal = attribute("The weight up to which the price applies, in `weightUnit`.")
    price: Money = money("price", description="The price, in the currency of the store.")


@strawberry.type(description="A service with its prices.")
class CarrierService:
    """Describes the CarrierService of the resolvers."""

    code: str = attribute("The code of the service.")
    name: str = attribute("The name of the service.")
    min_days: int = attribute("The fewest business days until delivery.")
    max_days: int = attribute("The most business days until delivery.")
    rates: list[CarrierRate] = attribute("The prices.")


@strawberry.type(description="A carrier of the store's own.")
class ShippingCarrier(Node, Versioned, prefix="carr"):
    """A row of the reads of carriers."""

    code: str = attribute("The code of the carrier, unique in the store.")
    name: str = attribute("The name of the carrier.")
    active: bool = attribute("Whether the carrier returns rates and accepts shipments.")
    tracking_url: str | None = attribute(
        "The page that follows a package. `{number}` stands for its tracking number. Null if there is none."
    )
    prints_labels: bool = attribute("Whether the gateway draws labels for its shipments.")
    weight_unit: WeightUnit = attribute("The unit of the weights in the prices.")
    zones: list[CarrierZone] = computed(
        resolvers.shipping.zones_of, columns=("zones",), likely=3, description="The zones of the prices."
    )
    services: list[CarrierService] = computed(
        resolvers.shipping.services_of, columns=("services", "currency"), likely=2, description="The services."
    )


@strawberry.type(description="A page of carriers of the store's own.")
class ShippingCarrierConnection(Connection[ShippingCarrier]):
    """A page of carriers."""


@strawberry.type(description="What one unit of another currency is worth in the currency of the store.")
class ExchangeRate:
    """Describes the ExchangeRate of the resolvers."""

    currency: Currency = attribute("The other currency.")
    rate: Decimal = attribute("How much of the currency of the store one unit of the other is worth.")


@strawberry.type(description="A box that orders are packed into.")
class ShippingBox:
    """Describes the ShippingBox of the resolvers."""

    name: str = attribute("The name of the box.")
    length: Decimal = attribute("The length, in `dimensionUnit`.")
    width: Decimal = attribute("The width, in `dimensionUnit`.")
    height: Decimal = attribute("The height, in `dimensionUnit`.")
    dimension_unit: DimensionUnit = attribute("The unit of length.")
    max_weight: Decimal = attribute("The maximum weight of the contents, in `weightUnit`.")
    empty_weight: Decimal = attribute("The weight of the empty box, in `weightUnit`.")
    weight_unit: WeightUnit = attribute("The unit of mass.")


@strawberry.type(description="The store's contract with a carrier. Its credentials are never shown.")
class CarrierAccount:
    """Describes the CarrierAccount of the resolvers."""

    carrier: str = attribute("The code of the carrier.")
    account_number: str = attribute("The number of the account at the carrier.")


@strawberry.type(description="The shipping settings of a store.")
class ShippingSettings:
    """Describes a row of the shipping settings."""

    id: Id = attribute("The id of the store. `node(id:)` returns the store.")
    carriers: list[str] = attribute("The built-in carriers that return rates and accept shipments.")
    exchange_rates: list[ExchangeRate] = computed(
        resolvers.shipping.exchange_rates_of,
        columns=("exchange_rates",),
        likely=2,
        description="The exchange rates by which tariffs in other currencies are converted.",
    )
    boxes: list[ShippingBox] = computed(
        resolvers.shipping.boxes_of, columns=("boxes",), likely=2, description="The boxes that orders are packed into."
    )
    accounts: list[CarrierAccount] = computed(
        resolvers.shipping.accounts_of,
        columns=("accounts",),
        likely=1,
        description="The contracts of the store with carriers, which then return their own rates.",
    )
    version: int = attribute("The version, starting at 1. Increases with every change.")
    created_at: datetime = attribute("When the object was created.")
    updated_at: datetime = attribute("When the object was last changed.")
