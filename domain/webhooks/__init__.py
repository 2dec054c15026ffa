"""Events as callers meet them: lists and streams of them, and webhooks, which bring them to addresses of their own."""

from domain.webhooks import commands, reads, serializers
from domain.webhooks.address_policy import Guard
from domain.webhooks.commands import admitted, admitted_deliveries
from domain.webhooks.delivery import COUNTED, POLL, Backlog, Courier, backlog
from domain.webhooks.event_types import (
    EventType,
    may_see_delivery,
    object_of,
    readable_types,
    wanted_types,
)
from domain.webhooks.fan_out import Planner
from domain.webhooks.following import follow
from domain.webhooks.model import DeliveryAttempt, DeliveryStatus, Ending, Outcome
from domain.webhooks.ports import CannotShapeError, Observer, Outbound
from domain.webhooks.retention import drop_old_deliveries
from domain.webhooks.rights import Need
from domain.webhooks.serializers import cursor_of
from domain.webhooks.service import (
    DeliveriesDue,
    IssuedWebhook,
    Preview,
    create_webhook,
    delete_webhook,
    hand_over,
    leave,
    preview_webhook,
    preview_webhook_query,
    redact_deliveries,
    redeliver,
    redeliver_webhook,
    roll_webhook_secret,
    test_webhook,
    update_webhook,
)
from domain.webhooks.wanting import wanting

__all__ = [
    "COUNTED",
    "POLL",
    "Backlog",
    "CannotShapeError",
    "Courier",
    "DeliveriesDue",
    "DeliveryAttempt",
    "DeliveryStatus",
    "Ending",
    "EventType",
    "Guard",
    "IssuedWebhook",
    "Need",
    "Observer",
    "Outbound",
    "Outcome",
    "Planner",
    "Preview",
    "admitted",
    "admitted_deliveries",
    "backlog",
    "commands",
    "create_webhook",
    "cursor_of",
    "delete_webhook",
    "drop_old_deliveries",
    "follow",
    "hand_over",
    "leave",
    "may_see_delivery",
    "object_of",
    "preview_webhook",
    "preview_webhook_query",
    "readable_types",
    "reads",
    "redact_deliveries",
    "redeliver",
    "redeliver_webhook",
    "roll_webhook_secret",
    "serializers",
    "test_webhook",
    "update_webhook",
    "wanted_types",
    "wanting",
]
