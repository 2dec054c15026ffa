"""What a failed call to Stripe says about its outcome."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from domain.kernel.use_cases.outbound import Denied, Failed, Outcome, Unknown

log = logging.getLogger("gateway.stripe")

_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){8,}")
_RAW_CARDS = "credit card numbers directly"
"""Part of the message with which Stripe refuses card numbers of an account that may not send them."""
RAW_CARDS_REFUSED = Failed(
    "raw_cards_refused",
    "This store's Stripe account does not accept card numbers. Send a token (pm_…) that Stripe.js has made.",
)
PROCESSOR_REFUSED = Denied("processor_refused", "The payment processor refused the store's key.")


class UnreadableStateError(Exception):
    """A call may have been performed, and the object that would say so cannot be read."""


def outcome_of(stripe: Any, error: Any) -> Outcome:
    """The outcome of a call that raised a StripeError: Failed only where Stripe certainly did nothing.

    Not of a look-up: what it raises says nothing of the call that it asks about.
    """
    if isinstance(error, stripe.CardError):
        return decline_of(_error_object(error))
    if isinstance(error, stripe.InvalidRequestError):
        message = error.user_message or "The payment processor refused the request."
        if _RAW_CARDS in message:
            return RAW_CARDS_REFUSED
        refusal = Denied if is_missing(error) else Failed
        return refusal(error.code or "invalid_request", mask_numbers(message))
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return PROCESSOR_REFUSED
    # No connection, a time-out, 5xx, 409 (the first request with this key still runs), 429, or a key with other
    # parameters than before: whether the first request was performed is not said.
    log.warning("no outcome from Stripe: %s (HTTP %s, %s)", type(error).__name__, error.http_status, error.request_id)
    return Unknown()


def is_missing(error: Any) -> bool:
    """Whether the account does not have the object: it may be another account than before."""
    return bool(error.code == "resource_missing")


def decline_of(error: Mapping[str, Any]) -> Failed:
    """The refusal in an error object of a payment: ``error`` of an answer, or ``last_payment_error``."""
    code = "insufficient_funds" if error.get("decline_code") == "insufficient_funds" else error.get("code")
    return Failed(code or "card_declined", mask_numbers(error.get("message") or "The payment was declined."))


def mask_numbers(text: str) -> str:
    """The text without digits that could be a card or an account."""
    return _LONG_NUMBER.sub("…", text)


def _error_object(error: Any) -> Mapping[str, Any]:
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {"code": error.code, "message": error.user_message}
