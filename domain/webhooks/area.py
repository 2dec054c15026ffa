"""What webhooks announce."""

from __future__ import annotations

from domain.kernel.area import Area, EnumDoc, NodeType, own_tables
from domain.kernel.principal import Principal
from domain.kernel.reencryption import EncryptedColumn
from domain.kernel.sql.executor import Row
from domain.webhooks import reads
from domain.webhooks.body_scopes import may_see_delivery
from domain.webhooks.model import WebhookDeliveryStatus
from domain.webhooks.retention import DELIVERY_PARTITIONS, drop_old_deliveries


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
    tables=own_tables("domain.webhooks", partitioned=(DELIVERY_PARTITIONS,)),
    maintenance={"old deliveries": drop_old_deliveries},
    enums=_ENUMS,
)
