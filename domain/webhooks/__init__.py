"""Webhooks: endpoints, the fan-out of events into deliveries, and the delivery itself."""

from domain.webhooks import commands, delivery_rows, documents, reads
from domain.webhooks.address_policy import AddressPolicy
from domain.webhooks.body_scopes import Need, may_see_delivery
from domain.webhooks.commands import check_delivery_filters
from domain.webhooks.delivery import DISPATCH_POLL_INTERVAL, MAX_BACKLOG_COUNT, Backlog, DeliveryDispatcher, backlog
from domain.webhooks.fan_out import DeliveryFanOut
from domain.webhooks.model import AttemptOutcome, DeliveryAttempt, DisableReason, WebhookDeliveryStatus
from domain.webhooks.ports import DeliveryObserver, PayloadQueryError, WebhookDependencies
from domain.webhooks.retention import drop_old_deliveries
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
    redeliver_webhook,
    redeliver_webhook_delivery,
    roll_webhook_secret,
    test_webhook,
    update_webhook,
)

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
    "DisableReason",
    "IssuedWebhook",
    "Need",
    "PayloadQueryError",
    "Preview",
    "WebhookDeliveryStatus",
    "WebhookDependencies",
    "backlog",
    "check_delivery_filters",
    "commands",
    "create_webhook",
    "delete_webhook",
    "delivery_rows",
    "disown_webhooks",
    "documents",
    "drop_old_deliveries",
    "may_see_delivery",
    "preview_webhook",
    "preview_webhook_query",
    "reads",
    "reassign_webhooks",
    "redact_deliveries",
    "redeliver_webhook",
    "redeliver_webhook_delivery",
    "roll_webhook_secret",
    "test_webhook",
    "update_webhook",
]
