"""Carriers that are asked for rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.shipping.exchange import Exchange
from domain.shipping.measures import MeasuredPackage
from domain.shipping.tariffs.quotes import QuoteAddress, RefusalKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRequest:
    """What a carrier is asked to carry."""

    origin: QuoteAddress
    destination: QuoteAddress
    packages: Sequence[MeasuredPackage]
    exchange: Exchange
    shipped_on: date
    """The first day on which the packages can leave, in the country of origin."""
    insured: int = 0
    """The insured value, in minor units of the store's currency."""
    needs_signature: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a service asks for all packages. Amounts are minor units of ``currency``, the store's."""

    carrier: str
    carrier_name: str
    service: str
    service_name: str
    currency: str
    cost: int
    base: int
    """The part for weight, size and distance."""
    estimated_delivery_from: str | None = None
    """YYYY-MM-DD."""
    estimated_delivery: str | None = None
    """YYYY-MM-DD: the last day."""

    @property
    def surcharges(self) -> int:
        """The part for a private address, a signature and insurance."""
        return self.cost - self.base


@dataclass(frozen=True, slots=True)
class UnavailableRate:
    """Why a carrier has no rate, or a service of it."""

    carrier: str
    service: str | None
    reason: str
    kind: RefusalKind | None = None
    """What the service does not take; None where the price is unknown."""


@dataclass(frozen=True, slots=True)
class CarrierRates:
    """The answer of a carrier."""

    rates: Sequence[Rate] = ()
    unavailable: Sequence[UnavailableRate] = ()


class RateSource(Protocol):
    """A carrier that can be asked for rates."""

    @property
    def code(self) -> str:
        """The code of the carrier."""

    async def rates(self, request: RateRequest) -> CarrierRates:
        """The rates of its services. Whatever it raises makes it unavailable, as does an answer that is too late."""


@dataclass(frozen=True, slots=True)
class RateDesk:
    """How carriers are asked."""

    deadline: float = 3.0
    """Seconds that each carrier has to answer."""
    more: Sequence[RateSource] = ()
    """Carriers besides the built-in ones and those of the store."""
