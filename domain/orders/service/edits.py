"""The use cases that edit orders and add notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain import inventory
from domain.kernel.errors import Conflict, ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import MAX_ITEMS, AddOrderNote, EditOrder, ItemQuantity, UpdateOrder
from domain.orders.model.order import Order, OrderItem, OrderNote
from domain.orders.service.changes import ITEMS, lock_order, write_lines
from domain.orders.service.placement import StockDemand, destination_of, new_item, reservation_requests
from domain.orders.service.terms import apply_details, apply_terms, find_new_lines, reprice, store_settings
from domain.orders.states import OrderStatus


@use_case("orders:write")
async def edit_order(work: UnitOfWork, principal: Principal, command: EditOrder) -> Order:
    """Edit a pending order and adjust stock and totals.

    Raises NotFound, Conflict (stale version, no longer pending, not for sale, not enough in stock), ValidationFailed
    (unknown line, last line removed, and as ``create_order``).
    """
    change = await lock_order(work, command.id, command.expected_version)
    order = change.order
    if order.status != OrderStatus.PENDING:
        message = f"The order is {order.status}. Only pending orders can be edited."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    apply_terms(order, command, await store_settings(work))
    products = {item.product_id for item in order.items}
    released = _remove(order, command.remove_items)
    more, less = _set_quantities(order, command.set_quantities, command.remove_items)
    more += await _add(work, order, command)
    reprice(order)
    order.units = sum(item.quantity for item in order.items)
    await write_lines(work, order, change.items)
    if released or less or more:
        products |= {item.product_id for item in order.items}
        await inventory.reallocate(
            work, products, {**released, **less}, reservation_requests(more), destination_of(order)
        )
    await change.announce(work)
    return order


@use_case("orders:write")
async def update_order(work: UnitOfWork, principal: Principal, command: UpdateOrder) -> Order:
    """Update e-mail address, addresses, metadata and tags of an order that has not been shipped.

    Raises NotFound, Conflict (stale version; shipped, delivered or cancelled), ValidationFailed.
    """
    change = await lock_order(work, command.id, command.expected_version)
    order = change.order
    if order.status not in (OrderStatus.PENDING, OrderStatus.PROCESSING):
        message = f"The order is {order.status}. Only pending and processing orders can be updated."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    apply_details(order, command, await store_settings(work))
    reprice(order, ("id",))
    await ITEMS.update_all(work, order.items)
    await change.announce(work)
    return order


@use_case("orders:write")
async def add_order_note(work: UnitOfWork, principal: Principal, command: AddOrderNote) -> OrderNote:
    """Add a note to an order of any status. Raises NotFound, Conflict (stale version)."""
    change = await lock_order(work, command.order_id, command.expected_version)
    note = OrderNote(
        store_id=work.store.number,
        id=new_id("note"),
        order_id=command.order_id,
        text=command.text,
        actor=work.origin.actor,
        created_at=work.now,
    )
    work.add(note)
    await change.announce(work, also=("notes",))
    return note


def _remove(order: Order, ids: Sequence[str]) -> dict[str, None]:
    """Remove lines; returns the lines whose stock is released. One line must remain or be added."""
    items = _by_id(order, [(id, ("remove_items", index)) for index, id in enumerate(ids)])
    for index, item in enumerate(items.values()):
        _require_refunded(item, 0, ("remove_items", index))
        order.items.remove(item)
    return dict.fromkeys(items)


def _set_quantities(
    order: Order, quantities: Sequence[ItemQuantity], removed: Sequence[str]
) -> tuple[StockDemand, dict[str, int | None]]:
    """Change the quantities of lines; returns the stock to reserve and the stock to release."""
    paths: list[tuple[str, Path]] = [
        (entry.id, ("set_quantities", index, "id")) for index, entry in enumerate(quantities)
    ]
    items = _by_id(order, paths)
    more: StockDemand = []
    less: dict[str, int | None] = {}
    for index, entry in enumerate(quantities):
        item = items[entry.id]
        _require_refunded(item, entry.quantity, ("set_quantities", index, "quantity"))
        change, item.quantity = entry.quantity - item.quantity, entry.quantity
        if change > 0:
            more.append((item, change, ("set_quantities", index, "quantity")))
        elif change < 0:
            less[item.id] = -change
    return more, less


async def _add(work: UnitOfWork, order: Order, command: EditOrder) -> StockDemand:
    """Append lines; returns the stock to reserve. Raises ValidationFailed if none or too many result."""
    count = len(order.items) + len(command.add_items)
    if count == 0:
        raise ValidationFailed.of(
            ("remove_items",), ErrorCode.TOO_SHORT, "An order needs at least one line. Cancel the order instead."
        )
    if count > MAX_ITEMS:
        raise ValidationFailed.of(("add_items",), ErrorCode.TOO_LONG, f"An order can have at most {MAX_ITEMS} lines.")
    demand: StockDemand = []
    position = max((item.position for item in order.items), default=-1)
    for index, (entry, sold) in enumerate(await find_new_lines(work, command.add_items, ("add_items",))):
        item = new_item(work, order, entry, sold, position + 1 + index)
        order.items.append(item)
        demand.append((item, item.quantity, ("add_items", index, "quantity")))
    return demand


def _require_refunded(item: OrderItem, quantity: int, path: Path) -> None:
    """Raises Conflict for a quantity below what was refunded of a line."""
    if quantity < item.refunded:
        message = f"{item.refunded} of this line were refunded: it must stay, with at least this quantity."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)


def _by_id(order: Order, ids: Sequence[tuple[str, Path]]) -> Mapping[str, OrderItem]:
    """Return the order's lines with these ids. Raises ValidationFailed for an unknown id, or one that occurs twice."""
    known = {item.id: item for item in order.items}
    found: dict[str, OrderItem] = {}
    problems: list[Problem] = []
    for id, path in ids:
        if id not in known:
            problems.append(Problem(path, ErrorCode.NOT_FOUND, "The order has no line with this id."))
        elif id in found:
            problems.append(Problem(path, ErrorCode.DUPLICATE, "The line must be given only once."))
        else:
            found[id] = known[id]
    if problems:
        raise ValidationFailed(problems)
    return found
