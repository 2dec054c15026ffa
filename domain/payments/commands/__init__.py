"""Commands and filters of payments."""

from domain.payments.commands.details import (
    BankAccountInput,
    BankAccountType,
    CardInput,
    PaymentMethodDetailsInput,
)
from domain.payments.commands.disputes import (
    MAX_FILES,
    MAX_FILES_BYTES,
    AddDisputeFile,
    EvidenceInput,
    RemoveDisputeFile,
    RespondToDispute,
)
from domain.payments.commands.filters import DisputeFilter, LedgerTransferFilter, PaymentFilter, PaymentIntentFilter
from domain.payments.commands.intents import (
    CancelPaymentIntent,
    CapturePaymentIntent,
    ConfirmPaymentIntent,
    CreatePaymentIntent,
)
from domain.payments.commands.refunds import RefundItemInput, RefundPayment
from domain.payments.commands.sandbox import (
    CloseSandboxDispute,
    DisputeOutcome,
    RaiseSandboxDispute,
    RefundOutcome,
    SandboxOutcome,
    SettleSandboxPayment,
    SettleSandboxRefund,
)
from domain.payments.commands.settings import UpdatePaymentSettings

__all__ = [
    "MAX_FILES",
    "MAX_FILES_BYTES",
    "AddDisputeFile",
    "BankAccountInput",
    "BankAccountType",
    "CancelPaymentIntent",
    "CapturePaymentIntent",
    "CardInput",
    "CloseSandboxDispute",
    "ConfirmPaymentIntent",
    "CreatePaymentIntent",
    "DisputeFilter",
    "DisputeOutcome",
    "EvidenceInput",
    "LedgerTransferFilter",
    "PaymentFilter",
    "PaymentIntentFilter",
    "PaymentMethodDetailsInput",
    "RaiseSandboxDispute",
    "RefundItemInput",
    "RefundOutcome",
    "RefundPayment",
    "RemoveDisputeFile",
    "RespondToDispute",
    "SandboxOutcome",
    "SettleSandboxPayment",
    "SettleSandboxRefund",
    "UpdatePaymentSettings",
]
