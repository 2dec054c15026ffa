"""What REST and webhooks write of payments. Amounts are minor units here, as the platform document has them."""

from __future__ import annotations

from domain.kernel.documents import (
    BooleanMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    JsonMember,
    ManyMember,
    ObjectMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, CURRENCY, UPDATED_AT, VERSION, id_member
from domain.payments import reads
from domain.payments.states import (
    CaptureMethod,
    CardBrand,
    DisputeStatus,
    EvidenceType,
    LedgerAccount,
    PaymentIntentStatus,
    PaymentMethod,
    PaymentState,
    RefundStatus,
    TransferKind,
)

_ORDER_ID = TextMember(
    "The id of the order that is paid. Null without an order.",
    example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4",
    nullable=True,
)
_CUSTOMER_ID = TextMember(
    "The id of the customer. Null for a guest.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4", nullable=True
)
_INTENT_ID = TextMember("The id of the payment intent.", example="pi_01jd3v4q8rf9k6w2m5n7t0xhz4")
_PAYMENT_ID = TextMember("The id of the payment.", example="pay_01jd3v4q8rf9k6w2m5n7t0xhz4")
_METHOD = EnumMember("The payment method.", PaymentMethod, column="method", example="card")


class PaymentErrorDocument(Document):
    """Why a charge or refund failed."""

    code = TextMember(
        "The error code, such as `card_declined` or `insufficient_funds`.", column="error_code", example="card_declined"
    )
    message = TextMember("The error message.", column="error_message", example="The card was declined.")


class CardSummaryDocument(Document):
    """The stored details of a card."""

    brand = EnumMember("The brand. Null if it is another one.", CardBrand, column="card_brand", nullable=True)
    last4 = TextMember("The last four digits.", column="card_last4", example="4242")
    exp_month = IntegerMember("The month of expiry.", column="card_exp_month", example=12)
    exp_year = IntegerMember("The year of expiry.", column="card_exp_year", example=2030)


class RefundLineDocument(Document):
    """A refunded quantity of a line of the order."""

    item_id = TextMember("The id of the line.", example="item_01jd3v4q8rf9k6w2m5n7t0xhz4")
    quantity = IntegerMember("The refunded quantity.", example=1)


class RefundDocument(Document):
    """An amount that is paid back from a payment."""

    id = id_member("re")
    payment_id = _PAYMENT_ID
    intent_id = _INTENT_ID
    order_id = _ORDER_ID
    currency = CURRENCY
    amount = IntegerMember("The amount in minor units.", example=19999)
    fee = IntegerMember("The fee returned by the processor, in minor units.", example=0)
    status = EnumMember("The status of the refund.", RefundStatus, example="succeeded")
    reason = TextMember("The reason. Null if none was given.", example="customer_request", nullable=True)
    refund_application_fee = BooleanMember(
        "Whether the share of the processor's fee was requested. Only the sandbox returns it.", example=False
    )
    items = ManyMember("The lines of the order that are refunded.", reads.lines_by_refund, RefundLineDocument)
    expected_from = TextMember(
        "The first day on which the buyer may have the money, as YYYY-MM-DD.", example="2026-01-22"
    )
    expected_by = TextMember("The last day on which the buyer should have it, as YYYY-MM-DD.", example="2026-01-29")
    last_error = ObjectMember(
        "Why it failed. Null if it did not fail.", PaymentErrorDocument, column="error_code", nullable=True
    )
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class PaymentDocument(Document):
    """An attempt to charge. A declined one stays, and the intent can be confirmed again."""

    id = id_member("pay")
    intent_id = _INTENT_ID
    order_id = _ORDER_ID
    customer_id = _CUSTOMER_ID
    currency = CURRENCY
    amount = IntegerMember("The amount in minor units.", example=19999)
    captured = IntegerMember("The collected amount in minor units.", example=19999)
    refunded = IntegerMember("The refunded amount in minor units, without pending refunds.", example=0)
    disputed = IntegerMember("What open and lost disputes withhold, in minor units.", example=0)
    fee = IntegerMember("The fees of the processor, in minor units.", example=610)
    status = EnumMember("The status of the payment.", PaymentState, example="captured")
    payment_method = _METHOD
    card = ObjectMember(
        "The card. Null for other payment methods.", CardSummaryDocument, column="card_last4", nullable=True
    )
    last_error = ObjectMember(
        "Why it failed. Null if it did not fail.", PaymentErrorDocument, column="error_code", nullable=True
    )
    processor = TextMember(
        "The processor: `sandbox`, `stripe`, or `external` for an imported payment, which was charged elsewhere.",
        example="sandbox",
    )
    authorization_expires_at = InstantMember(
        "When the authorisation expires. Null if the payment is not authorised or does not expire.",
        example="2026-01-22T10:30:00Z",
        nullable=True,
    )
    refunds = ManyMember("The refunds, oldest first.", reads.refunds_by_payment, RefundDocument)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class PaymentIntentDocument(Document):
    """The plan to collect an amount. Each attempt to charge is a payment."""

    id = id_member("pi")
    order_id = _ORDER_ID
    customer_id = _CUSTOMER_ID
    currency = CURRENCY
    amount = IntegerMember("The amount to collect, in minor units.", example=19999)
    status = EnumMember("The status of the payment intent.", PaymentIntentStatus, example="requires_capture")
    payment_method = _METHOD
    capture_method = EnumMember("When the amount is collected.", CaptureMethod, example="manual")
    next_action = JsonMember(
        "What the buyer has to do: `type` (`three_d_secure`, `redirect`, `bank_transfer` or `crypto_transfer`), and "
        "what it needs of `url`, `reference`, `address`, `amount`, `currency` and `expires_at`. `amount` is what is "
        "owed, in major units of `currency`: cryptocurrency is sent for as much as it is worth. Null if there is "
        "nothing to do.",
        example={"type": "three_d_secure", "url": "https://api.shop.example/sandbox/3ds/pay_01jd3v4q8r"},
        nullable=True,
    )
    last_error = ObjectMember(
        "Why the last attempt failed. Null if none failed.", PaymentErrorDocument, column="error_code", nullable=True
    )
    payments = ManyMember("The attempts to charge, oldest first.", reads.payments_by_intent, PaymentDocument)
    metadata = JsonMember("Custom JSON data.", example={"season": "summer"})
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class DisputeFileDocument(Document):
    """A file of evidence. Its content is not returned."""

    id = id_member("file")
    evidence_type = EnumMember("The part of the evidence that it belongs to.", EvidenceType, example="shipping_proof")
    name = TextMember("The name of the file.", example="proof.pdf")
    media_type = TextMember("The media type.", example="application/pdf")
    size = IntegerMember("The size in bytes.", example=48_213)
    created_at = CREATED_AT


class DisputeDocument(Document):
    """A payment that the buyer's bank has taken back until the case is decided."""

    id = id_member("dp")
    payment_id = _PAYMENT_ID
    intent_id = _INTENT_ID
    order_id = _ORDER_ID
    currency = CURRENCY
    amount = IntegerMember("The disputed amount in minor units.", example=19999)
    fee = IntegerMember("The fee for the dispute, in minor units.", example=1500)
    status = EnumMember("The status of the dispute.", DisputeStatus, example="needs_response")
    reason = TextMember("The reason that the bank gives.", example="fraudulent")
    respond_by = InstantMember("When the response is due.", example="2026-01-22T10:30:00Z")
    evidence_parts = TextListMember(
        "The parts of the evidence that were given so far.", example=["transaction_details"]
    )
    last_error = ObjectMember(
        "Why the last submission failed. Null if none failed.",
        PaymentErrorDocument,
        column="error_code",
        nullable=True,
    )
    submitted_at = InstantMember("When the evidence was submitted. Null before.", nullable=True)
    closed_at = InstantMember("When the case was decided. Null before.", nullable=True)
    files = ManyMember("The files of evidence.", reads.files_by_dispute, DisputeFileDocument)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class LedgerTransferDocument(Document):
    """A movement of money between two accounts of the ledger. It is never changed."""

    id = id_member("led")
    kind = EnumMember("The fact that it records.", TransferKind, example="capture")
    debit = EnumMember("The account that is debited.", LedgerAccount, example="processor")
    credit = EnumMember("The account that is credited.", LedgerAccount, example="receivable")
    currency = CURRENCY
    amount = IntegerMember("The amount in minor units.", example=19999)
    payment_id = _PAYMENT_ID
    intent_id = _INTENT_ID
    refund_id = TextMember("The id of the refund. Null for other facts.", nullable=True)
    dispute_id = TextMember("The id of the dispute. Null for other facts.", nullable=True)
    created_at = CREATED_AT


class LedgerBalanceDocument(Document):
    """The debit and credit totals of an account of the ledger."""

    account = EnumMember("The account.", LedgerAccount, example="processor")
    currency = CURRENCY
    debits = IntegerMember("The sum of its debits in minor units.", example=19999)
    credits = IntegerMember("The sum of its credits in minor units.", example=610)
    balance = IntegerMember("Debits less credits, in minor units.", example=19389)


class PaymentSettingsDocument(Document):
    """The payment processor of the store. Its keys are never shown."""

    processor = TextMember("The processor: `sandbox` of a test store, `stripe` of a live one.", example="stripe")
    secret_key_hint = TextMember(
        "The last four characters of the secret key. Null if the store has none of its own.",
        example="aB3d",
        nullable=True,
    )
    has_webhook_secret = BooleanMember("Whether a webhook secret is set.", example=True)
    raw_cards = BooleanMember("Whether the processor accepts card numbers from this account.", example=False)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT
