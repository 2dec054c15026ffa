"""Carriers: the built-in ones with their tariffs, and those of the store's own, behind one interface."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from domain.catalog import WeightUnit
from domain.kernel.sql.executor import Row
from domain.shipping.delivery_dates import delivery_day, shipping_day
from domain.shipping.measures import MeasuredPackage
from domain.shipping.ports import CarrierRates, Rate, RateRequest, UnavailableRate
from domain.shipping.tariffs import RefusalKind, ServiceRefusal, TariffCarrier, TariffService, quote_service
from domain.shipping.tariffs.quotes import Quote, QuoteRequest
from domain.shipping.tariffs.services import TARIFF_CURRENCY


class Carrier(Protocol):
    """A carrier that can be asked for rates, and chosen for shipments."""

    @property
    def code(self) -> str:
        """The code."""

    @property
    def name(self) -> str:
        """The name shown to people."""

    @property
    def services(self) -> Mapping[str, str]:
        """The names of its services, by code."""

    @property
    def prints_labels(self) -> bool:
        """Whether the gateway draws its labels."""

    def tracking_page(self, service: str) -> str | None:
        """The page that follows a package, with ``{number}`` for its tracking number; None if there is none."""

    async def rates(self, request: RateRequest) -> CarrierRates:
        """As of ``RateSource``."""

    def quote(self, service: str, request: RateRequest) -> Rate | UnavailableRate:
        """The rate of one service."""

    def refusal(self, service: str, request: RateRequest) -> UnavailableRate | None:
        """Why a service does not take the packages, whether or not their price can be told; None if it does."""


class TariffRates:
    """A built-in carrier."""

    prints_labels = True

    def __init__(self, carrier: TariffCarrier) -> None:
        self._carrier = carrier
        self.code, self.name = carrier.code, carrier.name
        self.services: Mapping[str, str] = {each.code: each.name for each in carrier.services}

    def tracking_page(self, service: str) -> str | None:
        """See ``Carrier``."""
        return self._carrier.tracking_page(service)

    async def rates(self, request: RateRequest) -> CarrierRates:
        """The rates of all services. In a thread: tables and calendars are read when they are needed first."""
        return await asyncio.to_thread(_rates_of_services, self, request)

    def quote(self, service: str, request: RateRequest) -> Rate | UnavailableRate:
        """The rate of one service."""
        if not request.exchange.knows(TARIFF_CURRENCY):
            return UnavailableRate(self.code, None, without_exchange_rate(TARIFF_CURRENCY))
        known = self._service(service)
        quote = quote_service(self._carrier, known, _quote_request(request))
        if isinstance(quote, ServiceRefusal):
            return self._refused(quote)
        return self._rate(quote, request)

    def refusal(self, service: str, request: RateRequest) -> UnavailableRate | None:
        """See ``Carrier``. The insured value counts only in a known currency."""
        quote = quote_service(self._carrier, self._service(service), _quote_request(request))
        return self._refused(quote) if isinstance(quote, ServiceRefusal) else None

    def _refused(self, refusal: ServiceRefusal) -> UnavailableRate:
        return UnavailableRate(self.code, refusal.service.code, refusal.reason, refusal.kind)

    def _rate(self, quote: Quote, request: RateRequest) -> Rate:
        first, last = quote.days
        exchange, country = request.exchange, request.destination.country
        left = shipping_day(request.shipped_on, request.origin.country)
        return Rate(
            carrier=self.code,
            carrier_name=self.name,
            service=quote.service.code,
            service_name=quote.service.name,
            currency=exchange.currency,
            cost=exchange.to_store(quote.total, TARIFF_CURRENCY),
            base=exchange.to_store(quote.base, TARIFF_CURRENCY),
            estimated_delivery_from=delivery_day(left, first, country).isoformat(),
            estimated_delivery=delivery_day(left, last, country).isoformat(),
        )

    def _service(self, code: str) -> TariffService:
        found = self._carrier.service(code)
        assert found is not None, "one of its services"  # noqa: S101 - callers look it up first
        return found


class CustomRates:
    """A carrier of the store's own, by its row."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.code, self.name = row.code, row.name
        self.services: Mapping[str, str] = {each["code"]: each["name"] for each in row.services}
        self.prints_labels: bool = row.prints_labels

    def tracking_page(self, service: str) -> str | None:
        """See ``Carrier``. All services have the same."""
        page: str | None = self._row.tracking_url
        return page

    async def rates(self, request: RateRequest) -> CarrierRates:
        """The rates of all services. In a thread: its table may have 20,000 prices."""
        return await asyncio.to_thread(_rates_of_services, self, request)

    def quote(self, service: str, request: RateRequest) -> Rate | UnavailableRate:
        """The rate of one service."""
        known = next(each for each in self._row.services if each["code"] == service)
        zone = self._zone(request.destination.country)
        table = _WeightTable.of(each for each in known["rates"] if each["zone"] == zone)
        if not table.limits:
            reason = f"{known['name']} does not go to this country."
            return UnavailableRate(self.code, service, reason, RefusalKind.DESTINATION)
        unit = WeightUnit(self._row.weight_unit)
        prices = [table.price(package.weight_in(unit)) for package in request.packages]
        if None in prices:
            reason = f"{known['name']} takes at most {table.limits[-1]:f} {unit} for each package."
            return UnavailableRate(self.code, service, reason, RefusalKind.PACKAGES)
        cost = sum(price for price in prices if price is not None)
        left, country = shipping_day(request.shipped_on, request.origin.country), request.destination.country
        return Rate(
            carrier=self.code,
            carrier_name=self.name,
            service=service,
            service_name=known["name"],
            currency=self._row.currency,
            cost=cost,
            base=cost,
            estimated_delivery_from=delivery_day(left, known["min_days"], country).isoformat(),
            estimated_delivery=delivery_day(left, known["max_days"], country).isoformat(),
        )

    def refusal(self, service: str, request: RateRequest) -> UnavailableRate | None:
        """See ``Carrier``."""
        quote = self.quote(service, request)
        return quote if isinstance(quote, UnavailableRate) else None

    def _zone(self, country: str) -> str | None:
        """The zone of a country: the one that names it, or the one of all others."""
        others = next((each["code"] for each in self._row.zones if not each["countries"]), None)
        return next((each["code"] for each in self._row.zones if country in each["countries"]), others)


