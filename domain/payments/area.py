"""What payments announce."""

from __future__ import annotations

from datetime import timedelta

from domain import access
from domain.kernel.area import Area, EnumDoc, EventArea, NodeType, own_tables
from domain.kernel.database import Database
from domain.kernel.reencryption import EncryptedColumn
from domain.payments import reads, snapshot
from domain.payments.commands import BankAccountType, DisputeOutcome, RefundOutcome, SandboxOutcome
from domain.payments.documents import PaymentDocument
from domain.payments.events import PaymentFailed, PaymentRefunded, PaymentSucceeded
from domain.payments.personal_data import PERSONAL_DATA
from domain.payments.service import release_expired
from domain.payments.states import (
    CaptureMethod,
    CardBrand,
    DisputeStatus,
    EvidenceType,
    LedgerAccount,
    PaymentActionType,
    PaymentIntentStatus,
    PaymentMethod,
    PaymentState,
    RefundStatus,
    TransferKind,
)

_ENUMS = (
    EnumDoc(
        PaymentMethod,
        "A payment method.",
        {
            PaymentMethod.CARD: "A credit or debit card.",
            PaymentMethod.APPLE_PAY: "Apple Pay.",
            PaymentMethod.GOOGLE_PAY: "Google Pay.",
            PaymentMethod.PAYPAL: "PayPal.",
            PaymentMethod.ACH: "A bank transfer by ACH.",
            PaymentMethod.WIRE: "A wire transfer.",
            PaymentMethod.AFFIRM: "Affirm, in instalments.",
            PaymentMethod.KLARNA: "Klarna, in instalments.",
            PaymentMethod.BITCOIN: "Bitcoin.",
            PaymentMethod.ETHEREUM: "Ethereum.",
        },
    ),
    EnumDoc(
        CaptureMethod,
        "When an authorised amount is collected.",
        {
            CaptureMethod.MANUAL: "When it is captured.",
            CaptureMethod.AUTOMATIC: "At once.",
        },
    ),
    EnumDoc(
        PaymentIntentStatus,
        "The status of a payment intent.",
        {
            PaymentIntentStatus.REQUIRES_PAYMENT_METHOD: "The payment intent waits for a payment method.",
            PaymentIntentStatus.REQUIRES_ACTION: "The payment intent waits for the buyer; see `nextAction`.",
            PaymentIntentStatus.PROCESSING: "The outcome is not known yet, or settles later.",
            PaymentIntentStatus.REQUIRES_CAPTURE: "The amount is authorised and can be captured.",
            PaymentIntentStatus.SUCCEEDED: "The amount was collected.",
            PaymentIntentStatus.FAILED: "The last attempt failed. It can be confirmed again.",
            PaymentIntentStatus.CANCELLED: "The payment intent was cancelled, or its authorisation expired.",
        },
    ),
    EnumDoc(
        PaymentState,
        "The status of a payment: one attempt to charge.",
        {
            PaymentState.PROCESSING: "The outcome is not known yet, or settles later.",
            PaymentState.REQUIRES_ACTION: "The payment waits for the buyer.",
            PaymentState.AUTHORIZED: "The amount is authorised.",
            PaymentState.CAPTURED: "The amount was collected.",
            PaymentState.FAILED: "The payment was declined or failed.",
            PaymentState.CANCELLED: "The authorised amount was released, or the authorisation expired.",
        },
    ),
    EnumDoc(
        RefundStatus,
        "The status of a refund.",
        {
            RefundStatus.PENDING: "The processor has not paid the amount back yet.",
            RefundStatus.SUCCEEDED: "The amount was paid back.",
            RefundStatus.FAILED: "The refund was refused or reversed.",
        },
    ),
    EnumDoc(
        DisputeStatus,
        "The status of a dispute.",
        {
            DisputeStatus.NEEDS_RESPONSE: "The dispute waits for evidence.",
            DisputeStatus.UNDER_REVIEW: "The buyer's bank reviews the evidence.",
            DisputeStatus.WON: "The dispute was won; the amount was returned.",
            DisputeStatus.LOST: "The dispute was lost.",
        },
    ),
    EnumDoc(
        EvidenceType,
        "A part of the evidence for a dispute.",
        {
            EvidenceType.TRANSACTION_DETAILS: "What was bought and when, and how the buyer was identified.",
            EvidenceType.SHIPPING_PROOF: "Proof of shipping or delivery.",
            EvidenceType.COMMUNICATION_LOG: "The communication with the buyer.",
        },
    ),
    EnumDoc(
        PaymentActionType,
        "What the buyer has to do next.",
        {
            PaymentActionType.THREE_D_SECURE: "Authenticate with the bank, on the page at `url`.",
            PaymentActionType.REDIRECT: "Approve the payment, on the page at `url`.",
            PaymentActionType.BANK_TRANSFER: "Transfer `amount` in `currency` to the account `address`, quoting "
            "`reference`.",
            PaymentActionType.CRYPTO_TRANSFER: "Send cryptocurrency worth `amount` in `currency` to `address`.",
        },
    ),
    EnumDoc(
        CardBrand,
        "The brand of a card.",
        {
            CardBrand.VISA: "Visa.",
            CardBrand.MASTERCARD: "Mastercard.",
            CardBrand.AMEX: "American Express.",
            CardBrand.DISCOVER: "Discover.",
        },
    ),
    EnumDoc(
        BankAccountType,
        "The type of a bank account.",
        {BankAccountType.CHECKING: "A checking account.", BankAccountType.SAVINGS: "A savings account."},
    ),
    EnumDoc(
        LedgerAccount,
        "An account of the ledger.",
        {
            LedgerAccount.RECEIVABLE: "The amounts paid by buyers. Captures credit it: its balance is negative.",
            LedgerAccount.PROCESSOR: "The amounts that the processor holds for the store.",
            LedgerAccount.REFUNDS: "The refunded amounts.",
            LedgerAccount.FEES: "The fees of the processor.",
            LedgerAccount.DISPUTES: "The amounts withheld by disputes.",
        },
    ),
    EnumDoc(
        TransferKind,
        "The fact that a transfer of the ledger records.",
        {
            TransferKind.CAPTURE: "A payment was collected.",
            TransferKind.FEE: "The processor charged its fee.",
            TransferKind.FEE_REFUND: "The processor returned a part of its fee.",
            TransferKind.FEE_REFUND_REVERSAL: "The return of a fee was reversed, because its refund was.",
            TransferKind.REFUND: "A refund was paid back.",
            TransferKind.REFUND_REVERSAL: "A refund was reversed.",
            TransferKind.DISPUTE: "A dispute withholds an amount.",
            TransferKind.DISPUTE_FEE: "The processor charged a fee for a dispute.",
            TransferKind.DISPUTE_FEE_REVERSAL: "The processor returned its fee for a dispute.",
            TransferKind.DISPUTE_REVERSAL: "A dispute was won.",
        },
    ),
    EnumDoc(
        SandboxOutcome,
        "The outcome of a payment in the sandbox.",
        {
            SandboxOutcome.SUCCEEDED: "The buyer or the bank approves it.",
            SandboxOutcome.FAILED: "The buyer or the bank refuses it.",
            SandboxOutcome.EXPIRED: "Its authorisation expires.",
        },
    ),
    EnumDoc(
        DisputeOutcome,
        "How a dispute ends.",
        {DisputeOutcome.WON: "The store wins.", DisputeOutcome.LOST: "The buyer wins."},
    ),
    EnumDoc(
        RefundOutcome,
        "The outcome of a refund.",
        {
            RefundOutcome.SUCCEEDED: "The amount is paid back.",
            RefundOutcome.FAILED: "The refund is refused or reversed.",
        },
    ),
)


