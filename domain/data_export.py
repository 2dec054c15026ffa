"""All that a store holds of one person, gathered from every area (GDPR, articles 15 and 20).

What is exported and what erasing redacts are one declaration, in each area's ``personal.py``: an area that keeps
something of people declares it there and is named here. Deliveries follow the objects, stored answers the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, TypedDict

from domain import customers, events, webhooks
from domain.areas import load_areas
from domain.customers.serializers import CustomerDocument
from domain.events.serializers import EventDocument
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.serialization import FieldDoc, format_instant
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.idempotency import RECORD_LIFETIME, answers_about
from domain.kernel.use_cases.personal_data import PersonalData, PersonalObjects, PersonalSection
from domain.webhooks.serializers import DeliveryDocument

_DATA: tuple[PersonalData, ...] = tuple(area.personal_data for area in load_areas() if area.personal_data is not None)
SECTIONS: Mapping[str, PersonalSection] = {name: each for data in _DATA for name, each in data.sections.items()}
"""Tables that hold something of a person beside the customer's own, by the member that shows them."""
OBJECTS: tuple[PersonalObjects, ...] = tuple(data.objects for data in _DATA if data.objects is not None)
"""Whose events and deliveries tell of a person."""
READS: tuple[Read, ...] = customers.personal_data.PERSONAL_DATA.reads
"""What is read for it at least; the first one's scope is what the caller must hold."""
READS_BESIDES: tuple[Read, ...] = (
    *(read for data in _DATA for read in data.reads if read not in READS),
    events.reads.every_event_by_object,
    webhooks.reads.every_delivery_by_object,
)
"""What is read besides for who may read orders and webhooks."""


_EXAMPLE = "2026-01-15T10:30:00Z"


class StoredResponseDocument(TypedDict):
    """A response stored for repeats of a request under an idempotency key. It may show the customer."""

    created_at: Annotated[str, FieldDoc(description="When it was stored, UTC.", example=_EXAMPLE, format="date-time")]
    expires_at: Annotated[
        str, FieldDoc(description="Until when a repeated request gets it, UTC.", example=_EXAMPLE, format="date-time")
    ]


if TYPE_CHECKING:
    DisclosureDocument = dict[str, Any]
else:
    DisclosureDocument = TypedDict(
        "DisclosureDocument",
        {
            "customer": Annotated[CustomerDocument, FieldDoc(description="The customer with the addresses.")],
            **{
                name: NotRequired[Annotated[list[each.table.shows], FieldDoc(description=each.description)]]
                for name, each in SECTIONS.items()
            },
            "events": Annotated[
                list[EventDocument],
                FieldDoc(
                    description="The events of the customer, and with orders:read of their orders, as far as the log "
                    "keeps them; the oldest first."
                ),
            ],
            "deliveries": NotRequired[
                Annotated[
                    list[DeliveryDocument],
                    FieldDoc(
                        description="The webhook deliveries of these events, the oldest first; only with webhooks:read."
                    ),
                ]
            ],
            "stored_responses": Annotated[
                list[StoredResponseDocument],
                FieldDoc(
                    description="The responses stored for idempotency keys that may show the customer, for 24 hours. "
                    "They are encrypted and shown only to the request that repeats the key; they repeat what the other "
                    "members say."
                ),
            ],
        },
    )
    DisclosureDocument.__doc__ = "All that the store holds of a customer: what erasing would redact or remove."


async def export_customer_data(reader: Executor, principal: Principal, customer_id: str) -> DisclosureDocument | None:
    """Everything that the caller may see, or None when there is no such customer."""
    found = await customers.personal_data.CUSTOMER.export(reader, customer_id)
    if not found:
        return None
    sections = {
        name: await each.table.export(reader, customer_id)
        for name, each in SECTIONS.items()
        if principal.has_scope(each.table.scope)
    }
    document: dict[str, Any] = {"customer": found[0], **sections}
    ids = [
        id
        for objects in OBJECTS
        if principal.has_scope(objects.scope)
        for id in await objects.find(reader, customer_id)
    ]
    document["events"] = await _events(reader, principal, ids)
    if principal.has_scope(webhooks.reads.SCOPE):
        document["deliveries"] = await _deliveries(reader, principal, ids)
    document["stored_responses"] = [
        {"created_at": format_instant(row.created_at), "expires_at": format_instant(row.created_at + RECORD_LIFETIME)}
        for row in await answers_about(reader, customer_id)
    ]
    return document


async def _events(reader: Executor, principal: Principal, ids: list[str]) -> list[Any]:
    by_object = await events.reads.every_event_by_object.for_keys(reader, ids)
    rows = sorted((row for rows in by_object for row in rows), key=lambda row: int(row.position))
    return [events.serializers.serialize_event(row, principal) for row in rows]


async def _deliveries(reader: Executor, principal: Principal, ids: list[str]) -> list[Any]:
    by_object = await webhooks.reads.every_delivery_by_object.for_keys(reader, ids)
    rows = sorted((row for rows in by_object for row in rows), key=lambda row: (row.created_at, str(row.id)))
    return [webhooks.serializers.serialize_delivery(row, principal) for row in rows]
