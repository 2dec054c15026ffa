"""Tables of payments."""

from domain.payments.model.dispute import Dispute, DisputeFile
from domain.payments.model.payment import LedgerTransfer, Payment, PaymentIntent, Refund, RefundLine
from domain.payments.model.sandbox import SandboxOperation
from domain.payments.model.settings import PaymentSettings

__all__ = [
    "Dispute",
    "DisputeFile",
    "LedgerTransfer",
    "Payment",
    "PaymentIntent",
    "PaymentSettings",
    "Refund",
    "RefundLine",
    "SandboxOperation",
]