async def _release_expired(database: Database, _: timedelta) -> None:
    more = True
    while more:
        more = await release_expired(database, access.stores_by_number, database.clock())


AREA = Area(
    scopes=frozenset({"payments:read", "payments:write", "access:write"}),  # access: the keys of the processor
    events=(PaymentSucceeded, PaymentFailed, PaymentRefunded),
    event_areas={"payment": EventArea("payments:read", snapshot.payment_row, PaymentDocument, stored=snapshot.PAYMENT)},
    nodes={
        "pi": NodeType((reads.intent_by_id,)),
        "pay": NodeType((reads.payment_by_id,)),
        "re": NodeType((reads.refund_by_id,)),
        "dp": NodeType((reads.dispute_by_id,)),
        "led": NodeType((reads.transfer_by_id,)),
        "file": NodeType((reads.file_by_id,)),
    },
    personal_data=PERSONAL_DATA,
    tables=own_tables("domain.payments", append_only={"ledger_transfer"}),
    maintenance={"expired authorisations": _release_expired},
    encrypted=(
        EncryptedColumn("payment_settings", "secret_key", "payments/{store}/secret_key"),
        EncryptedColumn("payment_settings", "webhook_secret", "payments/{store}/webhook_secret"),
        EncryptedColumn("payment_dispute", "evidence", "evidence/{store}/{id}"),
        EncryptedColumn("payment_dispute_file", "content", "evidence/{store}/{id}"),
    ),
    enums=_ENUMS,
)
