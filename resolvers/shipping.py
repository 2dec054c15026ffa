"""Root reads of shipping, and the values that rows of carriers and settings hold as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from domain import shipping
from domain.catalog import WeightUnit
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from domain.shipping import DimensionUnit
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


@dataclass(frozen=True, slots=True)
class CarrierZone:
    """Countries that cost the same."""

    code: str
    countries: list[str]


@dataclass(frozen=True, slots=True)
class CarrierRate:
    """The price of one package of a range of weights to one zone; minor units of ``currency``."""

    zone: str
    weight_from: Decimal
    weight_to: Decimal
    price: int
    currency: str


@dataclass(frozen=True, slots=True)
class CarrierService:
    """A service with its prices."""

    code: str
    name: str
    min_days: int
    max_days: int
    rates: list[CarrierRate]


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """A contract of the store with a carrier, without its credentials."""

    carrier: str
    account_number: str


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one unit of another currency is worth in the currency of the store."""

    currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class ShippingBox:
    """A box that orders are packed into."""

    name: str
    length: Decimal
    width: Decimal
    height: Decimal
    dimension_unit: DimensionUnit
    max_weight: Decimal
    empty_weight: Decimal
    weight_unit: WeightUnit


def zones_of(row: Row) -> list[CarrierZone]:
    """The zones of a carrier."""
    return [CarrierZone(**each) for each in row.zones]


def services_of(row: Row) -> list[CarrierService]:
    """The services of a carrier, with its currency in their prices."""
    return [CarrierService(**{**each, "rates": _rates(each["rates"], row.currency)}) for each in row.services]


def exchange_rates_of(row: Row) -> list[ExchangeRate]:
    """The exchange rates of the settings."""
    return [ExchangeRate(each["currency"], Decimal(each["rate"])) for each in row.exchange_rates]


def accounts_of(row: Row) -> list[CarrierAccount]:
    """The contracts of the settings, without their credentials."""
    return [CarrierAccount(each["carrier"], each["account_number"]) for each in row.accounts]


def boxes_of(row: Row) -> list[ShippingBox]:
    """The boxes of the settings."""
    return [
        ShippingBox(
            name=each["name"],
            dimension_unit=DimensionUnit(each["dimension_unit"]),
            weight_unit=WeightUnit(each["weight_unit"]),
            **{name: Decimal(each[name]) for name in ("length", "width", "height", "max_weight", "empty_weight")},
        )
        for each in row.boxes
    ]


def shipment(*, id: Annotated[Id, "The id of the shipment (`shp_…`)."]) -> LoadRequest | None:
    """Fetch a shipment. None if the id has another prefix."""
    return LoadRequest(shipping.reads.shipment_by_id, id) if is_id("shp", id) else None


def order_return(*, id: Annotated[Id, "The id of the return (`ret_…`)."]) -> LoadRequest | None:
    """Fetch a return. None if the id has another prefix."""
    return LoadRequest(shipping.reads.return_by_id, id) if is_id("ret", id) else None


def carrier(*, id: Annotated[Id, "The id of the carrier (`carr_…`)."]) -> LoadRequest | None:
    """Fetch a carrier of the store's own. None if the id has another prefix."""
    return LoadRequest(shipping.reads.carrier_by_id, id) if is_id("carr", id) else None


async def shipping_settings(context: Context) -> Row:
    """Load the shipping settings of the caller's store. Every store has them."""
    row: Row = await context.load(shipping.reads.settings_by_store, context.principal.store.id)
    return row


def _rates(stored: Any, currency: str) -> list[CarrierRate]:
    return [
        CarrierRate(each["zone"], Decimal(each["weight_from"]), Decimal(each["weight_to"]), each["price"], currency)
        for each in stored
    ]
