"""What customers announce."""

from __future__ import annotations

from domain.customers import personal_data, reads, snapshot
from domain.customers.events import CustomerCreated, CustomerUpdated
from domain.kernel.area import Area, EventArea, NodeType

AREA = Area(
    scopes=frozenset({"customers:read", "customers:write"}),
    events=(CustomerCreated, CustomerUpdated),
    event_areas={"customer": EventArea("customers:read", snapshot.customer_row, snapshot.serialize_customer_event)},
    nodes={"cust": NodeType((reads.customer_by_id,)), "addr": NodeType((reads.address_by_id,))},
    personal_data=personal_data.PERSONAL_DATA,
)
