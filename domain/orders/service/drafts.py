"""Drafts: orders being prepared, without stock and without events, until they are completed."""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases import use_case
from domain.kernel.work import Work
from domain.orders.commands import (
    CompleteDraftOrder,
    CreateDraftOrder,
    DeleteDraftOrder,
    OrderItemInput,
    UpdateDraftOrder,
)
from domain.orders.model import DraftOrder, DraftOrderItem, Order
from domain.orders.service.placing import new_item, new_order, place
from domain.orders.service.terms import (
    apply_buyer,
    apply_settings,
    apply_terms,
    find_lines,
    new_line,
    nothing,
    reprice,
    settings_of,
)

_CARRIED = (
    "customer_id",
    "email",
    "discount_amount",
    "discount_rate",
    "payment_method",
    "shipping_method",
    "shipping_address",
    "billing_address",
    "metadata_",
)
"""What an order takes over from its draft as it is."""


@use_case("orders:write")
async def create_draft_order(work: Work, principal: Principal, command: CreateDraftOrder) -> DraftOrder:
    """Prepare an order. Raises as ``create_order``, but for stock, which is not looked at."""
    draft = DraftOrder(store_id=work.store.number, id=new_id("dord"), order_id=None, **nothing(work))
    await apply_buyer(work, draft, command.customer_id)
    apply_terms(work, draft, command, await settings_of(work))
    await _fill(work, draft, command.items)
    reprice(draft)
    work.add(draft)
    await work.flush()
    return draft


@use_case("orders:write")
async def update_draft_order(work: Work, principal: Principal, command: UpdateDraftOrder) -> DraftOrder:
    """Change an open draft. Raises NotFound, Conflict (stale version, completed), and as ``create_draft_order``."""
    draft = await _open(work, command.id, command.expected_version)
    await apply_buyer(work, draft, command.customer_id)
    apply_terms(work, draft, command, await settings_of(work))
    if command.items is not UNSET:
        draft.items.clear()
        await work.flush()
        await _fill(work, draft, command.items)
    reprice(draft, discount_checked=command.discount is not UNSET)
    draft.version += 1
    draft.updated_at = work.now
    await work.flush()
    return draft


@use_case("orders:write")
async def delete_draft_order(work: Work, principal: Principal, command: DeleteDraftOrder) -> DraftOrder:
    """Throw an open draft away; answers what it was. Raises NotFound, Conflict (stale version, completed)."""
    draft = await _open(work, command.id, command.expected_version)
    await work.session.delete(draft)
    await work.flush()
    return draft


@use_case("orders:write")
async def complete_draft_order(work: Work, principal: Principal, command: CompleteDraftOrder) -> Order:
    """Place the order that the draft prepared, with the settings and the catalog of now.

    Raises NotFound, Conflict (stale version, completed, not for sale, not enough in stock), ValidationFailed.
    """
    draft = await _open(work, command.id, command.expected_version)
    order = new_order(work)
    for name in _CARRIED:
        setattr(order, name, getattr(draft, name))
    apply_settings(order, await settings_of(work))
    entries = [_entry(line) for line in draft.items]
    for position, (entry, sold) in enumerate(await find_lines(work, entries)):
        order.items.append(new_item(work, order, entry, sold, position))
    await place(work, order)
    draft.order_id = order.id
    draft.version += 1
    draft.updated_at = work.now
    await work.flush()
    return order


async def _open(work: Work, id: str, version: int | Unset) -> DraftOrder:
    """The draft, locked with its lines. Raises NotFound, Conflict (stale version, completed)."""
    draft = await work.lock(
        DraftOrder,
        id,
        noun="draft order",
        version=None if version is UNSET else version,
        options=(selectinload(DraftOrder.items),),
    )
    if draft.customer_id is not None:
        work.concerns(draft.customer_id)
    if draft.order_id is not None:
        raise Conflict(f"The draft has become the order {draft.order_id}.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    return draft


async def _fill(work: Work, draft: DraftOrder, items: tuple[OrderItemInput, ...]) -> None:
    for position, (entry, sold) in enumerate(await find_lines(work, items)):
        draft.items.append(new_line(work, DraftOrderItem, entry, sold, position, draft_id=draft.id))


def _entry(line: DraftOrderItem) -> OrderItemInput:
    """A line of a draft, asked for again: at its own price if it was given one. A removed variant is not for sale."""
    if line.variant_id is None:
        raise Conflict(f"{line.name} ({line.sku}) is not sold any more.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    price = Money(line.price, line.currency) if line.own_price else UNSET
    return OrderItemInput(variant_id=line.variant_id, quantity=line.quantity, price=price)
