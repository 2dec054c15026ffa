"""The reads and listings of payments, declared once for dataloaders, REST endpoints and query plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, bindparam, cast, func, select

from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import Listing
from domain.kernel.listing.counted_filters import within
from domain.kernel.listing.filters import at_or_after, at_or_before, one_of, single
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.payments.model import (
    Dispute,
    DisputeFile,
    LedgerTransfer,
    Payment,
    PaymentIntent,
    PaymentSettings,
    Refund,
    RefundLine,
)

SCOPE = "payments:read"

_intent = PaymentIntent.__table__.c
_payment = Payment.__table__.c
_refund = Refund.__table__.c
_line = RefundLine.__table__.c
_dispute = Dispute.__table__.c
_file = DisputeFile.__table__.c
_transfer = LedgerTransfer.__table__.c
_settings = PaymentSettings.__table__.c

_INTENTS = select(
    _intent.id,
    _intent.order_id,
    _intent.customer_id,
    _intent.currency,
    _intent.amount,
    _intent.status,
    _intent.method,
    _intent.capture_method,
    _intent.next_action,
    _intent.error_code,
    _intent.error_message,
    _intent.metadata,
    _intent.version,
    _intent.created_at,
    _intent.updated_at,
)
_PAYMENTS = select(
    _payment.id,
    _payment.intent_id,
    _payment.order_id,
    _payment.customer_id,
    _payment.currency,
    _payment.amount,
    _payment.captured,
    _payment.refunded,
    _payment.disputed,
    _payment.fee,
    _payment.status,
    _payment.method,
    _payment.card_brand,
    _payment.card_last4,
    _payment.card_exp_month,
    _payment.card_exp_year,
    _payment.error_code,
    _payment.error_message,
    _payment.processor,
    _payment.authorization_expires_at,
    _payment.version,
    _payment.created_at,
    _payment.updated_at,
)
_REFUNDS = select(
    _refund.id,
    _refund.payment_id,
    _refund.intent_id,
    _refund.order_id,
    _refund.currency,
    _refund.amount,
    _refund.fee,
    _refund.status,
    _refund.reason,
    _refund.refund_application_fee,
    _refund.expected_from,
    _refund.expected_by,
    _refund.error_code,
    _refund.error_message,
    _refund.created_at,
    _refund.updated_at,
)
_DISPUTES = select(
    _dispute.id,
    _dispute.payment_id,
    _dispute.intent_id,
    _dispute.order_id,
    _dispute.currency,
    _dispute.amount,
    _dispute.fee,
    _dispute.status,
    _dispute.reason,
    _dispute.respond_by,
    _dispute.evidence_parts,
    _dispute.error_code,
    _dispute.error_message,
    _dispute.submitted_at,
    _dispute.closed_at,
    _dispute.version,
    _dispute.created_at,
    _dispute.updated_at,
)
_TRANSFERS = select(
    _transfer.id,
    _transfer.kind,
    _transfer.debit,
    _transfer.credit,
    _transfer.currency,
    _transfer.amount,
    _transfer.payment_id,
    _transfer.intent_id,
    _transfer.refund_id,
    _transfer.dispute_id,
    _transfer.created_at,
)
_FILES = select(
    _file.id,
    _file.dispute_id,
    _file.evidence_type,
    _file.name,
    _file.media_type,
    _file.size,
    _file.created_at,
)


def _by_id(name: str, statement: Any, columns: Any) -> Read:
    return Read(name, statement, scope=SCOPE, store=columns.store_id, key=columns.id)


def _owned(name: str, statement: Any, columns: Any, key: Any, likely: int) -> Read:
    order = (key, columns.created_at, columns.id)
    return Read(name, statement, scope=SCOPE, store=columns.store_id, key=key, order=order, many=True, likely=likely)


intent_by_id = _by_id("intent_by_id", _INTENTS, _intent)
payment_by_id = _by_id("payment_by_id", _PAYMENTS, _payment)
refund_by_id = _by_id("refund_by_id", _REFUNDS, _refund)
dispute_by_id = _by_id("dispute_by_id", _DISPUTES, _dispute)
transfer_by_id = _by_id("transfer_by_id", _TRANSFERS, _transfer)
file_by_id = _by_id("dispute_file_by_id", _FILES, _file)
payments_by_intent = _owned("payments_by_intent", _PAYMENTS, _payment, _payment.intent_id, 1)
payments_by_order = _owned("payments_by_order", _PAYMENTS, _payment, _payment.order_id, 1)
refunds_by_payment = _owned("refunds_by_payment", _REFUNDS, _refund, _refund.payment_id, 1)
refunds_by_order = _owned("refunds_by_order", _REFUNDS, _refund, _refund.order_id, 1)
disputes_by_payment = _owned("disputes_by_payment", _DISPUTES, _dispute, _dispute.payment_id, 1)
disputes_by_order = _owned("disputes_by_order", _DISPUTES, _dispute, _dispute.order_id, 1)
files_by_dispute = _owned("files_by_dispute", _FILES, _file, _file.dispute_id, 2)
lines_by_refund = Read(
    "lines_by_refund",
    select(_line.id, _line.refund_id, _line.item_id, _line.quantity),
    scope=SCOPE,
    store=_line.store_id,
    key=_line.refund_id,
    order=(_line.refund_id, _line.id),
    many=True,
    likely=2,
)
settings_by_store = Read(
    "payment_settings_by_store",
    select(
        _settings.id,
        _settings.processor,
        _settings.secret_key_hint,
        _settings.webhook_secret.isnot(None).label("has_webhook_secret"),
        _settings.raw_cards,
        _settings.version,
        _settings.created_at,
        _settings.updated_at,
    ),
    scope="access:read",
    store=_settings.store_id,
    key=_settings.id,
)


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the filters unchanged. Raises MalformedRequest for a range that ends before it begins."""
    for name in ("created", "amount"):
        refuse_reversed(filters, f"{name}_from", f"{name}_to")
    return filters


