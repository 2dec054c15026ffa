"""What the kernel announces of itself, as an area does."""

from __future__ import annotations

from domain.kernel.area import Area, own_tables
from domain.kernel.event_log import EVENT_PARTITIONS, drop_old_events
from domain.kernel.maintenance import in_batches
from domain.kernel.outbound_execution import delete_settled
from domain.kernel.use_cases.stored_responses import delete_expired

AREA = Area(
    tables=own_tables(
        "domain.kernel",
        without_store={"event_log"},  # says nothing of anybody, so requests may read it
        append_only={"event", "audit_entry"},
        partitioned=(EVENT_PARTITIONS,),
    ),
    maintenance={
        "expired idempotency records": in_batches(delete_expired),
        "settled calls": in_batches(delete_settled),
        "old events": drop_old_events,
    },
)
