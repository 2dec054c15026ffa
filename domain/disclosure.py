"""All that a store holds of one person, gathered from every area (GDPR, articles 15 and 20).

An area that keeps something of people adds its part here: a member of the document, and the reads that fill it.
"""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from domain import customers, orders, webhooks
from domain.customers.document import CustomerDocument, customer_document
from domain.kernel.documents import Shown
from domain.kernel.principal import Principal
from domain.kernel.reads import Read
from domain.kernel.sql import Reader
from domain.orders.document import OrderDocument, order_document
from domain.webhooks.document import EventDocument

READS: tuple[Read, ...] = (
    customers.reads.customer_by_id,
    customers.reads.addresses_by_customer,
    customers.reads.events_by_customer,
)
"""What is read for it; the first one's scope is what the caller must hold."""
READS_OF_ORDERS: tuple[Read, ...] = (orders.reads.every_order_by_customer, orders.reads.items_by_order)
"""What is read besides for who may read orders."""


class DisclosureDocument(TypedDict):
    """All that the store holds of a customer."""

    customer: Annotated[CustomerDocument, Shown(description="Who they are, with their addresses.")]
    orders: NotRequired[
        Annotated[
            list[OrderDocument], Shown(description="What they have ordered, the oldest first; only with orders:read.")
        ]
    ]
    events: Annotated[
        list[EventDocument], Shown(description="What the log still keeps of them, from the oldest event on.")
    ]


async def disclose(reader: Reader, principal: Principal, customer_id: str) -> DisclosureDocument | None:
    """Everything, or None when there is no such customer."""
    row = await customers.reads.customer_by_id.for_key(reader, customer_id)
    if row is None:
        return None
    addresses = await customers.reads.addresses_by_customer.for_key(reader, customer_id)
    events = await customers.reads.events_by_customer.for_key(reader, customer_id)
    document: DisclosureDocument = {
        "customer": customer_document(row, addresses),
        "events": [webhooks.document.event_document(event, principal) for event in events],
    }
    if principal.may(orders.reads.SCOPE):
        document["orders"] = await _orders(reader, customer_id)
    return document


async def _orders(reader: Reader, customer_id: str) -> list[OrderDocument]:
    found = await orders.reads.every_order_by_customer.for_key(reader, customer_id)
    items = await orders.reads.items_by_order.for_keys(reader, [order.id for order in found])
    return [order_document(order, own) for order, own in zip(found, items, strict=True)]