_BY_VALUE = ("created_at",)
"""The sorts that the indexes support per value."""


def _payment_filters(table: Any, columns: Any) -> dict[str, Any]:
    """The filters that intents and payments share."""
    return {
        "status": one_of("status", columns.status, _BY_VALUE),
        "payment_method": one_of("payment_method", columns.method, _BY_VALUE),
        "order_id": single("order_id", columns.order_id, _BY_VALUE),
        "customer_id": single("customer_id", columns.customer_id, _BY_VALUE),
        "created_from": at_or_after("created_from", columns.created_at),
        "created_to": at_or_before("created_to", columns.created_at),
        **within("amount_from", "amount_to", table, "amount", sort="amount"),
    }


intents = Listing(
    "payment_intents",
    _INTENTS,
    scope=SCOPE,
    store=_intent.store_id,
    id=_intent.id,
    sorts={"created_at": _intent.created_at, "amount": _intent.amount},
    filters=_payment_filters(PaymentIntent.__table__, _intent),
)
payments = Listing(
    "payments",
    _PAYMENTS,
    scope=SCOPE,
    store=_payment.store_id,
    id=_payment.id,
    sorts={"created_at": _payment.created_at, "amount": _payment.amount},
    filters=_payment_filters(Payment.__table__, _payment),
)
disputes = Listing(
    "disputes",
    _DISPUTES,
    scope=SCOPE,
    store=_dispute.store_id,
    id=_dispute.id,
    sorts={"created_at": _dispute.created_at},
    filters={
        "status": one_of("status", _dispute.status, _BY_VALUE),
        "order_id": single("order_id", _dispute.order_id, _BY_VALUE),
        "payment_id": single("payment_id", _dispute.payment_id, _BY_VALUE),
        "created_from": at_or_after("created_from", _dispute.created_at),
        "created_to": at_or_before("created_to", _dispute.created_at),
    },
)
transfers = Listing(
    "ledger_transfers",
    _TRANSFERS,
    scope=SCOPE,
    store=_transfer.store_id,
    id=_transfer.id,
    sorts={"created_at": _transfer.created_at},
    filters={
        "payment_id": single("payment_id", _transfer.payment_id, _BY_VALUE),
        "created_from": at_or_after("created_from", _transfer.created_at),
        "created_to": at_or_before("created_to", _transfer.created_at),
    },
)
RETURN_URL = Statement(
    "return_url_of_intent",
    select(_intent.return_url, _intent.payment_id).where(
        _intent.store_id == STORE, _intent.id == bindparam("id", type_=KEY_TEXT)
    ),
)
"""Where the buyer is sent after an action, and the payment that counts; callers are not shown it."""
_totals = (
    select(
        _transfer.debit,
        _transfer.credit,
        _transfer.currency,
        cast(func.sum(_transfer.amount), BigInteger).label("amount"),
    )
    .where(_transfer.store_id == STORE)
    .group_by(_transfer.debit, _transfer.credit, _transfer.currency)
)
LEDGER_TOTALS = Statement("ledger_totals", _totals)
"""The sum of all transfers of the store between each two accounts."""
