"""Orders, draft orders and settings, as REST finds and returns them."""

from __future__ import annotations

from domain import orders
from domain.kernel.documents.document_reads import DocumentRead
from domain.orders.documents import (
    DraftOrderDocument,
    OrderDocument,
    OrderItemDocument,
    OrderNoteDocument,
    OrderStatusChangeDocument,
    SettingsDocument,
)
from rest_compat.objects import OwnedList, RestObject

reads = orders.reads
DISCOUNT = frozenset({"discount"})
"""In responses it is the amount of the discount; in requests, an amount or a percentage."""
DERIVED = frozenset({"discount.percent"})
"""Body members that are relative to the prices of the ordered items."""

ORDER = RestObject(path="/orders/{id}", noun="order", prefix="ord", read=reads.order_by_id, document=OrderDocument)
ITEM = RestObject(
    path="/orders/{id}/items/{item_id}",
    noun="item",
    prefix="item",
    read=reads.item_by_id,
    document=OrderItemDocument,
    parent=ORDER,
    parent_key="order_id",
)
NOTE = RestObject(
    path="/orders/{id}/notes/{note_id}",
    noun="note",
    prefix="note",
    read=reads.note_by_id,
    document=OrderNoteDocument,
    parent=ORDER,
    parent_key="order_id",
)
DRAFT = RestObject(
    path="/draft_orders/{id}",
    noun="draft order",
    prefix="dord",
    read=reads.draft_by_id,
    document=DraftOrderDocument,
)
SETTINGS_OF_STORE = RestObject(
    path="/settings", noun="settings", prefix="", read=reads.settings_by_store, document=SettingsDocument
)
ITEMS = OwnedList(ORDER, DocumentRead(OrderItemDocument, reads.items_by_order))
NOTES = OwnedList(ORDER, DocumentRead(OrderNoteDocument, reads.notes_by_order))
HISTORY = OwnedList(ORDER, DocumentRead(OrderStatusChangeDocument, reads.history_by_order))
