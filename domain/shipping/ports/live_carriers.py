"""Carriers that are asked over the network: prices by contract, labels and tracking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from domain.kernel.address import Address
from domain.kernel.use_cases.outbound import UNSTORED
from domain.shipping.measures import MeasuredPackage
from domain.shipping.ports.rates import RateRequest
from domain.shipping.states import TrackingStatus

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOrder:
    """What a carrier is asked to carry and to label."""

    service: str
    """The code of the service among those of the built-in carrier."""
    ship_from: Address
    ship_to: Address
    packages: Sequence[MeasuredPackage]
    currency: str
    insured: int
    """The insured value of all packages, in minor units of ``currency``."""
    needs_signature: bool
    shipped_on: date
    reference: str
    """Printed on the labels: the number of the order."""


@dataclass(frozen=True, slots=True)
class BoughtLabel:
    """What a carrier has made."""

    tracking_numbers: Sequence[str]
    """Of the packages, in their order."""
    pdf: bytes
    """A page for each package."""


class LabelRefusedError(Exception):
    """The carrier made no label, or voided none, and says why."""


class LiveCarriers(Protocol):
    """Carriers that are asked over the network."""

    @property
    def is_installed(self) -> bool:
        """Whether this gateway can ask them."""

    async def quotes(self, account: LiveAccount, request: RateRequest) -> LiveQuotes:
        """The carrier's prices. Raises Unavailable when it does not answer or refuses the credentials."""

    async def buy_label(self, account: LiveAccount, order: LabelOrder) -> BoughtLabel:
        """Have packages labelled and billed to the account.

        Raises LabelRefusedError where the carrier made no label. Whatever else is raised, it may have made one.
        """

    async def void_label(self, account: LiveAccount, tracking_number: str) -> None:
        """Void the label of a shipment, by the number of its first package. Raises as ``buy_label``."""

    async def track(self, account: LiveAccount, tracking_number: str) -> Sequence[CarrierEvent]:
        """What has become of a package; empty while the carrier does not know it. Raises Unavailable as ``quotes``."""


StoredAccount = Mapping[str, str]
"""``{carrier, account_number, credentials}``: an entry of the shipping settings, its credentials encrypted."""


@dataclass(frozen=True, slots=True)
class BuyLabel:
    """Buy the label of a shipment. Carriers know no idempotency key, so that it is sent once."""

    account: StoredAccount
    order: LabelOrder = field(metadata=UNSTORED, repr=False)


@dataclass(frozen=True, slots=True)
class VoidLabel:
    """Void the label of a cancelled shipment. Sent again, it is refused and changes nothing."""

    account: StoredAccount
    tracking_number: str


LABEL_REQUESTS: tuple[type[Any], ...] = (BuyLabel, VoidLabel)
