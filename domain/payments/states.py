"""The statuses of intents, payments, refunds and disputes, and the allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.kernel.errors import Conflict, ErrorCode


class PaymentMethod(StrEnum):
    """How a buyer pays."""

    CARD = "card"
    APPLE_PAY = "apple_pay"
    GOOGLE_PAY = "google_pay"
    PAYPAL = "paypal"
    ACH = "ach"
    WIRE = "wire"
    AFFIRM = "affirm"
    KLARNA = "klarna"
    BITCOIN = "bitcoin"
    ETHEREUM = "ethereum"


class CaptureMethod(StrEnum):
    """When an authorised amount is collected."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"


class PaymentIntentStatus(StrEnum):
    """The status of a payment intent."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PaymentState(StrEnum):
    """The status of a payment: one attempt to charge."""

    PROCESSING = "processing"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RefundStatus(StrEnum):
    """The status of a refund."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeStatus(StrEnum):
    """The status of a dispute."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


class EvidenceType(StrEnum):
    """The part of the evidence for a dispute."""

    TRANSACTION_DETAILS = "transaction_details"
    SHIPPING_PROOF = "shipping_proof"
    COMMUNICATION_LOG = "communication_log"


class PaymentActionType(StrEnum):
    """What the buyer has to do next."""

    THREE_D_SECURE = "three_d_secure"
    REDIRECT = "redirect"
    BANK_TRANSFER = "bank_transfer"
    CRYPTO_TRANSFER = "crypto_transfer"


class CardBrand(StrEnum):
    """The brand of a card, by the first digits of its number."""

    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    DISCOVER = "discover"


class LedgerAccount(StrEnum):
    """An account of the ledger."""

    RECEIVABLE = "receivable"
    PROCESSOR = "processor"
    REFUNDS = "refunds"
    FEES = "fees"
    DISPUTES = "disputes"


class TransferKind(StrEnum):
    """The fact that a transfer of the ledger records."""

    CAPTURE = "capture"
    FEE = "fee"
    FEE_REFUND = "fee_refund"
    FEE_REFUND_REVERSAL = "fee_refund_reversal"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    DISPUTE = "dispute"
    DISPUTE_FEE = "dispute_fee"
    DISPUTE_FEE_REVERSAL = "dispute_fee_reversal"
    DISPUTE_REVERSAL = "dispute_reversal"


_S = PaymentIntentStatus
TRANSITIONS: Mapping[PaymentIntentStatus, frozenset[PaymentIntentStatus]] = {
    _S.REQUIRES_PAYMENT_METHOD: frozenset({_S.PROCESSING, _S.CANCELLED}),
    _S.REQUIRES_ACTION: frozenset({_S.PROCESSING, _S.REQUIRES_CAPTURE, _S.SUCCEEDED, _S.FAILED, _S.CANCELLED}),
    _S.PROCESSING: frozenset({_S.REQUIRES_ACTION, _S.REQUIRES_CAPTURE, _S.SUCCEEDED, _S.FAILED, _S.CANCELLED}),
    _S.REQUIRES_CAPTURE: frozenset({_S.PROCESSING, _S.SUCCEEDED, _S.CANCELLED}),
    _S.FAILED: frozenset({_S.PROCESSING, _S.REQUIRES_CAPTURE, _S.SUCCEEDED, _S.CANCELLED}),
    _S.SUCCEEDED: frozenset(),
    _S.CANCELLED: frozenset(),
}
"""The allowed next statuses. A trigger of the table enforces the same; a test compares the two.

What counted as failed may be held or collected after all: the processor says so.
"""


def require_transition(current: PaymentIntentStatus, target: PaymentIntentStatus) -> None:
    """Raises Conflict unless ``target`` may follow ``current``."""
    if target not in TRANSITIONS[current]:
        message = f"The payment intent is {current} and cannot become {target}."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
