"""The webhooks that Stripe sends: their signature, and what they tell of charges, refunds and disputes.

An event holds its object as it was. Events come late, twice and in any order, so what they tell is a state and not a
step; ``StripeProcessor.current`` gives the state of now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from domain.payments.ports import ChargeNews, DisputeNews, RefundNews
from gateway.adapters.stripe.answers import charge_news, dispute_news, id_of, refund_news
from gateway.adapters.stripe.library import load_stripe

TOLERANCE = timedelta(seconds=300)
"""How far the time of a signature may be from now, either way: older ones may be replays."""


class InvalidSignatureError(ValueError):
    """A body was not signed with the secret, or not now, or is no event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeNews:
    """What one event tells."""

    event_id: str
    type: str
    """Such as ``payment_intent.succeeded``."""
    created_at: datetime
    """UTC, whole seconds. Events of one second have no order."""
    is_live: bool
    """Whether it is of Stripe's live mode."""
    news: ChargeNews | RefundNews | DisputeNews
    payment_id: str | None
    """Ours, of the metadata; null for what was not made by this gateway, and for disputes."""
    refund_id: str | None
    """Ours, for refunds."""
    payment_reference: str | None
    """Stripe's payment intent, by which a payment is found without its id."""


async def news_of(body: bytes, signature: str | None, secret: str, now: datetime) -> Sequence[StripeNews]:
    """What a webhook tells; empty for types and statuses that tell nothing of a payment.

    ``signature``: the header ``Stripe-Signature``; ``now``: UTC. Raises InvalidSignatureError.
    """
    stripe = await load_stripe()
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
        event = orjson.loads(body)
    except (stripe.SignatureVerificationError, ValueError):  # ValueError: neither UTF-8 nor JSON
        raise InvalidSignatureError("The signature is not one of this webhook's secret.") from None
    # The package refuses old signatures only, and by its own clock.
    if abs(now.timestamp() - _signed_at(signature or "")) > TOLERANCE.total_seconds():
        raise InvalidSignatureError("The signature is too old, or of the future.")
    if not isinstance(event, dict):
        raise InvalidSignatureError("The body is not an event.")
    return _news(event)


def _signed_at(verified: str) -> int:
    """The Unix time in a header that was verified."""
    return int(next(item[2:] for item in verified.split(",") if item.startswith("t=")))


def _news(event: Mapping[str, Any]) -> Sequence[StripeNews]:
    read = _READERS.get(event.get("type", ""))
    object = event["data"]["object"] if read is not None else {}
    news = read(object) if read is not None else None
    if news is None:
        return ()
    metadata = object.get("metadata") or {}
    return (
        StripeNews(
            event_id=event["id"],
            type=event["type"],
            created_at=datetime.fromtimestamp(event["created"], UTC),
            is_live=bool(event.get("livemode")),
            news=news,
            payment_id=metadata.get("payment_id"),
            refund_id=metadata.get("refund_id") if isinstance(news, RefundNews) else None,
            payment_reference=news.reference if isinstance(news, ChargeNews) else id_of(object.get("payment_intent")),
        ),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], ChargeNews | RefundNews | DisputeNews | None]] = {
    "payment_intent.succeeded": charge_news,
    "payment_intent.payment_failed": charge_news,
    "payment_intent.canceled": charge_news,
    "payment_intent.requires_action": charge_news,
    "payment_intent.amount_capturable_updated": charge_news,
    "payment_intent.processing": charge_news,
    "refund.created": refund_news,
    "refund.updated": refund_news,
    "refund.failed": refund_news,
    "charge.refund.updated": refund_news,
    "charge.dispute.created": dispute_news,
    "charge.dispute.updated": dispute_news,
    "charge.dispute.closed": dispute_news,
    "charge.dispute.funds_withdrawn": dispute_news,
    "charge.dispute.funds_reinstated": dispute_news,
}
"""``charge.refunded`` is left out: it repeats what the events of the refund tell."""
