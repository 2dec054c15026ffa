"""The price of packages by one service of the built-in tariffs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from domain.catalog import WeightUnit
from domain.shipping.measures import KILOGRAMS, MeasuredPackage
from domain.shipping.tariffs.services import Reach, TariffCarrier, TariffService
from domain.shipping.tariffs.tables import rate_table
from domain.shipping.tariffs.zones import domestic_zone, international_zone, is_domestic


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteAddress:
    """Where packages come from or go to, as far as prices depend on it."""

    country: str
    """ISO 3166-1 alpha-2."""
    zip: str | None = None
    is_residential: bool = False
    city: str | None = None
    """Asked for by live carriers only, as is the state."""
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """What is to be carried."""

    origin: QuoteAddress
    destination: QuoteAddress
    packages: Sequence[MeasuredPackage]
    has_signature: bool = False
    insured: int = 0
    """The insured value in US cents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a service asks for all packages, in US cents."""

    service: TariffService
    zone: str
    base: int
    residential: int
    signature: int
    insurance: int
    billable_weight: Decimal
    """Of all packages, in the unit of the service's table."""

    @property
    def total(self) -> int:
        """The sum of all parts."""
        return self.base + self.residential + self.signature + self.insurance

    @property
    def days(self) -> tuple[int, int]:
        """Business days under way, at least and at most."""
        return self.service.days[self.zone]


class RefusalKind(StrEnum):
    """What a service does not take."""

    PACKAGES = "packages"
    """A weight or a size."""
    INSURANCE = "insurance"
    """The insured value."""
    DESTINATION = "destination"
    """The way: it does not go from there to there."""


@dataclass(frozen=True, slots=True)
class ServiceRefusal:
    """Why a service does not take the packages."""

    service: TariffService
    reason: str
    kind: RefusalKind = RefusalKind.PACKAGES


def quote_service(carrier: TariffCarrier, service: TariffService, request: QuoteRequest) -> Quote | ServiceRefusal:
    """The price of all packages by a service, or why it does not take them."""
    zone = _zone(service, request)
    reason = _reason_for_size(service, request)
    if reason is not None:
        return ServiceRefusal(service, reason)
    if request.insured > service.max_insured:
        reason = f"{service.name} insures at most {service.max_insured // 100:,} USD."
        return ServiceRefusal(service, reason, RefusalKind.INSURANCE)
    if zone is None:
        return ServiceRefusal(service, _reason_for_zone(service), RefusalKind.DESTINATION)
    carried = _carriage(carrier, service, zone, request.packages)
    if isinstance(carried, ServiceRefusal):
        return carried
    base, billable = carried
    count = len(request.packages)
    return Quote(
        service=service,
        zone=zone,
        base=base,
        residential=count * service.residential if request.destination.is_residential else 0,
        signature=count * service.signature if request.has_signature else 0,
        insurance=_insurance(service, request.insured),
        billable_weight=billable,
    )


def _carriage(
    carrier: TariffCarrier, service: TariffService, zone: str, packages: Sequence[MeasuredPackage]
) -> tuple[int, Decimal] | ServiceRefusal:
    """The price of all packages by the table, without what is added to it, and their billable weight."""
    table = rate_table(carrier.code, service.code)
    base, billable = 0, Decimal(0)
    for package in packages:
        weight = billable_weight(service, package)
        row = table.row_for(weight)
        if row is None:
            return ServiceRefusal(service, _too_heavy(service, f"counts as {_shown(weight)} {service.weight_unit}"))
        base += table.prices[zone][row]
        billable += table.weights[row]
    return base, billable


def billable_weight(service: TariffService, package: MeasuredPackage) -> Decimal:
    """The weight that is charged, in the unit of the service's table: what it weighs, or what its size stands for."""
    actual = package.weight_in(service.weight_unit)
    longest, middle, shortest = package.inches
    if service.divisor is None or longest * middle * shortest <= service.small_until:
        return actual
    pounds = package.dimensional_pounds(service.divisor)
    return max(actual, pounds * KILOGRAMS[WeightUnit.POUND] / KILOGRAMS[service.weight_unit])


def _zone(service: TariffService, request: QuoteRequest) -> str | None:
    """The zone; None where the service does not go."""
    origin, destination = request.origin, request.destination
    is_within_us = is_domestic(origin.country) and is_domestic(destination.country)
    match service.reach:
        case Reach.DOMESTIC:
            return domestic_zone(origin.zip or "", destination.zip or "") if is_within_us else None
        case Reach.ABROAD if origin.country == destination.country:
            return None
        case _:
            return None if is_within_us else international_zone(origin.country, destination.country)


def _reason_for_zone(service: TariffService) -> str:
    if service.reach == Reach.DOMESTIC:
        return f"{service.name} needs ZIP codes of the United States at both ends."
    if service.reach == Reach.ABROAD:
        return f"{service.name} goes to other countries only."
    return f"{service.name} does not go within the United States."


def _reason_for_size(service: TariffService, request: QuoteRequest) -> str | None:
    for number, package in enumerate(request.packages, start=1):
        if package.weight_in(service.weight_unit) > service.max_weight:
            return _too_heavy(service, f"package {number} has {_shown(package.weight_in(service.weight_unit))}")
        if package.inches[0] > service.max_length:
            return f"{service.name} takes at most {service.max_length} in of length: package {number} is longer."
        if package.length_and_girth > service.max_length_and_girth:
            return (
                f"{service.name} takes at most {service.max_length_and_girth} in of length and girth together: package "
                f"{number} has {package.length_and_girth}."
            )
    return None


def _too_heavy(service: TariffService, told: str) -> str:
    return f"{service.name} takes at most {_shown(service.max_weight)} {service.weight_unit}: {told}."


def _shown(weight: Decimal) -> str:
    return f"{weight.quantize(Decimal('0.001'), ROUND_CEILING).normalize():f}"


def _insurance(service: TariffService, insured: int) -> int:
    above = max(insured - service.insurance_included, 0)
    return -(-above // service.insurance_step) * service.insurance_price
