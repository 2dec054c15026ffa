"""The use cases of draft orders, which reserve no stock and create no events until they are completed."""

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
from domain.orders.model.draft import DraftOrder, DraftOrderItem
from domain.orders.model.order import Order
from domain.orders.service.buyers import (
    DEFAULTED_FIELDS,
    lock_buyer,
    own_fields,
    provided_fields,
    record_own_fields,
    resets_fields,
    set_buyer,
)
from domain.orders.service.draft_lines import replace_lines
from domain.orders.service.placement import new_item, new_order, place_order
from domain.orders.service.terms import (
    apply_settings,
    apply_tax,
    apply_terms,
    empty_order_columns,
    find_lines,
    find_new_lines,
    new_line,
    reprice,
    store_settings,
)

_COPIED_FIELDS = (
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
"""Fields copied from a draft to its order."""


@use_case("orders:write")
async def create_draft_order(work: UnitOfWork, principal: Principal, command: CreateDraftOrder) -> DraftOrder:
    """Create a draft order. Raises as ``create_order``, except for stock, which is not checked."""
    provided, settings = provided_fields(command), await store_settings(work)
    own = {f"own_{name}": name in provided for name in DEFAULTED_FIELDS}
    draft = DraftOrder(store_id=work.store.number, id=new_id("dord"), order_id=None, **own, **empty_order_columns(work))
    buyer = await lock_buyer(work, command.customer_id)
    apply_terms(draft, command, settings)
    set_buyer(draft, buyer, provided)
    apply_tax(draft, settings)
    for position, (entry, sold) in enumerate(await find_new_lines(work, command.items)):
        draft.items.append(new_line(work, DraftOrderItem, entry, sold, position, draft_id=draft.id))
    reprice(draft)
    work.add(draft)
    await work.flush()
    return draft


@use_case("orders:write")
async def update_draft_order(work: UnitOfWork, principal: Principal, command: UpdateDraftOrder) -> DraftOrder:
    """Update an open draft. An update that changes nothing does not increase the version.

    Raises NotFound, Conflict (stale version, completed), and as ``create_draft_order``.
    """
    current_id = await _read_customer_id(work, command.id)
    customer_id = current_id if command.customer_id is UNSET else command.customer_id
    updates_buyer = customer_id != current_id or resets_fields(command)
    buyer = await lock_buyer(work, customer_id) if updates_buyer else None
    draft = await _lock_open_draft(work, command.id, command.expected_version, current_id)
    before, settings = _column_values(draft), await store_settings(work)
    record_own_fields(draft, command)
    apply_terms(draft, command, settings)
    if updates_buyer:
        set_buyer(draft, buyer, own_fields(draft))
        apply_tax(draft, settings)
    if command.items is not UNSET:
        await replace_lines(work, draft, command.items)
    reprice(draft)
    if _column_values(draft) != before:
        draft.version += 1
        draft.updated_at = work.now
    await work.flush()
    return draft


@use_case("orders:write")
async def delete_draft_order(work: UnitOfWork, principal: Principal, command: DeleteDraftOrder) -> DraftOrder:
    """Delete an open draft and return it. Raises NotFound, Conflict (stale version, completed)."""
    draft = await _lock_open_draft(
        work, command.id, command.expected_version, await _read_customer_id(work, command.id)
    )
    await work.session.delete(draft)
    await work.flush()
    return draft


@use_case("orders:write")
async def complete_draft_order(work: UnitOfWork, principal: Principal, command: CompleteDraftOrder) -> Order:
    """Create the order from a draft, with the current settings, catalog and customer.

    Raises NotFound, Conflict (stale version, completed, the customer archived, not for sale, not enough in stock),
    ValidationFailed (the customer erased, a discount above the subtotal).
    """
    current_id = await _read_customer_id(work, command.id)
    buyer = await lock_buyer(work, current_id, ("id",))
    draft = await _lock_open_draft(work, command.id, command.expected_version, current_id)
    order = new_order(work)
    for name in _COPIED_FIELDS:
        setattr(order, name, getattr(draft, name))
    set_buyer(order, buyer, own_fields(draft))
    apply_settings(order, await store_settings(work))
    entries = [_line_input(line) for line in draft.items]
    found = await find_lines(work, entries, [("items", index) for index in range(len(entries))])
    for position, (entry, sold) in enumerate(zip(entries, found, strict=True)):
        order.items.append(new_item(work, order, entry, sold, position))
    await place_order(work, order, ("id",))
    draft.order_id = order.id
    draft.version += 1
    draft.updated_at = work.now
    await work.flush()
    return order


async def _read_customer_id(work: UnitOfWork, id: str) -> str | None:
    """Read the customer of a draft before locking it: the customer is locked first. Raises NotFound."""
    row = await reads.draft_by_id.for_key(work.reader, id)
    if row is None:
        raise NotFound("draft order")
    customer_id: str | None = row.customer_id
    return customer_id


async def _lock_open_draft(work: UnitOfWork, id: str, version: int | Unset, customer_id: str | None) -> DraftOrder:
    """Lock an open draft with its lines. ``customer_id``: the customer read before locking.

    Raises NotFound, Conflict (stale version, completed, assigned to another customer since).
    """
    draft = await work.lock(
        DraftOrder,
        id,
        noun="draft order",
        version=version,
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


def _column_values(draft: DraftOrder) -> list[dict[str, Any]]:
    """Return the column values of a draft and its lines, to detect changes."""
    parts: list[DraftOrder | DraftOrderItem] = [draft, *draft.items]
    return [{each.key: getattr(part, each.key) for each in object_mapper(part).column_attrs} for part in parts]


def _line_input(line: DraftOrderItem) -> OrderItemInput:
    """Turn a draft line into a line input, with its own price if it has one. Raises Conflict for a removed variant."""
    if line.variant_id is None:
        raise Conflict(
            f"{line.name} ({line.sku}) is no longer sold. Remove the line first.", ErrorCode.ILLEGAL_TRANSITION, ("id",)
        )
    price = Money(line.price, line.currency) if line.own_price else UNSET
    return OrderItemInput(variant_id=line.variant_id, quantity=line.quantity, price=price)
