"""Scopes and node types of webhooks."""

from __future__ import annotations

from domain.kernel.area import Area, NodeType
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.webhooks import reads
from domain.webhooks.body_scopes import may_see_delivery


def _sees(principal: Principal, row: Row) -> bool:
    return may_see_delivery(principal, row.type)


AREA = Area(
    scopes=frozenset({"webhooks:read", "webhooks:write"}),
    nodes={
        "whk": NodeType((reads.webhook_by_id,)),
        "dlv": NodeType((reads.delivery_by_id,), sees=_sees),
    },
)
