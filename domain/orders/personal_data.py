"""What orders hold of a person: for erasing, which keeps the amounts, and for exporting."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import select

from domain.kernel.reads.read import STORE
from domain.kernel.serialization import Shown
from domain.kernel.use_cases.personal_data import PERSON, Blank, PersonalObjects, PersonalTable
from domain.orders import reads
from domain.orders.model import DraftOrder, Order, OrderNote, OrderStatusChange
from domain.orders.serializers import (
    DraftOrderDocument,
    OrderDocument,
    OrderNoteDocument,
    OrderStatusChangeDocument,
    draft_document,
    note_document,
    order_document,
    step_document,
)

_order = Order.__table__.c
_draft = DraftOrder.__table__.c
_note = OrderNote.__table__.c
_step = OrderStatusChange.__table__.c

_THEIR_ORDERS = select(_order.id).where(_order.store_id == STORE, _order.customer_id == PERSON)
_PURCHASE = {
    "email": Blank.NULL,
    "shipping_address": Blank.ADDRESS,
    "billing_address": Blank.ADDRESS,
    "metadata": Blank.OBJECT,
    "tags": Blank.LIST,
}
_ORDER = {**_PURCHASE, "cancel_reason": Blank.TEXT}
_ORDER_ID = Shown(description="The order's id.", example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4")


class ExportedNote(OrderNoteDocument):
    """A note on one of a customer's orders."""

    order_id: Annotated[str, _ORDER_ID]


class ExportedStatusChange(OrderStatusChangeDocument):
    """A step of one of a customer's orders."""

    order_id: Annotated[str, _ORDER_ID]


ORDERS = PersonalTable(
    Order.__table__,
    _order.customer_id == PERSON,
    _ORDER,
    shown=reads.every_order_by_customer.statement,
    order=(_order.created_at, _order.id),
    document=order_document,
    shows=OrderDocument,
    scope=reads.SCOPE,
    derived={"email_key": Blank.NULL, "email_domain_key": Blank.NULL},
    keeps=frozenset({"shipping_method"}),
    owned=reads.items_by_order,
)
DRAFTS = PersonalTable(
    DraftOrder.__table__,
    _draft.customer_id == PERSON,
    _PURCHASE,
    shown=reads.draft_by_id.statement,
    order=(_draft.created_at, _draft.id),
    document=draft_document,
    shows=DraftOrderDocument,
    scope=reads.SCOPE,
    keeps=frozenset({"shipping_method"}),
    owned=reads.items_by_draft,
)
NOTES = PersonalTable(
    OrderNote.__table__,
    _note.order_id.in_(_THEIR_ORDERS),
    {"text": Blank.TEXT},
    shown=reads.notes_by_order.statement,
    order=(_note.created_at, _note.id),
    document=lambda row, _: ExportedNote(order_id=row.order_id, **note_document(row)),
    shows=ExportedNote,
    scope=reads.SCOPE,
)
HISTORY = PersonalTable(
    OrderStatusChange.__table__,
    _step.order_id.in_(_THEIR_ORDERS),
    {"note": Blank.TEXT},
    shown=reads.history_by_order.statement,
    order=(_step.created_at, _step.id),
    document=lambda row, _: ExportedStatusChange(order_id=row.order_id, **step_document(row)),
    shows=ExportedStatusChange,
    scope=reads.SCOPE,
)
TABLES = (ORDERS, DRAFTS, NOTES, HISTORY)
OBJECTS = PersonalObjects(_THEIR_ORDERS.order_by(_order.id), _ORDER, scope=reads.SCOPE)
_LINE = frozenset({"sku", "name", "attributes"})
KEPT = {"order_item": _LINE, "draft_order_item": _LINE}
"""Texts of lines, which are the catalog's."""
