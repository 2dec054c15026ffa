"""What is asked of a processor, and what an adapter needs for it.

Every request is sent with a key of its own (``<our id>:<operation>``); a processor does it once for each key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.kernel.use_cases.outbound import UNSTORED


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
