"""Events as callers meet them: lists and streams of them, and webhooks, which bring them to addresses of their own."""

from domain.webhooks import commands, reads, serializers
from domain.webhooks.address_policy import AddressPolicy
from domain.webhooks.commands import check_delivery_filters, check_filters
from domain.webhooks.delivery import DISPATCH_POLL_INTERVAL, MAX_BACKLOG_COUNT, Backlog, DeliveryDispatcher, backlog
from domain.webhooks.event_types import (
    EventType,
    may_see_delivery,
    object_of,
    readable_types,
    resolve_types,
)
from domain.webhooks.fan_out import DeliveryFanOut
from domain.webhooks.following import follow
from domain.webhooks.model import AttemptOutcome, DeliveryAttempt, DeliveryStatus, DisableReason
from domain.webhooks.ports import DeliveryObserver, PayloadQueryError, WebhookDependencies
from domain.webhooks.retention import drop_old_deliveries
from domain.webhooks.rights import Need
from domain.webhooks.serializers import cursor_of
from domain.webhooks.service import (
    DeliveriesDue,
    IssuedWebhook,
    Preview,
    create_webhook,
    delete_webhook,
    disown_webhooks,
    preview_webhook,
    preview_webhook_query,
    reassign_webhooks,
    redact_deliveries,
    redeliver,
    redeliver_webhook,
    roll_webhook_secret,
    test_webhook,
    update_webhook,
)
from domain.webhooks.wanting import select_events

__all__ = [
    "DISPATCH_POLL_INTERVAL",
    "MAX_BACKLOG_COUNT",
    "AddressPolicy",
    "AttemptOutcome",
    "Backlog",
    "DeliveriesDue",
    "DeliveryAttempt",
    "DeliveryDispatcher",
    "DeliveryFanOut",
    "DeliveryObserver",
    "DeliveryStatus",
    "DisableReason",
    "EventType",
    "IssuedWebhook",
    "Need",
    "PayloadQueryError",
    "Preview",
    "WebhookDependencies",
    "backlog",
    "check_delivery_filters",
    "check_filters",
    "commands",
    "create_webhook",
    "cursor_of",
    "delete_webhook",
    "disown_webhooks",
    "drop_old_deliveries",
    "follow",
    "may_see_delivery",
    "object_of",
    "preview_webhook",
    "preview_webhook_query",
    "readable_types",
    "reads",
    "reassign_webhooks",
    "redact_deliveries",
    "redeliver",
    "redeliver_webhook",
    "resolve_types",
    "roll_webhook_secret",
    "select_events",
    "serializers",
    "test_webhook",
    "update_webhook",
]
