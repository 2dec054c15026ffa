"""Commands of webhooks, and filters of webhooks and deliveries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from domain.events import SELECTORS, EventType, resolve_types
from domain.events.commands import Types
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
from domain.webhooks.body_scopes import TEST_EVENT_TYPE
from domain.webhooks.model import WebhookDeliveryStatus

TOPIC_PATTERN = "|".join(map(re.escape, SELECTORS))
MAX_OVERLAP = 7 * 86_400

_ID = Text(min=1, max=64, description="The id of the webhook (`whk_…`).", place=FieldLocation.PATH)
_VERSION = Integer(
    description="The version the change is based on. If the webhook has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)
_SECRET = Text(
    min=8,
    max=255,
    pattern=r"[\x21-\x7e]+",
    form="visible ASCII characters without spaces",
    description="The signing secret. Generated if omitted. After the prefix `whsec_` it must be base64.",
    example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
)
_URL = Url(
    description="The URL that events are sent to. Must be http or https and resolve to public addresses. No user "
    "name, no fragment.",
    example="https://your-domain.example/webhook",
)
_TOPICS = ListOf(
    item=Text(
        min=1,
        max=64,
        pattern=TOPIC_PATTERN,
        words=SELECTORS,
        noun="event type",
        description="An event type, `order.*` for all types of an area, or `*` for all types.",
        example="order.created",
    ),
    min=1,
    max=50,
    description="The event types that are sent, such as `order.created`; `order.*` means all types about orders, `*` "
    "all types that the API key may read, including future ones.",
)
_QUERY = Text(
    min=1,
    max=20_000,
    description="A GraphQL subscription to `events`, without arguments. Its result is sent as `data.object`. Null: the "
    "REST document of the object is sent.",
    example="subscription { events { id ... on ProductUpdated { snapshot { sku name } } } }",
)
_ACTIVE = Boolean(
    description="Whether the webhook is active. Events that occur while it is inactive are never sent.", example=True
)
_IMPORTED = Boolean(description="Whether events of imports are also sent.", example=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateWebhook:
    """Create a webhook. It receives what your API key may read now, minus scopes that the key loses later."""

    url: Annotated[str, _URL]
    events: Annotated[tuple[str, ...], _TOPICS]
    secret: Annotated[str | Unset, _SECRET] = UNSET
    query: Annotated[str | Unset | None, _QUERY] = UNSET
    active: Annotated[bool, _ACTIVE] = True
    include_imported: Annotated[bool, _IMPORTED] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateWebhook:
    """Update a webhook. Fields that are left out stay unchanged. Requires the read scopes of all that the webhook
    receives. Changing `events` or `query` applies the scopes of your key to it."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    url: Annotated[str | Unset, _URL] = UNSET
    events: Annotated[tuple[str, ...] | Unset, _TOPICS] = UNSET
    query: Annotated[str | Unset | None, _QUERY] = UNSET
    active: Annotated[bool | Unset, _ACTIVE] = UNSET
    include_imported: Annotated[bool | Unset, _IMPORTED] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteWebhook:
    """Delete a webhook. Pending deliveries are dropped."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RollWebhookSecret:
    """Replace the secret of a webhook. For an overlap, deliveries are also signed with the old secret: in
    `X-Webhook-Signature-Previous`, and as the second signature of `webhook-signature`. Requires the read scopes of all
    that the webhook receives."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    secret: Annotated[str | Unset, _SECRET] = UNSET
    overlap_seconds: Annotated[
        int,
        Integer(
            max=MAX_OVERLAP,
            description="The seconds for which deliveries are also signed with the old secret. 0 ends it immediately.",
            example=3600,
        ),
    ] = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class TestWebhook:
    """Send a `webhook.test` delivery. It is attempted once. Requires the read scopes of all that the webhook
    receives."""

    id: Annotated[str, _ID]


@dataclass(frozen=True, kw_only=True, slots=True)
class RedeliverWebhookDelivery:
    """Redeliver one delivery with the same id and body. Retries follow the schedule. A delivery that waits for its next
    attempt is sent now."""

    webhook_id: Annotated[str, _ID]
    id: Annotated[str, Text(min=1, max=64, description="The id of the delivery (`dlv_…`).", place=FieldLocation.PATH)]


@dataclass(frozen=True, kw_only=True, slots=True)
class RedeliverWebhook:
    """Redeliver all failed deliveries of a webhook, or all in a time range."""

    id: Annotated[str, _ID]
    failed_only: Annotated[
        bool,
        Boolean(
            description="Whether only failed deliveries are redelivered. If false, successful ones are too.",
            example=True,
        ),
    ] = True
    pending: Annotated[
        bool,
        Boolean(
            description="Whether deliveries that wait for their next attempt are also sent now. Attempts in flight are "
            "not affected.",
            example=True,
        ),
    ] = False
    created_from: Annotated[
        datetime | Unset,
        DateBound(
            description="Redeliver only events that occurred at or after this time. A date without time means the "
            "whole day in UTC.",
            example="2026-01-01",
        ),
    ] = UNSET
    created_to: Annotated[
        datetime | Unset,
        DateBound(
            last=True,
            description="Redeliver only events that occurred at or before this time. A date without time means the "
            "whole day in UTC.",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewWebhook:
    """Show the payload a webhook would receive for an event, as far as your API key may read it. Nothing is sent."""

    id: Annotated[str, _ID]
    event_id: Annotated[
        str, Text(min=1, max=64, description="The id of the event (`evt_…`).", example=example_id("evt"))
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewWebhookQuery:
    """Show the payload a webhook with this query would receive for an event, as far as your API key may read it.
    Nothing is saved or sent."""

    query: Annotated[str | None, _QUERY]
    event_id: Annotated[
        str, Text(min=1, max=64, description="The id of the event (`evt_…`).", example="evt_01jd3v4q8rf9k6w2m5n7t0xhz4")
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookFilter:
    """Conditions on webhooks. All of them must match."""

    credential: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="Return only webhooks that this API key created, or whose URL, events or query it last "
            "changed.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookDeliveryFilter:
    """Conditions on deliveries. All of them must match."""

    status: Annotated[
        tuple[WebhookDeliveryStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status.", example="failed"),
            min=1,
            max=3,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    types: Types = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET


def check_delivery_filters(principal: Principal, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Restrict the filters to tests and the event types that the caller may read.

    Raises Forbidden, MalformedRequest (a time range that ends before it begins).
    """
    refuse_reversed(filters, "created_from", "created_to")
    named = filters.get("types")
    types: tuple[str, ...] = resolve_types(principal, named)
    if named is None:
        if len(types) == len(EventType):
            return dict(filters)
        types = (*types, TEST_EVENT_TYPE)
    return {**filters, "types": types}
