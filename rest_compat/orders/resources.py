"""How orders, drafts and settings are found and written over REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import orders
from domain.kernel.errors import NotFound
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row
from domain.orders.serializers import (
    AssignedOrdersDocument,
    DraftOrderDocument,
    OrderDocument,
    serialize_draft,
    serialize_item,
    serialize_note,
    serialize_order,
    serialize_settings,
    serialize_step,
)
from rest_compat.endpoint import ROOT, Representation

reads = orders.reads
Ids = Mapping[str, str]


async def describe_orders(reader: Executor, principal: Principal, rows: Sequence[Row]) -> list[OrderDocument]:
    """Orders with their lines: one statement more, however many they are."""
    items = await reads.items_by_order.for_keys(reader, [row.id for row in rows])
    return [serialize_order(row, own) for row, own in zip(rows, items, strict=True)]


async def describe_drafts(reader: Executor, principal: Principal, rows: Sequence[Row]) -> list[DraftOrderDocument]:
    """Drafts with their lines: one statement more, however many they are."""
    items = await reads.items_by_draft.for_keys(reader, [row.id for row in rows])
    return [serialize_draft(row, own) for row, own in zip(rows, items, strict=True)]


async def fetch_order(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """One order with its lines."""
    row = await _order(reader, ids["id"])
    (document,) = await describe_orders(reader, principal, [row])
    return Representation(document, row.version, f"{ROOT}/orders/{row.id}")


async def fetch_items(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """The lines of an order."""
    row = await _order(reader, ids["id"])
    items = await reads.items_by_order.for_key(reader, row.id)
    return Representation({"data": [serialize_item(item) for item in items]}, row.version)


async def fetch_item(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """One line of an order."""
    order, item = await _below(reader, reads.item_by_id, ids, "item")
    return Representation(serialize_item(item), order.version, f"{ROOT}/orders/{order.id}/items/{item.id}")


async def fetch_notes(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """What was written on an order, oldest first."""
    row = await _order(reader, ids["id"])
    notes = await reads.notes_by_order.for_key(reader, row.id)
    return Representation({"data": [serialize_note(note) for note in notes]}, row.version)


async def fetch_note(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """One thing that was written on an order."""
    order, note = await _below(reader, reads.note_by_id, ids, "note")
    return Representation(serialize_note(note), order.version, f"{ROOT}/orders/{order.id}/notes/{note.id}")


async def fetch_history(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """An order's way through the statuses, from the first."""
    row = await _order(reader, ids["id"])
    steps = await reads.history_by_order.for_key(reader, row.id)
    return Representation({"data": [serialize_step(step) for step in steps]}, row.version)


async def fetch_draft(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """One draft with its lines."""
    row = await _found(reader, reads.draft_by_id, ids["id"], "draft order")
    (document,) = await describe_drafts(reader, principal, [row])
    return Representation(document, row.version, f"{ROOT}/draft_orders/{row.id}")


async def fetch_settings(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """How the store sells."""
    row = await _found(reader, reads.settings_by_store, principal.store.id, "settings")
    return Representation(serialize_settings(row), row.version)


async def represent_order(reader: Executor, principal: Principal, order: Any) -> Representation:
    """An order just written."""
    return await fetch_order(reader, principal, {"id": order.id})


async def represent_assigned(reader: Executor, principal: Principal, assigned: orders.AssignedOrders) -> Representation:
    """What a customer was given."""
    document: AssignedOrdersDocument = {
        "customer_id": assigned.customer_id,
        "order_count": assigned.order_count,
        "draft_count": assigned.draft_count,
        "has_more": assigned.has_more,
    }
    return Representation(document)


async def represent_draft(reader: Executor, principal: Principal, draft: Any) -> Representation:
    """A draft just written."""
    return await fetch_draft(reader, principal, {"id": draft.id})


async def represent_settings(reader: Executor, principal: Principal, settings: Any) -> Representation:
    """Settings just written."""
    return await fetch_settings(reader, principal, {})


async def represent_note(reader: Executor, principal: Principal, note: Any) -> Representation:
    """A note just written."""
    return await fetch_note(reader, principal, {"id": note.order_id, "note_id": note.id})


async def _order(reader: Executor, id: str) -> Row:
    return await _found(reader, reads.order_by_id, id, "order")


async def _below(reader: Executor, read: Read, ids: Ids, kind: str) -> tuple[Row, Row]:
    """An order and what the path names below it. Raises NotFound, also for what is another order's."""
    order = await _order(reader, ids["id"])
    row = await _found(reader, read, ids[f"{kind}_id"], kind)
    if row.order_id != order.id:
        raise NotFound(kind)
    return order, row


async def _found(reader: Executor, read: Read, key: str, noun: str) -> Row:
    row = await read.for_key(reader, key)
    if row is None:
        raise NotFound(noun)
    return row
