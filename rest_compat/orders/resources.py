"""How orders, drafts and settings are found and written over REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import orders
from domain.kernel.errors import NotFound
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Reader, Row
from domain.orders.serializers import (
    AssignedOrdersDocument,
    DraftOrderDocument,
    OrderDocument,
    draft_document,
    item_document,
    note_document,
    order_document,
    settings_document,
    step_document,
)
from rest_compat.endpoint import ROOT, Represented

reads = orders.reads
Ids = Mapping[str, str]


async def describe_orders(reader: Reader, principal: Principal, rows: Sequence[Row]) -> list[OrderDocument]:
    """Orders with their lines: one statement more, however many they are."""
    items = await reads.items_by_order.for_keys(reader, [row.id for row in rows])
    return [order_document(row, own) for row, own in zip(rows, items, strict=True)]


async def describe_drafts(reader: Reader, principal: Principal, rows: Sequence[Row]) -> list[DraftOrderDocument]:
    """Drafts with their lines: one statement more, however many they are."""
    items = await reads.items_by_draft.for_keys(reader, [row.id for row in rows])
    return [draft_document(row, own) for row, own in zip(rows, items, strict=True)]


async def fetch_order(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """One order with its lines."""
    row = await _order(reader, ids["id"])
    (document,) = await describe_orders(reader, principal, [row])
    return Represented(document, row.version, f"{ROOT}/orders/{row.id}")


async def fetch_items(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """The lines of an order."""
    row = await _order(reader, ids["id"])
    items = await reads.items_by_order.for_key(reader, row.id)
    return Represented({"data": [item_document(item) for item in items]}, row.version)


async def fetch_item(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """One line of an order."""
    order, item = await _below(reader, reads.item_by_id, ids, "item")
    return Represented(item_document(item), order.version, f"{ROOT}/orders/{order.id}/items/{item.id}")


async def fetch_notes(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """What was written on an order, oldest first."""
    row = await _order(reader, ids["id"])
    notes = await reads.notes_by_order.for_key(reader, row.id)
    return Represented({"data": [note_document(note) for note in notes]}, row.version)


async def fetch_note(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """One thing that was written on an order."""
    order, note = await _below(reader, reads.note_by_id, ids, "note")
    return Represented(note_document(note), order.version, f"{ROOT}/orders/{order.id}/notes/{note.id}")


async def fetch_history(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """An order's way through the statuses, from the first."""
    row = await _order(reader, ids["id"])
    steps = await reads.history_by_order.for_key(reader, row.id)
    return Represented({"data": [step_document(step) for step in steps]}, row.version)


async def fetch_draft(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """One draft with its lines."""
    row = await _found(reader, reads.draft_by_id, ids["id"], "draft order")
    (document,) = await describe_drafts(reader, principal, [row])
    return Represented(document, row.version, f"{ROOT}/draft_orders/{row.id}")


async def fetch_settings(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """How the store sells."""
    row = await _found(reader, reads.settings_by_store, principal.store.id, "settings")
    return Represented(settings_document(row), row.version)


async def represent_order(reader: Reader, principal: Principal, order: Any) -> Represented:
    """An order just written."""
    return await fetch_order(reader, principal, {"id": order.id})


async def represent_assigned(reader: Reader, principal: Principal, assigned: orders.AssignedOrders) -> Represented:
    """What a customer was given."""
    document: AssignedOrdersDocument = {
        "customer_id": assigned.customer_id,
        "order_count": assigned.order_count,
        "draft_count": assigned.draft_count,
        "has_more": assigned.has_more,
    }
    return Represented(document)


async def represent_draft(reader: Reader, principal: Principal, draft: Any) -> Represented:
    """A draft just written."""
    return await fetch_draft(reader, principal, {"id": draft.id})


async def represent_settings(reader: Reader, principal: Principal, settings: Any) -> Represented:
    """Settings just written."""
    return await fetch_settings(reader, principal, {})


async def represent_note(reader: Reader, principal: Principal, note: Any) -> Represented:
    """A note just written."""
    return await fetch_note(reader, principal, {"id": note.order_id, "note_id": note.id})


async def _order(reader: Reader, id: str) -> Row:
    return await _found(reader, reads.order_by_id, id, "order")


async def _below(reader: Reader, read: Read, ids: Ids, kind: str) -> tuple[Row, Row]:
    """An order and what the path names below it. Raises NotFound, also for what is another order's."""
    order = await _order(reader, ids["id"])
    row = await _found(reader, read, ids[f"{kind}_id"], kind)
    if row.order_id != order.id:
        raise NotFound(kind)
    return order, row


async def _found(reader: Reader, read: Read, key: str, noun: str) -> Row:
    row = await read.for_key(reader, key)
    if row is None:
        raise NotFound(noun)
    return row
