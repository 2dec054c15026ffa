"""Use cases of webhooks."""

from domain.webhooks.service.deliveries import (
    DeliveriesDue,
    redeliver_webhook,
    redeliver_webhook_delivery,
    test_webhook,
)
from domain.webhooks.service.endpoints import (
    IssuedWebhook,
    create_webhook,
    delete_webhook,
    roll_webhook_secret,
    update_webhook,
)
from domain.webhooks.service.keys import disown_webhooks, reassign_webhooks
from domain.webhooks.service.preview import Preview, preview_webhook, preview_webhook_query
from domain.webhooks.service.redaction import redact_deliveries

__all__ = [
    "DeliveriesDue",
    "IssuedWebhook",
    "Preview",
    "create_webhook",
    "delete_webhook",
    "disown_webhooks",
    "preview_webhook",
    "preview_webhook_query",
    "reassign_webhooks",
    "redact_deliveries",
    "redeliver_webhook",
    "redeliver_webhook_delivery",
    "roll_webhook_secret",
    "test_webhook",
    "update_webhook",
]
