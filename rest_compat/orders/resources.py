"""Fetch and represent orders, drafts and settings for REST."""

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


async def describe_orders(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[OrderDocument]:
    """Build the documents of orders: one statement for all lines."""
    items = await reads.items_by_order.for_keys(db, [row.id for row in rows])
    return [serialize_order(row, own) for row, own in zip(rows, items, strict=True)]


async def describe_drafts(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[DraftOrderDocument]:
    """Build the documents of drafts: one statement for all lines."""
    items = await reads.items_by_draft.for_keys(db, [row.id for row in rows])
    return [serialize_draft(row, own) for row, own in zip(rows, items, strict=True)]


async def fetch_order(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch an order with its lines."""
    row = await _order(db, ids["id"])
    (document,) = await describe_orders(db, principal, [row])
    return Representation(document, row.version, f"{ROOT}/orders/{row.id}")


async def fetch_items(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the lines of an order."""
    row = await _order(db, ids["id"])
    items = await reads.items_by_order.for_key(db, row.id)
    return Representation({"data": [serialize_item(item) for item in items]}, row.version)


async def fetch_item(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one line of an order."""
    order, item = await _below(db, reads.item_by_id, ids, "item")
    return Representation(serialize_item(item), order.version, f"{ROOT}/orders/{order.id}/items/{item.id}")


async def fetch_notes(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the notes on an order, oldest first."""
    row = await _order(db, ids["id"])
    notes = await reads.notes_by_order.for_key(db, row.id)
    return Representation({"data": [serialize_note(note) for note in notes]}, row.version)


async def fetch_note(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one note on an order."""
    order, note = await _below(db, reads.note_by_id, ids, "note")
    return Representation(serialize_note(note), order.version, f"{ROOT}/orders/{order.id}/notes/{note.id}")


async def fetch_history(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the status changes of an order, oldest first."""
    row = await _order(db, ids["id"])
    steps = await reads.history_by_order.for_key(db, row.id)
    return Representation({"data": [serialize_step(step) for step in steps]}, row.version)


async def fetch_draft(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch a draft with its lines."""
    row = await _found(db, reads.draft_by_id, ids["id"], "draft order")
    (document,) = await describe_drafts(db, principal, [row])
    return Representation(document, row.version, f"{ROOT}/draft_orders/{row.id}")


async def fetch_settings(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the store settings."""
    row = await _found(db, reads.settings_by_store, principal.store.id, "settings")
    return Representation(serialize_settings(row), row.version)


async def represent_order(db: Executor, principal: Principal, order: Any) -> Representation:
    """Represent an order after a write."""
    return await fetch_order(db, principal, {"id": order.id})


async def represent_assigned(db: Executor, principal: Principal, assigned: orders.AssignedOrders) -> Representation:
    """Represent the orders assigned to a customer."""
    document: AssignedOrdersDocument = {
        "customer_id": assigned.customer_id,
        "order_count": assigned.order_count,
        "draft_count": assigned.draft_count,
        "has_more": assigned.has_more,
    }
    return Representation(document)


async def represent_draft(db: Executor, principal: Principal, draft: Any) -> Representation:
    """Represent a draft after a write."""
    return await fetch_draft(db, principal, {"id": draft.id})


async def represent_settings(db: Executor, principal: Principal, settings: Any) -> Representation:
    """Represent the settings after a write."""
    return await fetch_settings(db, principal, {})


async def represent_note(db: Executor, principal: Principal, note: Any) -> Representation:
    """Represent a note after a write."""
    return await fetch_note(db, principal, {"id": note.order_id, "note_id": note.id})


async def _order(db: Executor, id: str) -> Row:
    return await _found(db, reads.order_by_id, id, "order")


async def _below(db: Executor, read: Read, ids: Ids, kind: str) -> tuple[Row, Row]:
    """Fetch an order and the object below it that the path names. Raises NotFound, also if another order owns it."""
    order = await _order(db, ids["id"])
    row = await _found(db, read, ids[f"{kind}_id"], kind)
    if row.order_id != order.id:
        raise NotFound(kind)
    return order, row


async def _found(db: Executor, read: Read, key: str, noun: str) -> Row:
    row = await read.for_key(db, key)
    if row is None:
        raise NotFound(noun)
    return row