def _rates_of_services(carrier: TariffRates | CustomRates, request: RateRequest) -> CarrierRates:
    """The rates of all services; one reason for the whole carrier if none of them has one."""
    found = [carrier.quote(code, request) for code in carrier.services]
    rates = [each for each in found if isinstance(each, Rate)]
    refused = [each for each in found if isinstance(each, UnavailableRate)]
    if not rates and refused:
        reasons = " ".join(dict.fromkeys(each.reason for each in refused))
        refused = [UnavailableRate(carrier.code, None, reasons)]
    return CarrierRates(rates, refused)


@dataclass(frozen=True, slots=True)
class _WeightTable:
    """The prices of a service of the store's own in one zone. Its weights follow each other without gaps."""

    limits: Sequence[Decimal]
    """The highest weight of each price, increasing."""
    prices: Sequence[int]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> _WeightTable:
        """The table of stored rows."""
        pairs = sorted((Decimal(each["weight_to"]), each["price"]) for each in rows)
        return cls([limit for limit, _ in pairs], [price for _, price in pairs])

    def price(self, weight: Decimal) -> int | None:
        """The price of a package; None above the last weight."""
        place = bisect_left(self.limits, weight)
        return self.prices[place] if place < len(self.prices) else None


def _quote_request(request: RateRequest) -> QuoteRequest:
    knows = request.exchange.knows(TARIFF_CURRENCY)
    return QuoteRequest(
        origin=request.origin,
        destination=request.destination,
        packages=request.packages,
        has_signature=request.needs_signature,
        insured=request.exchange.from_store(request.insured, TARIFF_CURRENCY) if knows else 0,
    )


def without_exchange_rate(currency: str) -> str:
    """Why a price in another currency is of no use to the store."""
    return (
        f"The tariff is in {currency}, and the store has another currency. Add an exchange rate for {currency} to the "
        "shipping settings."
    )


def measured(packages: Sequence[Any]) -> list[MeasuredPackage]:
    """The weights and sides of packages, given or stored."""
    return [
        MeasuredPackage.of(each.weight, each.weight_unit, (each.length, each.width, each.height), each.dimension_unit)
        for each in packages
    ]
