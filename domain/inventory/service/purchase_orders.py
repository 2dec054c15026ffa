"""Use cases of purchase orders: create, cancel, receive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from domain import catalog
from domain.inventory.commands import CancelPurchaseOrder, CreatePurchaseOrder, ReceivePurchaseOrder
from domain.inventory.model import PurchaseOrder, PurchaseOrderLine, PurchaseOrderStatus
from domain.inventory.service.locked_stock import MAX_ON_HAND, LockedStock, MovementReason, lock_stock_of_variants
from domain.inventory.service.purchase_records import OrderedLine, record_purchase
from domain.inventory.service.stock_writes import write_stock
from domain.inventory.service.warehouse_lookup import find_warehouse
from domain.kernel.errors import Conflict, ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

RECEIVED_REASON = "received"


@use_case("inventory:write")
async def create_purchase_order(work: UnitOfWork, principal: Principal, command: CreatePurchaseOrder) -> PurchaseOrder:
    """Create a purchase order, one line per variant.

    Raises ValidationFailed (an unknown product, variant, SKU or location, several variants and none specified, a
    duplicate variant, too many units in total), Conflict (the location is inactive).
    """
    references = [
        catalog.ItemReference(("lines", index), line.product_id or None, line.variant_id or None, line.sku or None)
        for index, line in enumerate(command.lines)
    ]
    found = await catalog.find_past_sellable(work, references)
    lines = [
        OrderedLine(each.product_id, each.variant_id, line.quantity)
        for each, line in zip(found, command.lines, strict=True)
    ]
    _refuse_repeats([line.variant_id for line in lines])
    if sum(line.quantity for line in lines) > MAX_ON_HAND:
        message = f"Must have at most {MAX_ON_HAND:,} units over all lines."
        raise ValidationFailed.of(("lines",), ErrorCode.TOO_LARGE, message)
    warehouse = await find_warehouse(work, command.location, ("location",))
    id = await record_purchase(work, lines, warehouse, note=command.note or None)
    return await work.lock(PurchaseOrder, id, noun="purchase order")


@use_case("inventory:write")
async def cancel_purchase_order(work: UnitOfWork, principal: Principal, command: CancelPurchaseOrder) -> PurchaseOrder:
    """Cancel an open purchase order. Raises NotFound, Conflict (stale version, not open)."""
    order = await work.lock(PurchaseOrder, command.id, noun="purchase order", version=command.expected_version)
    _refuse_closed(order)
    order.status, order.cancelled_at = PurchaseOrderStatus.CANCELLED, work.now
    order.version += 1
    order.updated_at = work.now
    await work.flush()
    return order


@use_case("inventory:write")
async def receive_purchase_order(
    work: UnitOfWork, principal: Principal, command: ReceivePurchaseOrder
) -> PurchaseOrder:
    """Book received units, by default all outstanding ones. Without outstanding units the order is received.

    Raises NotFound, Conflict (stale version, not open, fewer outstanding, the variant was removed), ValidationFailed
    (quantity and lines, an unknown line, more than the maximum of one product).
    """
    order = await work.lock(PurchaseOrder, command.id, noun="purchase order", version=command.expected_version)
    _refuse_closed(order)
    lines = await _lines_of(work, order)
    received = _received(lines, command, with_counts=principal.has_scope("inventory:read"))
    stock = await lock_stock_of_variants(work, [(lines[variant].product_id, variant) for variant in received])
    why = MovementReason(RECEIVED_REASON, command.note or None, order.id)
    for variant_id, (quantity, path) in received.items():
        _refuse_removed(stock, variant_id, path)
        stock.book(
            stock.get_or_open_level(lines[variant_id].product_id, variant_id, order.warehouse_id), quantity, why, path
        )
        lines[variant_id].received += quantity
    await write_stock(stock)
    order.received += sum(quantity for quantity, _ in received.values())
    order.version += 1
    order.updated_at = work.now
    if order.received == order.quantity:
        order.status, order.received_at = PurchaseOrderStatus.RECEIVED, work.now
    await work.flush()
    return order


def _received(
    lines: Mapping[str, PurchaseOrderLine], command: ReceivePurchaseOrder, *, with_counts: bool
) -> dict[str, tuple[int, Path]]:
    """Return the received quantity of each variant with its path in the command.

    Raises Conflict, ValidationFailed; with ``with_counts`` they contain the outstanding quantity.
    """
    outstanding = {variant: line.quantity - line.received for variant, line in lines.items()}
    if command.lines is not UNSET:
        return _received_by_line(outstanding, command, with_counts=with_counts)
    if command.quantity is UNSET:
        return {variant: (left, ("id",)) for variant, left in outstanding.items() if left}
    if len(lines) > 1:
        message = "The purchase order has several lines. Give the received quantity of each in `lines`."
        raise ValidationFailed.of(("lines",), ErrorCode.REQUIRED, message)
    ((variant, left),) = outstanding.items()
    _refuse_more(command.quantity, left, ("quantity",), with_counts=with_counts)
    return {variant: (command.quantity, ("quantity",))}


def _received_by_line(
    outstanding: Mapping[str, int], command: ReceivePurchaseOrder, *, with_counts: bool
) -> dict[str, tuple[int, Path]]:
    inputs = () if command.lines is UNSET else command.lines
    if command.quantity is not UNSET:
        raise ValidationFailed.of(("quantity",), ErrorCode.INVALID, "Give either `quantity` or `lines`, not both.")
    unknown = [index for index, line in enumerate(inputs) if line.variant_id not in outstanding]
    if unknown:
        message = "The purchase order has no line for this variant."
        raise ValidationFailed(
            Problem(("lines", index, "variant_id"), ErrorCode.NOT_FOUND, message) for index in unknown
        )
    _refuse_repeats([line.variant_id for line in inputs])
    for index, line in enumerate(inputs):
        _refuse_more(line.quantity, outstanding[line.variant_id], ("lines", index, "quantity"), with_counts=with_counts)
    return {line.variant_id: (line.quantity, ("lines", index, "quantity")) for index, line in enumerate(inputs)}


def _refuse_removed(stock: LockedStock, variant_id: str, path: Path) -> None:
    if variant_id not in stock.variants:
        message = (
            "A variant of the purchase order was removed. Receive the other lines by `lines`, or cancel the order."
        )
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)


async def _lines_of(work: UnitOfWork, order: PurchaseOrder) -> dict[str, PurchaseOrderLine]:
    """Return the lines of a locked order by variant, in order."""
    line = PurchaseOrderLine
    statement = select(line).where(line.store_id == work.store.number, line.order_id == order.id)
    fresh = statement.order_by(line.position).execution_options(populate_existing=True)
    return {each.variant_id: each for each in (await work.session.scalars(fresh)).all()}


def _refuse_closed(order: PurchaseOrder) -> None:
    if order.status != PurchaseOrderStatus.OPEN:
        message = f"The purchase order is {order.status}: no units are outstanding."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))


def _refuse_more(quantity: int, outstanding: int, path: Path, *, with_counts: bool) -> None:
    if quantity > outstanding:
        units = f"Only {outstanding} units" if with_counts else "Fewer units"
        message = f"{units} are outstanding on this purchase order."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)


def _refuse_repeats(variants: Sequence[str]) -> None:
    for index, variant in enumerate(variants):
        if variant in variants[:index]:
            raise ValidationFailed.of(("lines", index), ErrorCode.DUPLICATE, "The variant occurs twice in the request.")
