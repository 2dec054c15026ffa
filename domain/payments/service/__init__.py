"""The use cases of payments."""

from domain.payments.service.captures import cancel_payment_intent, capture_payment_intent
from domain.payments.service.charges import confirm_payment_intent, create_payment_intent
from domain.payments.service.dispute_files import add_dispute_file, remove_dispute_file
from domain.payments.service.disputes import respond_to_dispute
from domain.payments.service.evidence import evidence_of
from domain.payments.service.expiry import release_expired
from domain.payments.service.history_import import PastPayment, import_payments
from domain.payments.service.news import record_charge_news, record_dispute_news, record_refund_news
from domain.payments.service.processors import EXTERNAL, ProcessorKeys
from domain.payments.service.refunds import current_refund, refund_payment, settle_refund
from domain.payments.service.releases import release_order
from domain.payments.service.sandbox_control import (
    close_sandbox_dispute,
    raise_sandbox_dispute,
    settle_sandbox_payment,
    settle_sandbox_refund,
)
from domain.payments.service.settings import open_payment_settings, update_payment_settings
from domain.payments.service.state_checks import check_states

__all__ = [
    "EXTERNAL",
    "PastPayment",
    "ProcessorKeys",
    "add_dispute_file",
    "cancel_payment_intent",
    "capture_payment_intent",
    "check_states",
    "close_sandbox_dispute",
    "confirm_payment_intent",
    "create_payment_intent",
    "current_refund",
    "evidence_of",
    "import_payments",
    "open_payment_settings",
    "raise_sandbox_dispute",
    "record_charge_news",
    "record_dispute_news",
    "record_refund_news",
    "refund_payment",
    "release_expired",
    "release_order",
    "remove_dispute_file",
    "respond_to_dispute",
    "settle_refund",
    "settle_sandbox_payment",
    "settle_sandbox_refund",
    "update_payment_settings",
]
