"""The carriers of the built-in tariffs and their services: limits, divisors, surcharges and days under way.

Amounts are US cents. Limits and divisors are those that the carriers publish for parcels; prices are made up in their
style (``source/generate.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.catalog import WeightUnit

TARIFF_CURRENCY = "USD"


class Reach(StrEnum):
    """Between which places a service carries packages."""

    DOMESTIC = "domestic"
    """Within the United States and their territories."""
    ABROAD = "abroad"
    """From any country to another one."""
    ANYWHERE = "anywhere"
    """From any country to any, but not within the United States."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffService:
    """One service of a carrier."""

    code: str
    name: str
    reach: Reach = Reach.DOMESTIC
    max_weight: Decimal
    """In ``weight_unit``, for each package."""
    weight_unit: WeightUnit = WeightUnit.POUND
    """The unit of its table: a weight is rounded up to the next row."""
    max_length: int = 108
    """Inches of the longest side."""
    max_length_and_girth: int
    """Inches of the longest side and the way around the others."""
    divisor: int | None = 139
    """Cubic inches that count as a pound; None where size does not count."""
    small_until: int = 0
    """Cubic inches up to which size does not count."""
    days: Mapping[str, tuple[int, int]]
    """Business days under way by zone, at least and at most."""
    residential: int = 0
    """Added for each package to a private address."""
    signature: int
    """Added for each package that is handed over against a signature."""
    insurance_included: int = 10_000
    """Insured value that costs nothing."""
    insurance_step: int = 10_000
    """Of what is above, each begun step of this size costs ``insurance_price``."""
    insurance_price: int
    max_insured: int = 5_000_000
    tracking_url: str | None = None
    """The page that follows a package where it is not that of the carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffCarrier:
    """A carrier with its services."""

    code: str
    name: str
    services: tuple[TariffService, ...]
    tracking_url: str
    """The page that follows a package; ``{number}`` is its tracking number."""

    def service(self, code: str) -> TariffService | None:
        """The service with this code."""
        return next((each for each in self.services if each.code == code), None)

    def tracking_page(self, service: str) -> str:
        """The page that follows a package of a service."""
        known = self.service(service)
        return self.tracking_url if known is None or known.tracking_url is None else known.tracking_url


def _days_by_zone(*ranges: tuple[int, int], zones: str = "123456789") -> Mapping[str, tuple[int, int]]:
    """Days by zone; the last range is that of all zones that are left."""
    return {zone: ranges[min(place, len(ranges) - 1)] for place, zone in enumerate(zones)}


_ABROAD = "ABCDEFGH"

USPS = TariffCarrier(
    code="usps",
    name="USPS",
    tracking_url="https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
    services=(
        TariffService(
            code="priority",
            name="Priority Mail",
            max_weight=Decimal(70),
            max_length_and_girth=108,
            divisor=166,
            small_until=1_728,
            days=_days_by_zone((1, 1), (1, 2), (2, 2), (2, 2), (2, 3), (2, 3), (3, 3), (3, 3), (3, 5)),
            signature=370,
            insurance_price=245,
            max_insured=500_000,
        ),
        TariffService(
            code="express",
            name="Priority Mail Express",
            max_weight=Decimal(70),
            max_length_and_girth=108,
            divisor=166,
            small_until=1_728,
            days=_days_by_zone((1, 1), (1, 1), (1, 1), (1, 1), (1, 2), (1, 2), (1, 2), (2, 2), (2, 3)),
            signature=0,
            insurance_price=260,
            max_insured=500_000,
        ),
        TariffService(
            code="first_class",
            name="First-Class Package",
            max_weight=Decimal("15.999"),
            weight_unit=WeightUnit.OUNCE,
            max_length_and_girth=108,
            divisor=None,
            days=_days_by_zone((2, 2), (2, 3), (2, 3), (3, 3), (3, 4), (3, 4), (3, 5), (4, 5), (5, 8)),
            signature=370,
            insurance_included=0,
            insurance_price=245,
            max_insured=500_000,
        ),
        TariffService(
            code="parcel_select",
            name="Parcel Select",
            max_weight=Decimal(70),
            max_length_and_girth=130,
            divisor=166,
            small_until=1_728,
            days=_days_by_zone((2, 3), (2, 4), (3, 5), (3, 5), (4, 6), (4, 7), (5, 8), (5, 8), (6, 10)),
            signature=370,
            insurance_included=0,
            insurance_price=245,
            max_insured=500_000,
        ),
    ),
)
_GROUND_DAYS = ((1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4), (4, 5), (5, 7))
FEDEX = TariffCarrier(
    code="fedex",
    name="FedEx",
    tracking_url="https://www.fedex.com/fedextrack/?trknbr={number}",
    services=(
        TariffService(
            code="ground",
            name="FedEx Ground",
            max_weight=Decimal(150),
            max_length_and_girth=165,
            days=_days_by_zone(*_GROUND_DAYS),
            residential=595,
            signature=655,
            insurance_price=145,
        ),
        TariffService(
            code="2day",
            name="FedEx 2Day",
            max_weight=Decimal(150),
            max_length=119,
            max_length_and_girth=165,
            days=_days_by_zone((2, 2)),
            residential=645,
            signature=655,
            insurance_price=145,
        ),
        TariffService(
            code="overnight",
            name="FedEx Standard Overnight",
            max_weight=Decimal(150),
            max_length=119,
            max_length_and_girth=165,
            days=_days_by_zone((1, 1)),
            residential=645,
            signature=655,
            insurance_price=145,
        ),
        TariffService(
            code="international",
            name="FedEx International Priority",
            reach=Reach.ABROAD,
            max_weight=Decimal(68),
            weight_unit=WeightUnit.KILOGRAM,
            max_length_and_girth=130,
            days=_days_by_zone((1, 1), (1, 3), (2, 4), (2, 4), (2, 5), (3, 5), (3, 6), (4, 7), zones=_ABROAD),
            residential=645,
            signature=655,
            insurance_price=145,
        ),
    ),
)
UPS = TariffCarrier(
    code="ups",
    name="UPS",
    tracking_url="https://www.ups.com/track?tracknum={number}",
    services=(
        TariffService(
            code="ground",
            name="UPS Ground",
            max_weight=Decimal(150),
            max_length_and_girth=165,
            days=_days_by_zone(*_GROUND_DAYS),
            residential=610,
            signature=690,
            insurance_price=150,
        ),
        TariffService(
            code="3day",
            name="UPS 3 Day Select",
            max_weight=Decimal(150),
            max_length_and_girth=165,
            days=_days_by_zone((3, 3)),
            residential=660,
            signature=690,
            insurance_price=150,
        ),
        TariffService(
            code="2day",
            name="UPS 2nd Day Air",
            max_weight=Decimal(150),
            max_length_and_girth=165,
            days=_days_by_zone((2, 2)),
            residential=660,
            signature=690,
            insurance_price=150,
        ),
        TariffService(
            code="next_day",
            name="UPS Next Day Air",
            max_weight=Decimal(150),
            max_length_and_girth=165,
            days=_days_by_zone((1, 1)),
            residential=660,
            signature=690,
            insurance_price=150,
        ),
    ),
)
DHL = TariffCarrier(
    code="dhl",
    name="DHL",
    tracking_url="https://www.dhl.com/en/express/tracking.html?AWB={number}",
    services=(
        TariffService(
            code="express",
            name="DHL Express Worldwide",
            reach=Reach.ANYWHERE,
            max_weight=Decimal(70),
            weight_unit=WeightUnit.KILOGRAM,
            max_length=47,
            max_length_and_girth=173,
            days=_days_by_zone((1, 1), (1, 2), (2, 3), (2, 3), (2, 4), (3, 4), (3, 5), (3, 6), zones=_ABROAD),
            residential=590,
            signature=700,
            insurance_included=0,
            insurance_price=120,
        ),
        TariffService(
            code="ecommerce",
            name="DHL SmartMail Parcel",
            tracking_url="https://webtrack.dhlecs.com/orders?trackingNumber={number}",
            max_weight=Decimal(25),
            max_length=27,
            max_length_and_girth=50,
            divisor=166,
            small_until=1_728,
            days=_days_by_zone((3, 5), (3, 5), (3, 6), (3, 6), (4, 7), (4, 8), (5, 8), (5, 8), (7, 12)),
            signature=350,
            insurance_price=140,
            max_insured=50_000,
        ),
    ),
)
CARRIERS: Mapping[str, TariffCarrier] = {each.code: each for each in (USPS, FEDEX, UPS, DHL)}
