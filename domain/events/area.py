"""What events announce."""

from __future__ import annotations

from domain.events import reads
from domain.events.event_types import readable_types
from domain.kernel.area import Area, NodeType
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row


def _sees(principal: Principal, row: Row) -> bool:
    return row.type in readable_types(principal)


AREA = Area(nodes={"evt": NodeType((reads.event_by_id,), sees=_sees)}, append_only=frozenset({"event"}))
