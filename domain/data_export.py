"""Export of all data stored about a person, collected from every area (GDPR, articles 15 and 20).

Export and erasure share one declaration per area, in its ``personal_data.py``: an area that stores personal data
declares it there and is listed here. Deliveries are found by their objects, stored responses by the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired, TypedDict, cast

from domain import customers, events, orders, webhooks
from domain.customers.serializers import CustomerDocument
from domain.events.serializers import EventDocument
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.serialization import FieldDoc, format_instant
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.idempotency import RECORD_LIFETIME, answers_about
from domain.kernel.use_cases.personal_data import PersonalObjects, PersonalTable
from domain.orders.personal_data import ExportedNote, ExportedStatusChange
from domain.orders.serializers import DraftOrderDocument, OrderDocument
from domain.webhooks.serializers import DeliveryDocument

SECTIONS: Mapping[str, PersonalTable] = {
    "orders": orders.personal_data.ORDERS,
    "draft_orders": orders.personal_data.DRAFTS,
    "order_notes": orders.personal_data.NOTES,
    "order_history": orders.personal_data.HISTORY,
}
"""Tables with personal data besides the customer's own, by the member of the export that contains them."""
OBJECTS: tuple[PersonalObjects, ...] = (customers.personal_data.OBJECTS, orders.personal_data.OBJECTS)
"""Objects whose events and deliveries contain personal data."""
READS: tuple[Read, ...] = (customers.reads.customer_by_id, customers.reads.addresses_by_customer)
"""Reads that every export needs. The caller needs the scope of the first one."""
OPTIONAL_READS: tuple[Read, ...] = (
    orders.reads.every_order_by_customer,
    orders.reads.items_by_order,
    events.reads.every_event_by_object,
    webhooks.reads.every_delivery_by_object,
)
"""Reads for callers with the scopes for orders and webhooks."""


_EXAMPLE = "2026-01-15T10:30:00Z"


class StoredResponseDocument(TypedDict):
    """A response stored for an idempotency key. It may show the customer."""

    created_at: Annotated[
        str, FieldDoc(description="When the response was stored.", example=_EXAMPLE, format="date-time")
    ]
    expires_at: Annotated[
        str,
        FieldDoc(
            description="Until when a repeated request returns the response.", example=_EXAMPLE, format="date-time"
        ),
    ]


class DisclosureDocument(TypedDict):
    """All data stored about a customer: the data that erasure redacts or removes."""

    customer: Annotated[CustomerDocument, FieldDoc(description="The customer with its addresses.")]
    orders: NotRequired[
        Annotated[list[OrderDocument], FieldDoc(description="The orders, oldest first. Requires `orders:read`.")]
    ]
    draft_orders: NotRequired[
        Annotated[
            list[DraftOrderDocument], FieldDoc(description="The draft orders, oldest first. Requires `orders:read`.")
        ]
    ]
    order_notes: NotRequired[
        Annotated[
            list[ExportedNote],
            FieldDoc(description="The notes on the orders, oldest first. Requires `orders:read`."),
        ]
    ]
    order_history: NotRequired[
        Annotated[
            list[ExportedStatusChange],
            FieldDoc(description="The status changes of the orders, oldest first. Requires `orders:read`."),
        ]
    ]
    events: Annotated[
        list[EventDocument],
        FieldDoc(
            description="The events of the customer that the event log still contains, oldest first. With "
            "`orders:read`, also the events of the orders."
        ),
    ]
    deliveries: NotRequired[
        Annotated[
            list[DeliveryDocument],
            FieldDoc(description="The webhook deliveries of these events, oldest first. Requires `webhooks:read`."),
        ]
    ]
    stored_responses: Annotated[
        list[StoredResponseDocument],
        FieldDoc(
            description="The responses stored for idempotency keys that may show the customer. They are stored for 24 "
            "hours, encrypted, and returned only to a request that repeats the key. They contain no data that the "
            "other members lack."
        ),
    ]


async def export_customer_data(db: Executor, principal: Principal, customer_id: str) -> DisclosureDocument | None:
    """Export all data of a customer that the caller may read. None if the customer does not exist."""
    found = await customers.personal_data.CUSTOMER.export(db, customer_id)
    if not found:
        return None
    sections = {
        name: await table.export(db, customer_id)
        for name, table in SECTIONS.items()
        if principal.has_scope(table.scope)
    }
    document = {"customer": found[0], **sections}
    ids = [
        id for objects in OBJECTS if principal.has_scope(objects.scope) for id in await objects.find(db, customer_id)
    ]
    document["events"] = await _events(db, principal, ids)
    if principal.has_scope(webhooks.reads.SCOPE):
        document["deliveries"] = await _deliveries(db, principal, ids)
    document["stored_responses"] = [
        {"created_at": format_instant(row.created_at), "expires_at": format_instant(row.created_at + RECORD_LIFETIME)}
        for row in await answers_about(db, customer_id)
    ]
    return cast(DisclosureDocument, document)


async def _events(db: Executor, principal: Principal, ids: list[str]) -> list[Any]:
    by_object = await events.reads.every_event_by_object.for_keys(db, ids)
    rows = sorted((row for rows in by_object for row in rows), key=lambda row: int(row.position))
    return [events.serializers.serialize_event(row, principal) for row in rows]


async def _deliveries(db: Executor, principal: Principal, ids: list[str]) -> list[Any]:
    by_object = await webhooks.reads.every_delivery_by_object.for_keys(db, ids)
    rows = sorted((row for rows in by_object for row in rows), key=lambda row: (row.created_at, str(row.id)))
    return [webhooks.serializers.serialize_delivery(row, principal) for row in rows]
