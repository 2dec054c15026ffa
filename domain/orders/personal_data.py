"""The personal data in orders, for erasure (which keeps the amounts) and for export."""

from __future__ import annotations

from sqlalchemy import select

from domain.kernel.documents import TextMember
from domain.kernel.sql.statements import STORE
from domain.kernel.use_cases.personal_data import (
    PERSON_PARAMETER,
    PersonalData,
    PersonalObjects,
    PersonalSection,
    PersonalTable,
    Replacement,
)
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import reads
from domain.orders.documents import (
    DraftOrderDocument,
    OrderDocument,
    OrderNoteDocument,
    OrderStatusChangeDocument,
)
from domain.orders.model.draft import DraftOrder
from domain.orders.model.order import Order, OrderNote, OrderStatusChange
from domain.orders.service.indexes import follow_customer_names, keep_number_words

_order = Order.__table__.c
_draft = DraftOrder.__table__.c
_note = OrderNote.__table__.c
_step = OrderStatusChange.__table__.c

_THEIR_ORDERS = select(_order.id).where(_order.store_id == STORE, _order.customer_id == PERSON_PARAMETER)
_PURCHASE = {
    "email": Replacement.NULL,
    "shipping_address": Replacement.ADDRESS,
    "billing_address": Replacement.ADDRESS,
    "metadata": Replacement.OBJECT,
    "tags": Replacement.LIST,
}
_ORDER = {**_PURCHASE, "cancel_reason": Replacement.TEXT}
_ORDER_ID = TextMember("The id of the order.", example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4")


class ExportedNote(OrderNoteDocument):
    """A note on one of a customer's orders."""

    order_id = _ORDER_ID


class ExportedStatusChange(OrderStatusChangeDocument):
    """A status change of one of a customer's orders."""

    order_id = _ORDER_ID


ORDERS = PersonalTable(
    Order.__table__,
    _order.customer_id == PERSON_PARAMETER,
    _ORDER,
    shown=reads.every_order_by_customer.statement,
    order=(_order.created_at, _order.id),
    document=OrderDocument,
    scope=reads.SCOPE,
    derived={"email_key": Replacement.NULL, "email_domain_key": Replacement.NULL},
    keeps=frozenset({"shipping_method"}),
)
DRAFTS = PersonalTable(
    DraftOrder.__table__,
    _draft.customer_id == PERSON_PARAMETER,
    _PURCHASE,
    shown=reads.draft_by_id.statement,
    order=(_draft.created_at, _draft.id),
    document=DraftOrderDocument,
    scope=reads.SCOPE,
    keeps=frozenset({"shipping_method"}),
)
NOTES = PersonalTable(
    OrderNote.__table__,
    _note.order_id.in_(_THEIR_ORDERS),
    {"text": Replacement.TEXT},
    shown=reads.notes_by_order.statement,
    order=(_note.created_at, _note.id),
    document=ExportedNote,
    scope=reads.SCOPE,
)
HISTORY = PersonalTable(
    OrderStatusChange.__table__,
    _step.order_id.in_(_THEIR_ORDERS),
    {"note": Replacement.TEXT},
    shown=reads.history_by_order.statement,
    order=(_step.created_at, _step.id),
    document=ExportedStatusChange,
    scope=reads.SCOPE,
)
OBJECTS = PersonalObjects(_THEIR_ORDERS.order_by(_order.id), _ORDER, scope=reads.SCOPE)
_LINE = frozenset({"sku", "name", "attributes"})
"""Texts of lines that erasure keeps: they come from the catalog."""


async def _index_redacted(work: UnitOfWork, customer_id: str) -> None:
    await keep_number_words(work, customer_id)
    await follow_customer_names(work, customer_id)


PERSONAL_DATA = PersonalData(
    sections={
        "orders": PersonalSection(ORDERS, "The orders, oldest first. Requires `orders:read`."),
        "draft_orders": PersonalSection(DRAFTS, "The draft orders, oldest first. Requires `orders:read`."),
        "order_notes": PersonalSection(NOTES, "The notes on the orders, oldest first. Requires `orders:read`."),
        "order_history": PersonalSection(
            HISTORY, "The status changes of the orders, oldest first. Requires `orders:read`."
        ),
    },
    objects=OBJECTS,
    reads=(reads.every_order_by_customer, reads.items_by_order),
    retained={"order_item": _LINE, "draft_order_item": _LINE},
    after_redaction=_index_redacted,
)
"""Accounting data stays: amounts, lines, and the country and state that were taxed."""
