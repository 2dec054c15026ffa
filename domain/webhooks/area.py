"""Scopes and node types of webhooks."""

from __future__ import annotations

from domain.kernel.area import Area, EnumDoc, NodeType
from domain.kernel.principal import Principal
from domain.kernel.reencryption import EncryptedColumn
from domain.kernel.sql.executor import Row
from domain.webhooks import reads
from domain.webhooks.body_scopes import may_see_delivery
from domain.webhooks.model import WebhookDeliveryStatus


def _sees(principal: Principal, row: Row) -> bool:
    return may_see_delivery(principal, row.type)


_ENUMS = (
    EnumDoc(
        WebhookDeliveryStatus,
        "The status of a webhook delivery.",
        {
            WebhookDeliveryStatus.PENDING: "Waiting for the first or next attempt.",
            WebhookDeliveryStatus.DELIVERED: "The receiver accepted it.",
            WebhookDeliveryStatus.FAILED: "All attempts failed. It can be redelivered.",
        },
    ),
)

AREA = Area(
    scopes=frozenset({"webhooks:read", "webhooks:write"}),
    nodes={
        "whk": NodeType((reads.webhook_by_id,)),
        "dlv": NodeType((reads.delivery_by_id,), sees=_sees),
    },
    encrypted=tuple(
        EncryptedColumn("webhook", column, "webhook/{store}/{id}") for column in ("secret", "previous_secret")
    ),
    enums=_ENUMS,
)
