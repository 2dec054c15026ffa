"""What is read of the log, of endpoints and of deliveries.

Events: those that have a position and are still kept, from the oldest. Who may see which, and which deliveries, is a
filter: see ``types.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Select, Text, any_, bindparam, case, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.event_log import HORIZON, require_retained
from domain.kernel.events import EventRow
from domain.kernel.listing import FilterClause, Listing
from domain.kernel.listing.filters import at_or_after, at_or_before, equal, one_of
from domain.kernel.listing.nested import NestedListing
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.tables import KEY_TEXT
from domain.webhooks.model import Webhook, WebhookDelivery

SCOPE = "webhooks:read"

_event = EventRow.__table__.c
_webhook = Webhook.__table__.c
_delivery = WebhookDelivery.__table__.c

_EVENTS = select(
    _event.id,
    _event.position,
    _event.type,
    _event.object_id,
    _event.sequence,
    _event.snapshot,
    _event.changed_fields,
    _event.created_at,
).where(_event.position > HORIZON.scalar_subquery())


def _of_types(statement: Select[Any]) -> Select[Any]:
    return statement.where(_event.type == any_(bindparam("types", type_=ARRAY(Text))))


def _of_object(statement: Select[Any]) -> Select[Any]:
    return statement.where(_event.object_id == bindparam("object_id", type_=KEY_TEXT))


def _since(statement: Select[Any]) -> Select[Any]:
    return statement.where(_event.position > bindparam("since", type_=BigInteger()))


async def _kept(reader: Executor, values: Mapping[str, Any]) -> None:
    for given, name in (("since", "since"), ("after_key", "cursor")):
        if given in values:
            await require_retained(reader, values[given], name)


_TYPES, _OBJECT, _SINCE = FilterClause(_of_types), FilterClause(_of_object), FilterClause(_since)

event_by_id = Read("event_by_id", _EVENTS, scope=None, store=_event.store_id, key=_event.id)
every_event_by_object = Read(
    "every_event_by_object",
    _EVENTS,
    scope=None,
    store=_event.store_id,
    key=_event.object_id,
    order=(_event.object_id, _event.position),
    many=True,
)
events = Listing(
    "events",
    _EVENTS,
    scope=None,
    store=_event.store_id,
    id=_event.id,
    sorts={"position": _event.position},
    default_sort="position",
    default_descending=False,
    filters={
        "types": lambda types: (_TYPES, {"types": [str(type) for type in types]}),
        "object_id": lambda object_id: (_OBJECT, {"object_id": object_id}),
        "object_ids": one_of("object_ids", _event.object_id, ("position",)),
        "since": lambda position: (_SINCE, {"since": position}),
    },
    kept=_kept,
)
events_by_object = NestedListing("events_by_object", events, _event.object_id)

_WEBHOOKS = select(
    _webhook.id,
    _webhook.url,
    _webhook.events,
    _webhook.active,
    _webhook.include_imported,
    _webhook.query,
    _webhook.secret_hint,
    _webhook.previous_until,
    _webhook.previous_until.label("previous_secret_until"),
    _webhook.failing_since,
    _webhook.disabled_reason,
    _webhook.credential.label("created_by"),
    _webhook.version,
    _webhook.created_at,
    _webhook.updated_at,
)
_DELIVERIES = select(
    _delivery.id,
    _delivery.webhook_id,
    _delivery.event_id,
    _delivery.type,
    _delivery.object_id,
    _delivery.status,
    case((_delivery.lease.is_(None), _delivery.due_at)).label("next_attempt_at"),
    _delivery.attempts,
    _delivery.request,
    _delivery.body_scopes,
    _delivery.delivered_at,
    _delivery.created_at,
    _delivery.updated_at,
)

webhook_by_id = Read("webhook_by_id", _WEBHOOKS, scope=SCOPE, store=_webhook.store_id, key=_webhook.id)
webhooks = Listing(
    "webhooks",
    _WEBHOOKS,
    scope=SCOPE,
    store=_webhook.store_id,
    id=_webhook.id,
    sorts={"created_at": _webhook.created_at},
    filters={"credential": equal("credential", _webhook.credential)},
)
webhooks_by_credential = NestedListing("webhooks_by_credential", webhooks, _webhook.credential)
delivery_by_id = Read("delivery_by_id", _DELIVERIES, scope=SCOPE, store=_delivery.store_id, key=_delivery.id)
every_delivery_by_object = Read(
    "every_delivery_by_object",
    _DELIVERIES,
    scope=SCOPE,
    store=_delivery.store_id,
    key=_delivery.object_id,
    order=(_delivery.object_id, _delivery.created_at, _delivery.id),
    many=True,
)
deliveries = Listing(
    "deliveries",
    _DELIVERIES,
    scope=SCOPE,
    store=_delivery.store_id,
    id=_delivery.id,
    sorts={"created_at": _delivery.created_at},
    filters={
        "webhook_id": equal("webhook_id", _delivery.webhook_id),
        "status": one_of("status", _delivery.status, ("created_at",)),
        "types": one_of("type", _delivery.type, ("created_at",)),
        "created_from": at_or_after("created_from", _delivery.created_at),
        "created_to": at_or_before("created_to", _delivery.created_at),
    },
)
deliveries_by_webhook = NestedListing("deliveries_by_webhook", deliveries, _delivery.webhook_id)
