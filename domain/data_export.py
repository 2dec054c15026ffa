"""Export of all data stored about a person, collected from every area (GDPR, articles 15 and 20).

Export, redaction and erasure share one declaration per area, the ``personal_data`` of its ``area.py``, which is found
here without a list. Deliveries are found by their objects, stored responses by the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from domain import customers, events, webhooks
from domain.areas import load_areas
from domain.customers.documents import CustomerDocument
from domain.events.documents import EventDocument
from domain.kernel.documents import Document, InstantMember, WrittenMember
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.exports import export
from domain.kernel.use_cases.idempotency import RECORD_LIFETIME
from domain.kernel.use_cases.personal_data import PersonalData, PersonalObjects, PersonalSection
from domain.kernel.use_cases.stored_responses import answers_about
from domain.webhooks.documents import DeliveryDocument

_DATA: tuple[PersonalData, ...] = tuple(area.personal_data for area in load_areas() if area.personal_data is not None)
SECTIONS: Mapping[str, PersonalSection] = {name: each for data in _DATA for name, each in data.sections.items()}
"""Tables with personal data besides the customer's own, by the member of the export that contains them."""
OBJECTS: tuple[PersonalObjects, ...] = tuple(data.objects for data in _DATA if data.objects is not None)
"""Objects whose events and deliveries contain personal data."""
READS: tuple[Read, ...] = customers.personal_data.PERSONAL_DATA.reads
"""Reads that every export needs. The caller needs the scope of the first one."""
OPTIONAL_READS: tuple[Read, ...] = (
    *(read for data in _DATA for read in data.reads if read not in READS),
    events.reads.every_event_by_object,
    webhooks.reads.every_delivery_by_object,
)
"""Reads for callers with the scopes for orders and webhooks."""


_EXAMPLE = "2026-01-15T10:30:00Z"


class StoredResponseDocument(Document):
    """A response stored for an idempotency key. It may show the customer."""

    created_at = InstantMember("When the response was stored.", example=_EXAMPLE)
    expires_at = InstantMember("Until when a repeated request returns the response.", example=_EXAMPLE)


class _CustomerPart(Document):
    customer = WrittenMember("The customer with its addresses.", CustomerDocument)


class _LogPart(Document):
    events = WrittenMember(
        "The events of the customer that the event log still contains, oldest first. With `orders:read`, also the "
        "events of the orders.",
        EventDocument,
        listed=True,
    )
    deliveries = WrittenMember(
        "The webhook deliveries of these events, oldest first. Requires `webhooks:read`.",
        DeliveryDocument,
        listed=True,
        scopes=(webhooks.reads.SCOPE,),
    )
    stored_responses = WrittenMember(
        "The responses stored for idempotency keys that may show the customer. They are stored for 24 hours, "
        "encrypted, and returned only to a request that repeats the key. They contain no data that the other members "
        "lack.",
        StoredResponseDocument,
        listed=True,
    )


_SECTIONS = {
    name: WrittenMember(each.description, each.table.document, listed=True, scopes=(each.table.scope,))
    for name, each in SECTIONS.items()
}
DisclosureDocument = type(
    "DisclosureDocument",
    (Document,),
    {
        "__doc__": "All data stored about a customer: the data that erasure redacts or removes.",
        **_CustomerPart.members,
        **_SECTIONS,
        **_LogPart.members,
    },
)


@export("customer.exported", scope=customers.reads.SCOPE, prefix="cust")
async def export_customer_data(db: Executor, principal: Principal, customer_id: str) -> dict[str, Any] | None:
    """Export all data of a customer that the caller may read. None if the customer does not exist."""
    found = await customers.personal_data.CUSTOMER.export(db, principal, customer_id)
    if not found:
        return None
    sections = {
        name: await each.table.export(db, principal, customer_id)
        for name, each in SECTIONS.items()
        if principal.has_scope(each.table.scope)
    }
    document: dict[str, Any] = {"customer": found[0], **sections}
    ids = [
        id for objects in OBJECTS if principal.has_scope(objects.scope) for id in await objects.find(db, customer_id)
    ]
    document["events"] = await _events(db, principal, ids)
    if principal.has_scope(webhooks.reads.SCOPE):
        document["deliveries"] = await _deliveries(db, principal, ids)
    document["stored_responses"] = [
        StoredResponseDocument.of_row(
            SimpleNamespace(created_at=row.created_at, expires_at=row.created_at + RECORD_LIFETIME), principal
        )
        for row in await answers_about(db, customer_id)
    ]
    return document


async def _events(db: Executor, principal: Principal, ids: list[str]) -> list[Any]:
    by_object = await events.reads.every_event_by_object.for_keys(db, ids)
    rows = sorted((row for rows in by_object for row in rows), key=lambda row: int(row.position))
    return [EventDocument.of_row(row, principal) for row in rows]


async def _deliveries(db: Executor, principal: Principal, ids: list[str]) -> list[Any]:
    by_object = await webhooks.reads.every_delivery_by_object.for_keys(db, ids)
    rows = sorted((row for rows in by_object for row in rows), key=lambda row: (row.created_at, str(row.id)))
    return [DeliveryDocument.of_row(row, principal) for row in rows]
