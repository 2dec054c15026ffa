"""What orders announce."""

from __future__ import annotations

from domain.kernel.area import Area, EventArea, NodeType
from domain.orders import reads, snapshot
from domain.orders.events import OrderCancelled, OrderCreated, OrderFulfilled, OrderUpdated
from domain.orders.personal_data import PERSONAL_DATA

AREA = Area(
    scopes=frozenset({"orders:read", "orders:write", "access:write"}),  # access: the settings of the store
    events=(OrderCreated, OrderUpdated, OrderCancelled, OrderFulfilled),
    event_areas={"order": EventArea("orders:read", snapshot.order_row, snapshot.serialize_order_event)},
    nodes={
        "ord": NodeType((reads.order_by_id,)),
        "item": NodeType((reads.item_by_id, reads.draft_item_by_id)),
        "note": NodeType((reads.note_by_id,)),
        "step": NodeType((reads.step_by_id,)),
        "dord": NodeType((reads.draft_by_id,)),
    },
    personal_data=PERSONAL_DATA,
)
