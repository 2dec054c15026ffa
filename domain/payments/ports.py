"""The port to payment processors: what is asked of one, what it answers, and what it tells by itself.

Every request is sent with a key of its own (``<our id>:<operation>``); a processor does it once for each key. Answers
are stored with the attempt, so they are written as JSON (``as_data``) and read back (``of_data``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Protocol, Self, TypeVar

from domain.kernel.principal import Store
from domain.kernel.use_cases.outbound import UNSTORED
from domain.payments.states import CardBrand, DisputeStatus, PaymentActionType


@dataclass(frozen=True, slots=True)
class CardNumber:
    """A card as the buyer gave it. It is passed on and never stored."""

    number: str = field(repr=False)
    """Digits only."""
    exp_month: int
    exp_year: int
    cvc: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account of the United States, to be debited by ACH. It is passed on and never stored."""

    routing_number: str = field(repr=False)
    account_number: str = field(repr=False)
    holder_name: str
    account_type: str
    """``checking`` or ``savings``."""


@dataclass(frozen=True, slots=True)
class ChargeDetails:
    """What the payment method needs besides the amount. It is passed on and never stored."""

    card: CardNumber | None = None
    token: str | None = field(default=None, repr=False)
    """A payment method at the processor, such as ``pm_…``."""
    bank_account: BankAccount | None = None
    billing_address: Mapping[str, Any] | None = field(default=None, repr=False)
    """An address in the stored form of ``domain.kernel.address``."""
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Authorise an amount, or collect it at once. Its key is ``<payment id>:charge``."""

    payment_id: str
    intent_id: str
    order_id: str | None
    processor: str
    amount: int
    """Minor units."""
    currency: str
    """ISO 4217, in upper case."""
    method: str
    """A value of PaymentMethod."""
    is_captured: bool
    """Whether to collect the amount at once."""
    return_url: str | None
    """Where the buyer is sent after an action."""
    details: ChargeDetails = field(metadata=UNSTORED, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Collect an authorised amount, or a part of it; the rest is released."""

    payment_id: str
    processor: str
    reference: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """Release an authorisation, or give up an attempt that waits for the buyer."""

    payment_id: str
    processor: str
    reference: str | None
    """Null where the processor has not said what its payment is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCharge:
    """Pay back a collected amount, or a part of it. Its key is ``<refund id>:refund``."""

    refund_id: str
    payment_id: str
    processor: str
    reference: str
    amount: int
    currency: str
    reason: str | None
    refund_application_fee: bool
    fee: int
    """The part of the processor's fee that is asked back; 0 without ``refund_application_fee``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitEvidence:
    """Send the response to a dispute. Texts and files are read by the adapter with ``payments.evidence_of``."""

    dispute_id: str
    processor: str
    reference: str


@dataclass(frozen=True, slots=True)
class StripeCredentials:
    """A store's account at Stripe."""

    secret_key: str = field(repr=False)
    raw_cards: bool = False
    """Whether the account may send card numbers; Stripe allows it on proof of PCI DSS."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of the response to a dispute."""

    evidence_type: str
    """``transaction_details``, ``shipping_proof`` or ``communication_log``."""
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EvidenceBundle:
    """All that is submitted in response to a dispute."""

    texts: Mapping[str, str] = field(repr=False)
    """By evidence type."""
    files: Sequence[EvidenceFile] = ()


ProcessorRequest = Charge | Capture | Void | RefundCharge | SubmitEvidence
REQUESTS: tuple[type[Any], ...] = (Charge, Capture, Void, RefundCharge, SubmitEvidence)


class ChargeState(StrEnum):
    """What has become of a charge at the processor."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    """It settles later, as bank transfers do."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Voided, or expired."""


class RefundState(StrEnum):
    """What has become of a refund at the processor."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class _Answer:
    """The base of what is stored as JSON."""

    __slots__ = ()
    _instants: ClassVar[frozenset[str]] = frozenset()
    _nested: ClassVar[Mapping[str, type[Any]]] = {}

    def as_data(self) -> dict[str, Any]:
        """The answer in JSON's own types."""
        return {name: _plain(getattr(self, name)) for name in self._names()}

    @classmethod
    @cache
    def _names(cls) -> tuple[str, ...]:
        return tuple(each.name for each in fields(cls))  # type: ignore[arg-type]  # subclasses are dataclasses

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Self:
        """The answer that was stored. Members that were stored by another version are left out."""
        known = cls._names()
        return cls(**{name: cls._read(name, value) for name, value in data.items() if name in known})

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        if value is None:
            return None
        if name in cls._instants:
            return datetime.fromisoformat(value)
        return cls._nested[name].of_data(value) if name in cls._nested else value


@dataclass(frozen=True, slots=True)
class CardSummary(_Answer):
    """What is kept of a card."""

    brand: CardBrand | None
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerAction(_Answer):
    """What the buyer has to do next."""

    type: PaymentActionType
    url: str | None = None
    """The page to open, for 3-D Secure and redirects."""
    reference: str | None = None
    """What a bank transfer must quote."""
    address: str | None = None
    """The address to send cryptocurrency to, or the account of a bank transfer."""
    amount: str | None = None
    """What is owed, in major units of ``currency``; cryptocurrency is sent for as much as it is worth."""
    currency: str | None = None
    """ISO 4217, in upper case."""
    expires_at: str | None = None
    """When the offer ends, RFC 3339 in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeNews(_Answer):
    """A dispute, as the processor sees it now."""

    _instants = frozenset({"respond_by"})

    reference: str
    charge_reference: str
    status: DisputeStatus
    amount: int
    reason: str
    respond_by: datetime | None
    """UTC. Null once it is closed."""
    fee: int | None = None
    """What the processor charges for the case. Null where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeNews(_Answer):
    """A charge, as the processor sees it now: the answer to Charge, Capture and Void, and what is told later."""

    _instants = frozenset({"authorized_until"})
    _nested = {"card": CardSummary, "next_action": BuyerAction, "dispute": DisputeNews}  # noqa: RUF012

    reference: str
    state: ChargeState
    captured: int = 0
    """The collected amount in minor units."""
    fee: int = 0
    """The fee that the processor keeps of it."""
    card: CardSummary | None = None
    next_action: BuyerAction | None = None
    authorized_until: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    dispute: DisputeNews | None = None
    """A dispute that was opened together with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundNews(_Answer):
    """A refund, as the processor sees it now."""

    reference: str
    state: RefundState
    fee: int = 0
    """What it returned of its fee."""
    error_code: str | None = None
    error_message: str | None = None
    amount: int | None = None
    """Minor units. Null where the processor does not repeat it."""
    charge_reference: str | None = None
    """The payment that it is of, by which one that was made at the processor itself is booked."""


News = TypeVar("News", ChargeNews, RefundNews, DisputeNews)


class ProcessorStates(Protocol):
    """What a processor says when it is asked about an object, apart from the outcome of any call."""

    async def current(self, news: News, store: Store) -> News:
        """The object that ``news`` is about as it is now; ``news`` itself where nothing more is known.

        Raises Unavailable where the processor cannot be asked.
        """


def _plain(value: Any) -> Any:
    if isinstance(value, _Answer):
        return value.as_data()
    return value.isoformat() if isinstance(value, datetime) else value
