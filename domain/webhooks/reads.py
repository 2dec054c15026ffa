"""Reads of webhooks and deliveries. Restricting deliveries to what a caller may read is a filter: see
``check_delivery_filters``."""

from __future__ import annotations

from sqlalchemy import case, select

from domain.kernel.listing import Listing
from domain.kernel.listing.filters import at_or_after, at_or_before, equal, one_of
from domain.kernel.listing.nested import NestedListing
from domain.kernel.reads.read import Read
from domain.webhooks.model import Webhook, WebhookDelivery

SCOPE = "webhooks:read"

_webhook = Webhook.__table__.c
_delivery = WebhookDelivery.__table__.c

_WEBHOOKS = select(
    _webhook.id,
    _webhook.url,
    _webhook.events,
    _webhook.active,
    _webhook.include_imported,
    _webhook.query,
    _webhook.secret_hint,
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
