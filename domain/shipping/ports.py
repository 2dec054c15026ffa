"""What shipping asks of the outside: a printer of labels, and carriers with their rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from domain.kernel.address import Address
from domain.shipping.exchange import Exchange
from domain.shipping.measures import MeasuredPackage
from domain.shipping.states import TrackingStatus
from domain.shipping.tariffs.quotes import QuoteAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands on the label of one package."""

    carrier: str
    """The name of the carrier."""
    service: str
    """The name of the service."""
    tracking_number: str
    barcode: Sequence[str]
    """The text of the barcode. Several element strings make a GS1-128, a single one a plain Code 128."""
    ship_from: Address
    ship_to: Address
    order_number: str
    weight: str
    """With its unit, as it is shown: ``2.5 lb``."""
    number: int
    """Of the package among those of the shipment, from 1."""
    count: int
    shipped_on: date
    needs_signature: bool = False
    is_sandbox: bool = False
    """Whether it belongs to no real parcel, and says so."""


class LabelPrinter(Protocol):
    """Draws labels."""

    def print_labels(self, labels: Sequence[Label]) -> bytes:
        """A document with a page for each label, 4 by 6 inches. The same labels make the same bytes."""


def barcode_elements(carrier: str, tracking_number: str, destination_zip: str | None) -> tuple[str, ...]:
    """The text of a label's barcode.

    USPS barcodes are a GS1-128 of the destination's ZIP code (application identifier 420) and the number (Publication
    199); other carriers' are their numbers.
    """
    is_impb = len(tracking_number) == 22 and tracking_number.isdigit() and carrier in {"usps", "dhl"}
    if not is_impb:
        return (tracking_number,)
    digits = (destination_zip or "")[:5]
    return (f"420{digits}", tracking_number) if len(digits) == 5 and digits.isdigit() else (tracking_number,)


PDF, PNG, ZPL = "application/pdf", "image/png", "application/zpl"
"""What labels can be."""


@dataclass(frozen=True, slots=True)
class LabelPrinters:
    """Those who draw labels."""

    by_media_type: Mapping[str, LabelPrinter]


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


LIVE_CARRIERS = ("fedex", "ups")
"""The built-in carriers with which a store can have a contract, and which are then asked themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAccount:
    """A store's contract with a carrier, and what it is called with."""

    carrier: str
    account_number: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    is_test: bool
    """Whether the carrier is asked where nothing is carried: for test stores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveQuote:
    """What a carrier asks, by contract, for all packages by one service."""

    service: str
    """The code of the service among those of the built-in carrier."""
    currency: str
    cost: int
    """Minor units of ``currency``."""
    business_days: int | None = None
    """Until delivery."""


@dataclass(frozen=True, slots=True)
class LiveQuotes:
    """The answer of a carrier."""

    quotes: Sequence[LiveQuote] = ()
    messages: Sequence[str] = ()
    """What it says against the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierEvent:
    """What a carrier says of a package."""

    status: TrackingStatus
    occurred_at: datetime
    """As the clock of the place showed it, read as UTC: carriers do not tell the zone."""
    description: str | None = None
    location: str | None = None


class LiveCarriers(Protocol):
    """Carriers that are asked over the network."""

    @property
    def is_installed(self) -> bool:
        """Whether this gateway can ask them."""

    async def quotes(self, account: LiveAccount, request: RateRequest) -> LiveQuotes:
        """The carrier's prices. Raises Unavailable when it does not answer or refuses the credentials."""

    async def track(self, account: LiveAccount, tracking_number: str) -> Sequence[CarrierEvent]:
        """What has become of a package; empty while the carrier does not know it. Raises Unavailable as ``quotes``."""


@dataclass(frozen=True, slots=True)
class RateDesk:
    """How carriers are asked."""

    deadline: float = 3.0
    """Seconds that each carrier has to answer."""
    more: Sequence[RateSource] = ()
    """Carriers besides the built-in ones and those of the store."""


@dataclass(frozen=True, slots=True)
class ShippingLinks:
    """The addresses of labels."""

    public_url: str
    """The public URL of the gateway, without a slash at the end."""

    def label_of_shipment(self, shipment_id: str) -> str:
        """The URL of the label of a shipment."""
        return f"{self.public_url}/v2/shipments/{shipment_id}/label"

    def label_of_return(self, return_id: str) -> str:
        """The URL of the label of a return."""
        return f"{self.public_url}/v2/returns/{return_id}/label"
