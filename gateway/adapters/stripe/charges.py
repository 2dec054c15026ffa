"""Charges: a payment method for what the buyer gave, and a payment intent created and confirmed in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.kernel.use_cases.outbound import Failed, Outcome, Unknown
from domain.payments.ports import CardNumber, Charge, ChargeDetails
from domain.payments.states import PaymentMethod
from gateway.adapters.stripe.amounts import UnsupportedAmountError, to_stripe
from gateway.adapters.stripe.answers import EXPANDED_CHARGE, charge_outcome
from gateway.adapters.stripe.connection import StripeApi
from gateway.adapters.stripe.errors import RAW_CARDS_REFUSED, outcome_of

_TYPES: Mapping[str, str] = {
    PaymentMethod.CARD: "card",
    PaymentMethod.APPLE_PAY: "card",
    PaymentMethod.GOOGLE_PAY: "card",
    PaymentMethod.PAYPAL: "paypal",
    PaymentMethod.ACH: "us_bank_account",
    PaymentMethod.AFFIRM: "affirm",
    PaymentMethod.KLARNA: "klarna",
}
"""Stripe's types. Wire transfers are only paid into the balance of a Stripe customer; Bitcoin and Ether not at all."""
_NEVER_AUTHORIZED = frozenset({"us_bank_account"})
"""Types that can only be collected at once."""
NOT_REACHED = Failed("processor_unavailable", "The payment processor did not take the card. Nothing was charged.")


async def charge(api: StripeApi, request: Charge, key: str) -> Outcome:
    """Authorise or collect. Raises StripeError and what the HTTP client raises."""
    type = _TYPES.get(request.method)
    refused = _refusal(request, type, api.raw_cards)
    if refused is not None or type is None:
        return refused or _unavailable(request.method)
    token = request.details.token
    if token is None and request.details.card is not None:
        created = await _create_card(api, request.details.card, request.details, key)
        if not isinstance(created, str):
            return created
        token = created
    try:
        params = _intent_params(request, type, token, key)
    except UnsupportedAmountError as unsupported:
        return Failed("invalid_amount", str(unsupported))
    intent = await api.v1.payment_intents.create_async(params, {"idempotency_key": key})
    return charge_outcome(intent.to_dict(), request.amount)


def _refusal(request: Charge, type: str | None, raw_cards: bool) -> Failed | None:
    details = request.details
    if type is None:
        return _unavailable(request.method)
    if details.token is not None:
        return None
    if details.card is not None and request.method == PaymentMethod.CARD:
        return None if raw_cards else RAW_CARDS_REFUSED
    if type == "card":
        return Failed("token_required", "The payment processor needs a token (pm_…) for this payment method.")
    if type == "us_bank_account" and details.bank_account is None:
        return Failed("bank_account_required", "The payment processor needs the bank account or a token (pm_…).")
    return None


def _unavailable(method: str) -> Failed:
    return Failed("method_unavailable", f"The payment processor of this store does not take {method}.")


async def _create_card(api: StripeApi, card: CardNumber, details: ChargeDetails, key: str) -> str | Outcome:
    """The id of a payment method for a card. Whatever goes wrong here, nothing has been charged."""
    number = {"number": card.number, "exp_month": card.exp_month, "exp_year": card.exp_year, "cvc": card.cvc}
    params = {"type": "card", "card": number, **_billing(details, None)}
    try:
        made = await api.v1.payment_methods.create_async(params, {"idempotency_key": f"{key}:payment_method"})
    except api.stripe.StripeError as error:
        outcome = outcome_of(api.stripe, error)
        return NOT_REACHED if isinstance(outcome, Unknown) else outcome
    except api.network_errors:
        return NOT_REACHED
    return str(made.id)


def _intent_params(request: Charge, type: str, token: str | None, key: str) -> dict[str, Any]:
    is_automatic = request.is_captured or type in _NEVER_AUTHORIZED
    params: dict[str, Any] = {
        "amount": to_stripe(request.amount, request.currency),
        "currency": request.currency.lower(),
        "payment_method_types": [type],
        # Not Stripe's default, automatic_async: that tells the fee an hour later at worst.
        "capture_method": "automatic" if is_automatic else "manual",
        "confirm": True,
        "metadata": _metadata(request, key),
        "expand": list(EXPANDED_CHARGE),
    }
    if request.return_url is not None:
        params["return_url"] = request.return_url
    if token is not None:
        params["payment_method"] = token
    else:
        params["payment_method_data"] = _method_data(type, request.details)
    if type == "us_bank_account":  # the store keeps the buyer's consent; their address and browser are not known here
        params["mandate_data"] = {"customer_acceptance": {"type": "offline"}}
    return params


def _metadata(request: Charge, key: str) -> dict[str, str]:
    ids = {"payment_id": request.payment_id, "intent_id": request.intent_id, "order_id": request.order_id, "key": key}
    return {name: value for name, value in ids.items() if value is not None}


def _method_data(type: str, details: ChargeDetails) -> dict[str, Any]:
    """A payment method that is made together with the payment intent, of a type other than card."""
    data: dict[str, Any] = {"type": type}
    account = details.bank_account
    if type == "us_bank_account" and account is not None:
        data[type] = {
            "routing_number": account.routing_number,
            "account_number": account.account_number,
            "account_type": account.account_type,
            "account_holder_type": "individual",
        }
    return data | _billing(details, account.holder_name if account is not None else None)


def _billing(details: ChargeDetails, name: str | None) -> dict[str, Any]:
    """``billing_details`` with what is known; nothing at all where nothing is."""
    stored = details.billing_address or {}
    lines = {"line1": "line1", "line2": "line2", "city": "city", "state": "state", "postal_code": "zip"}
    address = {theirs: stored[ours] for theirs, ours in (lines | {"country": "country"}).items() if stored.get(ours)}
    names = [stored.get("first_name"), stored.get("last_name")]
    known = {
        "address": address,
        "email": details.email,
        "name": name or " ".join(filter(None, names)),
        "phone": stored.get("phone"),
    }
    given = {member: value for member, value in known.items() if value}
    return {"billing_details": given} if given else {}
