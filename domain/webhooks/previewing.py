"""What an endpoint would be sent for an event of the past; nothing is sent."""

from __future__ import annotations

from domain.kernel.principal import Principal
from domain.kernel.sql import Reader
from domain.webhooks import reads
from domain.webhooks.document import EventDocument, event_document
from domain.webhooks.types import may_see_delivery


async def preview(reader: Reader, principal: Principal, event_id: str) -> EventDocument | None:
    """The payload for an event, as far as the caller may see it; None where there is none that they may see."""
    event = await reads.event_by_id.for_key(reader, event_id)
    if event is None or not may_see_delivery(principal, event.type):
        return None
    return event_document(event, principal)
