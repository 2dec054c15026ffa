"""Webhooks and deliveries as REST returns them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, NotRequired, TypedDict

from domain.kernel.principal import Principal
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row
from domain.webhooks.model import DeliveryAttempt, DeliveryStatus
from domain.webhooks.rights import may_see_body


def _when(description: str, *, versioned: bool = True) -> FieldDoc:
    return FieldDoc(description=description, example="2026-01-15T10:30:00Z", format="date-time", versioned=versioned)


class WebhookDocument(TypedDict):
    """An endpoint, without its secret."""

    id: Annotated[str, FieldDoc(description="Its id.", example="whk_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    url: Annotated[str, FieldDoc(description="Where events are sent.", example="https://your-domain.example/webhook")]
    events: Annotated[
        list[str],
        FieldDoc(
            description="What is sent; order.* is every type about orders, * every type.", example=["order.created"]
        ),
    ]
    active: Annotated[bool, FieldDoc(description="Whether events are sent.", example=True)]
    include_imported: Annotated[bool, FieldDoc(description="Whether events of imports are sent too.", example=False)]
    query: Annotated[
        str | None,
        FieldDoc(
            description="The GraphQL that says what of each event is sent; null: the object as REST writes it.",
            example="subscription { events { id ... on ProductUpdated { snapshot { sku name } } } }",
        ),
    ]
    secret_hint: Annotated[str, FieldDoc(description="How its secret begins and ends.", example="whsec_…9xq=")]
    previous_secret_until: Annotated[str | None, _when("Until when the secret before it signs too; null: it does not.")]
    failing_since: Annotated[
        str | None, _when("The first failure since the last success; null: there is none.", versioned=False)
    ]
    disabled_reason: Annotated[
        str | None,
        FieldDoc(
            description="Why the gateway made it inactive; null: it did not.", example="The address answered 410 Gone."
        ),
    ]
    created_by: Annotated[
        str,
        FieldDoc(
            description="The credential that made it, or last chose where or what it is sent; system for the command "
            "line. It is sent what this credential may see.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    version: Annotated[int, FieldDoc(description="Counts its changes.", example=1)]
    created_at: Annotated[str, _when("When it was made, UTC.")]
    updated_at: Annotated[str, _when("When it last changed, UTC.")]
    secret: NotRequired[
        Annotated[
            str,
            FieldDoc(
                description="The secret itself: only in the answer that made it.",
                example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ),
        ]
    ]


class AttemptDocument(TypedDict):
    """One try to deliver."""

    number: Annotated[int, FieldDoc(description="Counts the tries since it was last asked for, from 1.", example=1)]
    at: Annotated[str, _when("When it began, UTC.")]
    duration_ms: Annotated[int, FieldDoc(description="Milliseconds it took.", example=87)]
    status: Annotated[int | None, FieldDoc(description="The answer's HTTP status; null: no answer.", example=200)]
    error: Annotated[str | None, FieldDoc(description="Why no answer came, or not in time.", example="Refused.")]
    response: Annotated[
        str | None,
        FieldDoc(
            description="The answer's first 4 KiB; null: no answer, or the caller lacks a scope of the body.",
            example="ok",
        ),
    ]


class DeliveryDocument(TypedDict):
    """One event for one endpoint, and what became of it."""

    id: Annotated[str, FieldDoc(description="Its id.", example="dlv_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    webhook_id: Annotated[str, FieldDoc(description="The endpoint's id.", example="whk_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    event_id: Annotated[str | None, FieldDoc(description="The event's id; null: a test.", example="evt_01jd3v4q8rf9k6")]
    type: Annotated[str, FieldDoc(description="The event's type, or webhook.test.", example="order.created")]
    status: Annotated[DeliveryStatus, FieldDoc(description="How far it has come.", example="delivered")]
    next_attempt_at: Annotated[str | None, _when("When it is tried next; null: never, or it is being tried.")]
    delivered_at: Annotated[str | None, _when("When it was last taken; null: it was not.")]
    attempts: Annotated[list[AttemptDocument], FieldDoc(description="The newest tries, oldest first; 12 at most.")]
    request: Annotated[
        str | None,
        FieldDoc(
            description="The body; null: not sent yet, somebody in it was erased, or the caller lacks a scope of what "
            "is in it.",
            example="{…}",
        ),
    ]
    created_at: Annotated[str, _when("When the event happened, UTC.")]


class RedeliveryDocument(TypedDict):
    """How much will be sent again."""

    webhook_id: Annotated[str, FieldDoc(description="The endpoint's id.", example="whk_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    count: Annotated[int, FieldDoc(description="How many deliveries.", example=17)]


def serialize_webhook(row: Row, secret: str | None = None) -> WebhookDocument:
    """An endpoint as REST writes it; ``secret`` in the answer that made it."""
    document: WebhookDocument = {
        "id": row.id,
        "url": row.url,
        "events": row.events,
        "active": row.active,
        "include_imported": row.include_imported,
        "query": row.query,
        "secret_hint": row.secret_hint,
        "previous_secret_until": format_optional_instant(row.previous_secret_until),
        "failing_since": format_optional_instant(row.failing_since),
        "disabled_reason": row.disabled_reason,
        "created_by": row.created_by,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
    if secret is not None:
        document["secret"] = secret
    return document


def serialize_delivery(row: Row, principal: Principal) -> DeliveryDocument:
    """A delivery as REST writes it for this caller: the body, and what was answered to it, only to who may see it."""
    return {
        "id": row.id,
        "webhook_id": row.webhook_id,
        "event_id": row.event_id,
        "type": row.type,
        "status": row.status,
        "next_attempt_at": format_optional_instant(row.next_attempt_at),
        "delivered_at": format_optional_instant(row.delivered_at),
        "attempts": [_attempt(attempt) for attempt in attempts_shown(row, principal)],
        "request": request_shown(row, principal),
        "created_at": format_instant(row.created_at),
    }


def request_shown(row: Row, principal: Principal) -> str | None:
    """The body of a delivery; None for callers who may not see what is in it."""
    return row.request if may_see_body(principal, row.body_scopes) else None


def attempts_shown(row: Row, principal: Principal) -> list[DeliveryAttempt]:
    """The attempts of a delivery; what was answered is kept from callers who may not see the body: it may repeat it."""
    attempts = [DeliveryAttempt.of(entry) for entry in row.attempts]
    if may_see_body(principal, row.body_scopes):
        return attempts
    return [replace(attempt, response=None) for attempt in attempts]


def _attempt(attempt: DeliveryAttempt) -> AttemptDocument:
    return {
        "number": attempt.number,
        "at": format_instant(attempt.at),
        "duration_ms": attempt.duration_ms,
        "status": attempt.status,
        "error": attempt.error,
        "response": attempt.response,
    }
