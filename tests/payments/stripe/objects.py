"""Stripe's objects as a Stripe of the tests' own makes them, and its test cards."""

from __future__ import annotations

import itertools
import time
from typing import Any

Object = dict[str, Any]

CARDS = {
    "pm_card_visa": ("visa", "4242"),
    "pm_card_mastercard": ("mastercard", "4444"),
    "pm_card_unionpay": ("unionpay", "0005"),
    "pm_card_chargeDeclined": ("visa", "0002"),
    "pm_card_insufficientFunds": ("visa", "9995"),
    "pm_card_expired": ("visa", "0069"),
    "pm_card_threeDSecure": ("visa", "3184"),
}
NUMBERS = {"4242424242424242": "pm_card_visa", "4000000000000002": "pm_card_chargeDeclined"}
DECLINES = {
    "0002": ("card_declined", "generic_decline", "Your card was declined."),
    "9995": ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "0069": ("expired_card", "expired_card", "Your card has expired."),
}
CAPTURE_BEFORE = 1_790_000_000
_numbers = itertools.count(1)


def new_id(prefix: str) -> str:
    """An id in Stripe's form."""
    return f"{prefix}_3Test{next(_numbers):08d}"


def base(prefix: str, object: str) -> Object:
    """The members that every object has."""
    return {"id": new_id(prefix), "object": object, "created": int(time.time())}


def payment_method(type: str, brand: str = "visa", last4: str = "4242", billing: Object | None = None) -> Object:
    """A payment method; a card where ``type`` is ``card``."""
    address = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
    given = billing or {}
    details = {"name": None, "email": None, "phone": None, **given}
    made = base("pm", "payment_method") | {"livemode": False, "type": type, "billing_details": details}
    details["address"] = address | given.get("address", {})
    details["tax_id"] = None
    if type == "card":
        card = {"brand": brand, "last4": last4, "exp_month": 12, "exp_year": 2034, "funding": "credit"}
        made["card"] = card
    return made


def charge(intent: Object, method: Object, *, is_captured: bool) -> Object:
    """The charge of a payment intent."""
    details: Object = {"type": method["type"]}
    if method["type"] == "card":
        until = {} if is_captured else {"capture_before": CAPTURE_BEFORE}
        details["card"] = {name: method["card"][name] for name in ("brand", "last4", "exp_month", "exp_year")} | until
    return base("ch", "charge") | {
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_captured else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "captured": is_captured,
        "currency": intent["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "refunded": False,
        "status": "succeeded",
    }


def balance_transaction(source: str, type: str, amount: int, currency: str, fee: int) -> Object:
    """What an amount was on the balance of the account."""
    return base("txn", "balance_transaction") | {
        "amount": amount,
        "available_on": int(time.time()),
        "balance_type": "payments",
        "currency": currency,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": type,
        "source": source,
        "status": "pending",
        "type": type,
    }


def payment_intent(params: Object) -> Object:
    """A payment intent as it was created, before it is confirmed."""
    return base("pi", "payment_intent") | {
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_received": 0,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": new_id("pi") + "_secret",
        "confirmation_method": "automatic",
        "currency": params["currency"],
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": params.get("payment_method_types", ["card"]),
        "status": "requires_payment_method",
    }


def refund(params: Object, intent: Object, status: str) -> Object:
    """A refund."""
    return base("re", "refund") | {
        "amount": params["amount"],
        "balance_transaction": None,
        "charge": intent["latest_charge"],
        "currency": intent["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": intent["id"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "status": status,
    }


def dispute(intent: Object, status: str = "needs_response", reason: str = "fraudulent", fee: int = 1500) -> Object:
    """A dispute of a payment intent's charge."""
    made = base("du", "dispute")
    taken = balance_transaction(made["id"], "adjustment", -intent["amount"], intent["currency"], fee)
    return made | {
        "amount": intent["amount"],
        "balance_transactions": [] if status.startswith("warning") else [taken],
        "charge": intent["latest_charge"],
        "currency": intent["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": CAPTURE_BEFORE,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": intent["id"],
        "reason": reason,
        "status": status,
    }


def event(type: str, object: Object) -> Object:
    """An event, as webhooks send it."""
    return base("evt", "event") | {
        "api_version": "2026-10-28.endive",
        "data": {"object": object},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": type,
    }
