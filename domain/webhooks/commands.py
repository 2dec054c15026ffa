"""Inputs of webhook operations, and filters of webhooks and deliveries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from domain.events.commands import Types
from domain.events.event_types import EventType, resolve_types
from domain.events.selectors import SELECTORS
from domain.kernel.fields import (
    UNSET,
    Boolean,
    Choice,
    DateBound,
    FieldLocation,
    Integer,
    ListOf,
    Text,
    Unset,
    Url,
    refuse_reversed,
)
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO
from domain.kernel.ids import example_id
from domain.kernel.principal import Principal
from domain.webhooks.model import DeliveryStatus
from domain.webhooks.rights import TEST_EVENT_TYPE

TOPIC_PATTERN = "|".join(map(re.escape, SELECTORS))
MAX_OVERLAP = 7 * 86_400

_ID = Text(min=1, max=64, description="The endpoint's id (whk_…).", place=FieldLocation.PATH)
_VERSION = Integer(description="The version of the endpoint you have seen.", min=1, place=FieldLocation.VERSION)
_SECRET = Text(
    min=8,
    max=255,
    pattern=r"[\x21-\x7e]+",
    form="visible ASCII characters without blanks",
    description="What deliveries are signed with; made when left out. After whsec_ comes base64.",
    example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
)
_URL = Url(
    description="Where events are sent: http or https, a public address; no user name, no fragment.",
    example="https://your-domain.example/webhook",
)
_TOPICS = ListOf(
    item=Text(
        min=1,
        max=64,
        pattern=TOPIC_PATTERN,
        words=SELECTORS,
        noun="event type",
        description="A type, all types of one area (order.*), or * for every type.",
        example="order.created",
    ),
    min=1,
    max=50,
    description="What is sent; order.* is every type about orders, * every type that the key may see, also later ones.",
)
_QUERY = Text(
    min=1,
    max=20_000,
    description="A GraphQL subscription to events, without arguments: what it answers stands in data.object; null: the "
    "object as REST writes it.",
    example="subscription { events { id ... on ProductUpdated { snapshot { sku name } } } }",
)
_ACTIVE = Boolean(description="Whether events are sent; what happens while they are not is never sent.", example=True)
_IMPORTED = Boolean(description="Whether events of imports are sent too.", example=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateWebhook:
    """Have events sent to an address. It sees what the caller may see now, less what the caller's key loses later."""

    url: Annotated[str, _URL]
    events: Annotated[tuple[str, ...], _TOPICS]
    secret: Annotated[str | Unset, _SECRET] = UNSET
    query: Annotated[str | Unset | None, _QUERY] = UNSET
    active: Annotated[bool, _ACTIVE] = True
    include_imported: Annotated[bool, _IMPORTED] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateWebhook:
    """Change an endpoint; what is left out stays. Needs the scopes of all that it is sent, for it may be sent
    elsewhere; with other ``events`` or another ``query`` it is sent what the caller may see from now on."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    url: Annotated[str | Unset, _URL] = UNSET
    events: Annotated[tuple[str, ...] | Unset, _TOPICS] = UNSET
    query: Annotated[str | Unset | None, _QUERY] = UNSET
    active: Annotated[bool | Unset, _ACTIVE] = UNSET
    include_imported: Annotated[bool | Unset, _IMPORTED] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteWebhook:
    """Remove an endpoint; what it has not been sent yet never is."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RollWebhookSecret:
    """Give an endpoint a new secret. For an overlap, deliveries are signed with the old one too: in
    X-Webhook-Signature-Previous, and as the second signature of webhook-signature. Needs the scopes of all that the
    endpoint is sent."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    secret: Annotated[str | Unset, _SECRET] = UNSET
    overlap_seconds: Annotated[
        int,
        Integer(
            max=MAX_OVERLAP, description="Seconds for which the old secret signs too; 0 ends it now.", example=3600
        ),
    ] = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class TestWebhook:
    """Send an endpoint a test: a delivery of the type webhook.test about the endpoint itself, tried once. Needs the
    scopes of all that the endpoint is sent."""

    id: Annotated[str, _ID]


@dataclass(frozen=True, kw_only=True, slots=True)
class Redeliver:
    """Send one delivery again, with the same id and body, as often as it takes by the schedule; one that waits for its
    next attempt is sent now."""

    webhook_id: Annotated[str, _ID]
    id: Annotated[str, Text(min=1, max=64, description="The delivery's id (dlv_…).", place=FieldLocation.PATH)]


@dataclass(frozen=True, kw_only=True, slots=True)
class RedeliverWebhook:
    """Send many of an endpoint's deliveries again: all that have failed, or all of a range of time."""

    id: Annotated[str, _ID]
    failed_only: Annotated[
        bool, Boolean(description="Only what has failed; false: what was delivered too.", example=True)
    ] = True
    pending: Annotated[
        bool,
        Boolean(
            description="Also what waits for its next attempt: it is sent now. What is in flight is left alone.",
            example=True,
        ),
    ] = False
    date_from: Annotated[
        datetime | Unset,
        DateBound(description="Of events then or later; a bare date is the whole UTC day.", example="2026-01-01"),
    ] = UNSET
    date_to: Annotated[
        datetime | Unset,
        DateBound(last=True, description="Of events then or before; a bare date is the whole UTC day."),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewWebhook:
    """See what an endpoint would be sent for an event of the past, as far as the caller may see it; nothing is sent."""

    id: Annotated[str, _ID]
    event_id: Annotated[str, Text(min=1, max=64, description="The event's id (evt_…).", example=example_id("evt"))]


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewWebhookQuery:
    """See what a webhook with this query would be sent for an event of the past, as far as the caller may see it;
    nothing is saved, nothing is sent."""

    query: Annotated[str | None, _QUERY]
    event_id: Annotated[
        str, Text(min=1, max=64, description="The event's id (evt_…).", example="evt_01jd3v4q8rf9k6w2m5n7t0xhz4")
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookFilter:
    """Which endpoints a list holds."""

    credential: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="Made by this credential, or last changed by it in where or what they are sent.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryFilter:
    """Which deliveries a list holds; every condition must hold."""

    status: Annotated[
        tuple[DeliveryStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status.", example="failed"),
            min=1,
            max=3,
            description="One of these; left out: every status.",
        ),
    ] = UNSET
    types: Types = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET


def check_delivery_filters(principal: Principal, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with what the caller may see: tests, and the types of events.

    Raises Forbidden, MalformedRequest for a range of time that ends before it begins.
    """
    refuse_reversed(filters, "created_from", "created_to")
    named = filters.get("types")
    types: tuple[str, ...] = resolve_types(principal, named)
    if named is None:
        if len(types) == len(EventType):
            return dict(filters)
        types = (*types, TEST_EVENT_TYPE)
    return {**filters, "types": types}
