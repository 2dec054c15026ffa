"""Stripe's objects in the words of the domain: payment intents, refunds and disputes, as plain mappings.

Answers to calls and the bodies of webhooks are read by the same functions. Statuses that this version does not know
give None: Stripe adds some without notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.kernel.use_cases.outbound import Failed, Outcome, Succeeded, Unknown
from domain.payments.ports import (
    BuyerAction,
    CardSummary,
    ChargeNews,
    ChargeState,
    DisputeNews,
    RefundNews,
    RefundState,
)
from domain.payments.states import CardBrand, DisputeStatus, PaymentActionType
from gateway.adapters.stripe.amounts import fee_of, from_stripe
from gateway.adapters.stripe.errors import decline_of

StripeObject = Mapping[str, Any]

EXPANDED_CHARGE = ("latest_charge.balance_transaction", "payment_method")
"""The parts of a payment intent that are wanted whole: the charge with its fee, and the card."""

AUTHORIZATION_EXPIRED = Failed("authorization_expired", "The authorisation has expired.")
_EXPIRED = frozenset({"automatic", "expired"})
"""The reasons with which Stripe itself cancels: it releases what was not collected in time."""
_CHARGE_STATES = {
    "requires_payment_method": ChargeState.FAILED,
    "requires_action": ChargeState.REQUIRES_ACTION,
    "processing": ChargeState.PENDING,
    "requires_capture": ChargeState.AUTHORIZED,
    "succeeded": ChargeState.CAPTURED,
    "canceled": ChargeState.CANCELLED,
}
_REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_DISPUTE_STATUSES = {
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}
"""Without ``warning_…`` and ``prevented``: those have taken no money, and become one of these if they do."""


def charge_news(intent: StripeObject, asked: int | None = None) -> ChargeNews | None:
    """A payment intent. ``asked``: the amount to collect in minor units, used where the intent does not tell it."""
    state = _CHARGE_STATES.get(intent["status"])
    if state is None:
        return None
    charge = _expanded(intent.get("latest_charge"))
    is_captured = state == ChargeState.CAPTURED
    failure = _failure(intent, state)
    return ChargeNews(
        reference=intent["id"],
        state=state,
        captured=_received(intent, asked) if is_captured else 0,
        fee=_charge_fee(intent, charge) if is_captured else 0,
        card=_card(intent, charge),
        next_action=_action(intent) if state == ChargeState.REQUIRES_ACTION else None,
        authorized_until=_capture_before(charge) if state == ChargeState.AUTHORIZED else None,
        error_code=None if failure is None else failure.code,
        error_message=None if failure is None else failure.message,
    )


def charge_outcome(intent: StripeObject, asked: int | None = None) -> Outcome:
    """The outcome of a charge, a capture or a void by its payment intent."""
    news = charge_news(intent, asked)
    if news is None:
        return Unknown()
    if news.state == ChargeState.FAILED:
        return Failed(news.error_code or "card_declined", news.error_message or "The payment was declined.")
    return Succeeded(news.as_data())


def refund_news(refund: StripeObject) -> RefundNews | None:
    """A refund. What it returned of the fee is known where its balance transaction was expanded."""
    state = _REFUND_STATES.get(refund.get("status") or "")
    if state is None:
        return None
    currency = refund["currency"].upper()
    reason = refund.get("failure_reason") or refund.get("status") if state == RefundState.FAILED else None
    return RefundNews(
        reference=refund["id"],
        state=state,
        fee=max(0, -fee_of(refund.get("balance_transaction"), refund["amount"], currency)),
        error_code=reason,
        error_message=reason and f"The refund failed: {reason}.".replace("_", " "),
        amount=from_stripe(refund["amount"], currency),
        charge_reference=id_of(refund.get("payment_intent")),
    )


def refund_outcome(refund: StripeObject) -> Outcome:
    """The outcome of a refund."""
    news = refund_news(refund)
    return Unknown() if news is None else Succeeded(news.as_data())


def dispute_news(dispute: StripeObject) -> DisputeNews | None:
    """A dispute; None also for inquiries, which have taken no money."""
    status = _DISPUTE_STATUSES.get(dispute["status"])
    if status is None:
        return None
    currency = dispute["currency"].upper()
    transactions = dispute.get("balance_transactions") or ()
    is_open = status in (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)
    due_by = (dispute.get("evidence_details") or {}).get("due_by")
    return DisputeNews(
        reference=dispute["id"],
        charge_reference=id_of(dispute.get("payment_intent")) or id_of(dispute["charge"]) or "",
        status=status,
        amount=from_stripe(dispute["amount"], currency),
        reason=dispute["reason"],
        respond_by=_instant(due_by) if is_open else None,
        # Before the amount is taken there is no transaction; after a case that was won, one may return a fee.
        fee=max(0, sum(fee_of(each, dispute["amount"], currency) for each in transactions)) if transactions else None,
    )


def id_of(value: Any) -> str | None:
    """The id of a reference, whether it was expanded or not."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else None


def _failure(intent: StripeObject, state: ChargeState) -> Failed | None:
    """Why a payment has failed, or has ended without anybody asking for it."""
    if state == ChargeState.FAILED:
        return decline_of(intent.get("last_payment_error") or {})
    if state == ChargeState.CANCELLED and intent.get("cancellation_reason") in _EXPIRED:
        return AUTHORIZATION_EXPIRED
    return None


def _received(intent: StripeObject, asked: int | None) -> int:
    received = intent.get("amount_received")
    if received is None and asked is not None:
        return asked
    return from_stripe(intent["amount"] if received is None else received, intent["currency"].upper())


def _charge_fee(intent: StripeObject, charge: StripeObject) -> int:
    units = charge.get("amount_captured") or intent.get("amount_received") or intent["amount"]
    return fee_of(charge.get("balance_transaction"), units, intent["currency"].upper())


def _card(intent: StripeObject, charge: StripeObject) -> CardSummary | None:
    """The card of the charge; before there is one, that of the payment method."""
    for whole in (charge.get("payment_method_details"), intent.get("payment_method")):
        card = _expanded(whole).get("card")
        if card and card.get("last4"):
            brand = card.get("brand")
            known = CardBrand(brand) if brand in set(CardBrand) else None
            return CardSummary(known, card["last4"], card["exp_month"], card["exp_year"])
    return None


def _capture_before(charge: StripeObject) -> datetime | None:
    details = charge.get("payment_method_details") or {}
    return _instant((details.get(details.get("type")) or {}).get("capture_before"))


def _action(intent: StripeObject) -> BuyerAction:
    """The next action, with the page that it asks the buyer to open."""
    action = intent.get("next_action") or {}
    is_card = "card" in (intent.get("payment_method_types") or ("card",))
    kind = PaymentActionType.THREE_D_SECURE if is_card else PaymentActionType.REDIRECT
    return BuyerAction(type=kind, url=_page(action.get(action.get("type")) or {}))


def _page(details: StripeObject) -> str | None:
    for name in ("url", "hosted_verification_url", "hosted_instructions_url", "stripe_js"):
        url = details.get(name)
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            return url
    return None


def _expanded(value: Any) -> StripeObject:
    return value if isinstance(value, Mapping) else {}


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
