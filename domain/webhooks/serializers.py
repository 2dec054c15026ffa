"""Serializers of webhooks and deliveries."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, NotRequired, TypedDict

from domain.kernel.principal import Principal
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row
from domain.webhooks.body_scopes import may_see_body
from domain.webhooks.model import DeliveryAttempt, WebhookDeliveryStatus

_ID = "The id. The same in GraphQL, REST and webhooks."


def _when(description: str, *, versioned: bool = True) -> FieldDoc:
    return FieldDoc(description=description, example="2026-01-15T10:30:00Z", format="date-time", versioned=versioned)


class WebhookDocument(TypedDict):
    """A webhook: a URL that events are sent to. Its secret is returned only when it is created or rolled."""

    id: Annotated[str, FieldDoc(description=_ID, example="whk_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    url: Annotated[
        str, FieldDoc(description="The URL that events are sent to.", example="https://your-domain.example/webhook")
    ]
    events: Annotated[
        list[str],
        FieldDoc(
            description="The event types that are sent, such as `order.created`; `*` means all.",
            example=["order.created"],
        ),
    ]
    active: Annotated[bool, FieldDoc(description="Whether the webhook is active.", example=True)]
    include_imported: Annotated[bool, FieldDoc(description="Whether events of imports are also sent.", example=False)]
    query: Annotated[
        str | None,
        FieldDoc(
            description="A GraphQL subscription that selects what is sent as `data.object`. Null if the REST document "
            "is sent.",
            example="subscription { events { id ... on ProductUpdated { snapshot { sku name } } } }",
        ),
    ]
    secret_hint: Annotated[
        str, FieldDoc(description="The prefix and the last characters of the secret.", example="whsec_…9xq=")
    ]
    previous_secret_until: Annotated[
        str | None, _when("Until when deliveries are also signed with the previous secret. Null if they are not.")
    ]
    failing_since: Annotated[
        str | None,
        _when("When the current run of failures began. Null if the last attempt succeeded.", versioned=False),
    ]
    disabled_reason: Annotated[
        str | None,
        FieldDoc(
            description="Why the gateway deactivated the webhook. Null if it did not.",
            example="The receiver responded with 410 Gone.",
        ),
    ]
    created_by: Annotated[
        str,
        FieldDoc(
            description="The id of the API key that created the webhook, or last changed its URL, events or query; "
            "`system` for the command line. The webhook receives what this key may read.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    version: Annotated[int, FieldDoc(description="The version, starting at 1. Increases with every change.", example=1)]
    created_at: Annotated[str, _when("When the object was created.")]
    updated_at: Annotated[str, _when("When the object was last changed.")]
    secret: NotRequired[
        Annotated[
            str,
            FieldDoc(
                description="The secret of the webhook. Returned only in the response that created or rolled it.",
                example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ),
        ]
    ]


class AttemptDocument(TypedDict):
    """One delivery attempt."""

    number: Annotated[
        int, FieldDoc(description="The number of the attempt, starting at 1 for every (re)delivery.", example=1)
    ]
    started_at: Annotated[str, _when("When the attempt started.")]
    duration_ms: Annotated[int, FieldDoc(description="The duration in milliseconds.", example=87)]
    status: Annotated[
        int | None, FieldDoc(description="The HTTP status of the response. Null if there was none.", example=200)
    ]
    error: Annotated[
        str | None, FieldDoc(description="The reason if there was no response in time.", example="Refused.")
    ]
    response: Annotated[
        str | None,
        FieldDoc(
            description="The first 4 KiB of the response. Null if there was none, or if the API key lacks a scope of "
            "the request body.",
            example="ok",
        ),
    ]


class DeliveryDocument(TypedDict):
    """The delivery of one event to one webhook."""

    id: Annotated[str, FieldDoc(description=_ID, example="dlv_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    webhook_id: Annotated[str, FieldDoc(description="The id of the webhook.", example="whk_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    event_id: Annotated[
        str | None, FieldDoc(description="The id of the event. Null for a test.", example="evt_01jd3v4q8rf9k6")
    ]
    type: Annotated[str, FieldDoc(description="The type of the event, or `webhook.test`.", example="order.created")]
    status: Annotated[WebhookDeliveryStatus, FieldDoc(description="The status of the delivery.", example="delivered")]
    next_attempt_at: Annotated[
        str | None, _when("When the next attempt is due. Null if there is none, or if an attempt is in flight.")
    ]
    delivered_at: Annotated[str | None, _when("When the receiver last accepted it. Null if it has not.")]
    attempts: Annotated[list[AttemptDocument], FieldDoc(description="The latest attempts, oldest first. At most 12.")]
    request: Annotated[
        str | None,
        FieldDoc(
            description="The request body. Null if nothing was sent yet, if personal data was erased, or if the API "
            "key lacks a scope of its content.",
            example="{…}",
        ),
    ]
    created_at: Annotated[str, _when("When the event occurred.")]


class RedeliveryDocument(TypedDict):
    """The number of deliveries that will be redelivered."""

    webhook_id: Annotated[str, FieldDoc(description="The id of the webhook.", example="whk_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    count: Annotated[int, FieldDoc(description="The number of deliveries that will be redelivered.", example=17)]


def serialize_webhook(row: Row, secret: str | None = None) -> WebhookDocument:
    """Serialize an endpoint; with ``secret`` only in the response that creates or rolls it."""
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
    """Serialize a delivery for this caller; request and response bodies only if the caller may see them."""
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
    """Return the body of a delivery; None for callers who may not see its content."""
    return row.request if may_see_body(principal, row.body_scopes) else None


def attempts_shown(row: Row, principal: Principal) -> list[DeliveryAttempt]:
    """Return the attempts of a delivery.

    Callers who may not see the request body do not get the responses either: a response may repeat the request.
    """
    attempts = [DeliveryAttempt.of(entry) for entry in row.attempts]
    if may_see_body(principal, row.body_scopes):
        return attempts
    return [replace(attempt, response=None) for attempt in attempts]


def _attempt(attempt: DeliveryAttempt) -> AttemptDocument:
    return {
        "number": attempt.number,
        "started_at": format_instant(attempt.started_at),
        "duration_ms": attempt.duration_ms,
        "status": attempt.status,
        "error": attempt.error,
        "response": attempt.response,
    }
