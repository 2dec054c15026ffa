"""Drafts: orders being prepared, without stock and without events, until they are completed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import object_mapper, selectinload

from domain.kernel.errors import Conflict, ErrorCode, NotFound
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import reads
from domain.orders.commands import (
    CompleteDraftOrder,
    CreateDraftOrder,
    DeleteDraftOrder,
    OrderItemInput,
    UpdateDraftOrder,
)
from domain.orders.model import DraftOrder, DraftOrderItem, Order
from domain.orders.service.buyers import DEFAULTED_FIELDS, given_by, lock_buyer, note_own, own_of, put_buyer, resets
from domain.orders.service.draft_lines import replace_lines
from domain.orders.service.placement import new_item, new_order, place_order
from domain.orders.service.terms import (
    apply_settings,
    apply_tax,
    apply_terms,
    empty_purchase,
    find_lines,
    find_new_lines,
    new_line,
    reprice,
    store_settings,
)

_CARRIED = (
    "email",
    "discount_amount",
    "discount_rate",
    "payment_method",
    "shipping_method",
    "shipping_address",
    "billing_address",
    "metadata_",
    "tags",
)
"""What an order takes over from its draft as it is."""


@use_case("orders:write")
async def create_draft_order(work: UnitOfWork, principal: Principal, command: CreateDraftOrder) -> DraftOrder:
    """Prepare an order. Raises as ``create_order``, but for stock, which is not looked at."""
    given, settings = given_by(command), await store_settings(work)
    own = {f"own_{name}": name in given for name in DEFAULTED_FIELDS}
    draft = DraftOrder(store_id=work.store.number, id=new_id("dord"), order_id=None, **own, **empty_purchase(work))
    buyer = await lock_buyer(work, command.customer_id)
    apply_terms(draft, command, settings)
    put_buyer(draft, buyer, given)
    apply_tax(draft, settings)
    for position, (entry, sold) in enumerate(await find_new_lines(work, command.items)):
        draft.items.append(new_line(work, DraftOrderItem, entry, sold, position, draft_id=draft.id))
    reprice(draft)
    work.add(draft)
    await work.flush()
    return draft


@use_case("orders:write")
async def update_draft_order(work: UnitOfWork, principal: Principal, command: UpdateDraftOrder) -> DraftOrder:
    """Change an open draft; one that changes nothing leaves the version alone.

    Raises NotFound, Conflict (stale version, completed), and as ``create_draft_order``.
    """
    known = await _customer_of(work, command.id)
    wanted = known if command.customer_id is UNSET else command.customer_id
    follows = wanted != known or resets(command)
    buyer = await lock_buyer(work, wanted) if follows else None
    draft = await _open(work, command.id, command.expected_version, known)
    before, settings = _compared(draft), await store_settings(work)
    note_own(draft, command)
    apply_terms(draft, command, settings)
    if follows:
        put_buyer(draft, buyer, own_of(draft))
        apply_tax(draft, settings)
    if command.items is not UNSET:
        await replace_lines(work, draft, command.items)
    reprice(draft)
    if _compared(draft) != before:
        draft.version += 1
        draft.updated_at = work.now
    await work.flush()
    return draft


@use_case("orders:write")
async def delete_draft_order(work: UnitOfWork, principal: Principal, command: DeleteDraftOrder) -> DraftOrder:
    """Throw an open draft away; answers what it was. Raises NotFound, Conflict (stale version, completed)."""
    draft = await _open(work, command.id, command.expected_version, await _customer_of(work, command.id))
    await work.session.delete(draft)
    await work.flush()
    return draft


@use_case("orders:write")
async def complete_draft_order(work: UnitOfWork, principal: Principal, command: CompleteDraftOrder) -> Order:
    """Place the order that the draft prepared, with the settings, the catalog and the customer of now.

    Raises NotFound, Conflict (stale version, completed, the customer archived, not for sale, not enough in stock),
    ValidationFailed (the customer erased, a discount above the subtotal).
    """
    known = await _customer_of(work, command.id)
    buyer = await lock_buyer(work, known, ("id",))
    draft = await _open(work, command.id, command.expected_version, known)
    order = new_order(work)
    for name in _CARRIED:
        setattr(order, name, getattr(draft, name))
    put_buyer(order, buyer, own_of(draft))
    apply_settings(order, await store_settings(work))
    entries = [_entry(line) for line in draft.items]
    found = await find_lines(work, entries, [("items", index) for index in range(len(entries))])
    for position, (entry, sold) in enumerate(zip(entries, found, strict=True)):
        order.items.append(new_item(work, order, entry, sold, position))
    await place_order(work, order, ("id",))
    draft.order_id = order.id
    draft.version += 1
    draft.updated_at = work.now
    await work.flush()
    return order


async def _customer_of(work: UnitOfWork, id: str) -> str | None:
    """Whose the draft is, before it is locked: its customer is to be locked first. Raises NotFound."""
    row = await reads.draft_by_id.for_key(work.reader, id)
    if row is None:
        raise NotFound("draft order")
    customer_id: str | None = row.customer_id
    return customer_id


async def _open(work: UnitOfWork, id: str, version: int | Unset, customer_id: str | None) -> DraftOrder:
    """The draft, locked with its lines. ``customer_id``: whose it was just before.

    Raises NotFound, Conflict (stale version, completed, given to another customer meanwhile).
    """
    draft = await work.lock(
        DraftOrder,
        id,
        noun="draft order",
        version=None if version is UNSET else version,
        options=(selectinload(DraftOrder.items),),
    )
    if draft.customer_id is not None:
        work.note_person(draft.customer_id)
    if draft.order_id is not None:
        raise Conflict(
            f"The draft was already completed as order {draft.order_id}.", ErrorCode.ILLEGAL_TRANSITION, ("id",)
        )
    if draft.customer_id != customer_id:
        message = "The draft was assigned to another customer at the same time. Read it again and retry."
        raise Conflict(message, ErrorCode.VERSION_MISMATCH, ("id",))
    return draft


def _compared(draft: DraftOrder) -> list[dict[str, Any]]:
    """All that can change of a draft and its lines."""
    parts: list[DraftOrder | DraftOrderItem] = [draft, *draft.items]
    return [{each.key: getattr(part, each.key) for each in object_mapper(part).column_attrs} for part in parts]


def _entry(line: DraftOrderItem) -> OrderItemInput:
    """A line of a draft, asked for again: at its own price if it was given one. A removed variant is not for sale."""
    if line.variant_id is None:
        raise Conflict(
            f"{line.name} ({line.sku}) is no longer sold. Remove the line first.", ErrorCode.ILLEGAL_TRANSITION, ("id",)
        )
    price = Money(line.price, line.currency) if line.own_price else UNSET
    return OrderItemInput(variant_id=line.variant_id, quantity=line.quantity, price=price)
