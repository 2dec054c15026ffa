"""What orders keep of a person who asked to be forgotten: the books, and nothing of who it was."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from domain.kernel.redaction import redact_events
from domain.kernel.work import Work
from domain.orders.model import DraftOrder, Order, OrderNote, OrderStatusChange, Place
from domain.orders.service.derived import follow_customer_names, index_words

ERASED = "(erased)"
"""Stands where a text must stand."""


async def redact_customer(work: Work, customer_id: str) -> None:
    """Take a customer's name, addresses and e-mail out of their orders, drafts, notes and events.

    What the books need stays: amounts, lines, and the country and state that were taxed.
    """
    statement = (
        select(Order)
        .where(Order.store_id == work.store.number, Order.customer_id == customer_id)
        .order_by(Order.id)
        .with_for_update(of=Order, key_share=True)
    )
    orders = (await work.session.scalars(statement)).all()
    drafts = await work.session.scalars(
        select(DraftOrder).where(DraftOrder.store_id == work.store.number, DraftOrder.customer_id == customer_id)
    )
    for purchase in (*orders, *drafts):
        purchase.email = None
        purchase.shipping_address = _nobody(purchase.shipping_address)
        purchase.billing_address = _nobody(purchase.billing_address)
        purchase.metadata_ = {}
    ids = [order.id for order in orders]
    await work.flush()
    await index_words(work, orders)
    await follow_customer_names(work, customer_id)
    await _blank(work, OrderNote, OrderNote.text, ids)
    await _blank(work, OrderStatusChange, OrderStatusChange.note, ids)
    for order in orders:
        await redact_events(
            work,
            order.id,
            {
                "email": None,
                "shipping_address": order.shipping_address,
                "billing_address": order.billing_address,
                "metadata": {},
            },
        )


def _nobody(place: Place | None) -> Place | None:
    """The same country and state, and nobody in it."""
    if place is None:
        return None
    kept = {name: place[name] for name in ("country", "state")}
    return {**dict.fromkeys(place), "line1": ERASED, "city": ERASED, **kept}


async def _blank(work: Work, table: Any, column: InstrumentedAttribute[Any], ids: list[str]) -> None:
    """What people wrote may name anybody."""
    written = (table.store_id == work.store.number, table.order_id.in_(ids), column.is_not(None))
    await work.session.execute(update(table).where(*written).values({column: ERASED}))
