"""What carriers answer, in the words of the port."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from domain.kernel.money import EXPONENTS
from domain.shipping import TrackingStatus
from domain.shipping.ports import BoughtLabel, CarrierEvent, LiveAccount, LiveQuote

MAX_MESSAGE_LENGTH = 200
MAX_TEXT_LENGTH = 255
STATUSES: Mapping[str, TrackingStatus] = {
    "picked_up": TrackingStatus.IN_TRANSIT,
    "in_transit": TrackingStatus.IN_TRANSIT,
    "ready_for_pickup": TrackingStatus.IN_TRANSIT,
    "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
    "on_hold": TrackingStatus.EXCEPTION,
    "delivery_delayed": TrackingStatus.EXCEPTION,
    "delivery_failed": TrackingStatus.EXCEPTION,
    "delivered": TrackingStatus.DELIVERED,
}
"""Our statuses by those of the library."""


def quotes_of(services: Mapping[str, str], rates: Sequence[Any]) -> Iterator[LiveQuote]:
    """What the carrier asks by services that the gateway knows, in currencies that it knows."""
    for each in rates:
        if each.service in services and each.currency in EXPONENTS and each.total_charge is not None:
            cost = Decimal(str(each.total_charge)).scaleb(EXPONENTS[each.currency]).to_integral_value(ROUND_HALF_UP)
            yield LiveQuote(
                service=services[each.service],
                currency=each.currency,
                cost=int(cost),
                business_days=each.transit_days,
            )


def events_of(events: Sequence[Any]) -> Iterator[CarrierEvent]:
    """What the gateway has a status for: not that a label was made, or a parcel announced."""
    for each in events:
        status = STATUSES.get(each.status or "")
        if status is not None and each.timestamp:
            yield CarrierEvent(
                status=status,
                occurred_at=_instant(each.timestamp),
                description=each.description and str(each.description)[:MAX_TEXT_LENGTH],
                location=each.location and str(each.location)[:MAX_TEXT_LENGTH],
            )


def _instant(timestamp: str) -> datetime:
    """As if it were UTC: the library drops the zone, and some carriers tell none."""
    at = datetime.fromisoformat(timestamp)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def label_of(details: Any, answer: Any, packages: int) -> BoughtLabel:
    """The label of so many packages. ``answer``: the carrier's own, since the library leaves some numbers out."""
    numbers = _package_numbers(details, answer)
    if len(numbers) != packages:  # the carrier names the whole only
        numbers = [str(details.tracking_number)] * packages
    return BoughtLabel(numbers, b64decode(details.docs.label or ""))


def _package_numbers(details: Any, answer: Any) -> Sequence[str]:
    if details.carrier_name == "fedex":
        pieces = answer["output"]["transactionShipments"][0]["pieceResponses"]
        return [str(each["trackingNumber"]) for each in pieces if each.get("trackingNumber")]
    return [str(each) for each in (details.meta or {}).get("tracking_numbers") or ()]


def texts_of(messages: Sequence[Any], account: LiveAccount) -> list[str]:
    """What a carrier says, shortened, and never what it was called with."""
    texts = [str(each.message or each.code or "")[:MAX_MESSAGE_LENGTH] for each in messages]
    secrets = (account.client_id, account.client_secret)
    return [text for text in dict.fromkeys(texts) if text and not any(each in text for each in secrets)]
