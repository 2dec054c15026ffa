"""What events announce. Their tables are the kernel's."""

from __future__ import annotations

import inspect

from domain.events import reads
from domain.events.event_types import EventType, readable_types
from domain.kernel.area import Area, EnumDoc, NodeType
from domain.kernel.events import REGISTRY
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row


def _sees(principal: Principal, row: Row) -> bool:
    return row.type in readable_types(principal)


_ENUMS = (
    EnumDoc(
        EventType,
        "The type of an event.",
        {type: (inspect.getdoc(REGISTRY[type]) or "").replace("``", "`") for type in EventType},
    ),
)

AREA = Area(nodes={"evt": NodeType((reads.event_by_id,), sees=_sees)}, enums=_ENUMS)
