"""Purchase orders: created by hand or by alerts, received by hand, cancelled."""

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
    """Record what was ordered, one line for each variant.

    Raises ValidationFailed (an unknown product, variant, SKU or location, several variants and none named, a variant
    twice, too many in all), Conflict (the location is inactive).
    """
    namings = [
        catalog.ItemReference(("lines", index), line.product_id or None, line.variant_id or None, line.sku or None)
        for index, line in enumerate(command.lines)
    ]
    found = await catalog.find_past_sellable(work, namings)
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
    """Expect no more of an open order. Raises NotFound, Conflict (stale version; it is not open)."""
    version = None if command.expected_version is UNSET else command.expected_version
    order = await work.lock(PurchaseOrder, command.id, noun="purchase order", version=version)
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
    """Book what came, all that is outstanding unless less is said; once nothing is, the order is received.

    Raises NotFound, Conflict (stale version, not open, less outstanding, the variant was removed), ValidationFailed
    (quantity and lines, an unknown line, more than is kept of one product).
    """
    version = None if command.expected_version is UNSET else command.expected_version
    order = await work.lock(PurchaseOrder, command.id, noun="purchase order", version=version)
    _refuse_closed(order)
    lines = await _lines_of(work, order)
    came = _came(lines, command, tells=principal.has_scope("inventory:read"))
    stock = await lock_stock_of_variants(work, [(lines[variant].product_id, variant) for variant in came])
    why = MovementReason(RECEIVED_REASON, command.note or None, order.id)
    for variant_id, (quantity, path) in came.items():
        _refuse_removed(stock, variant_id, path)
        stock.book(
            stock.get_or_open_level(lines[variant_id].product_id, variant_id, order.warehouse_id), quantity, why, path
        )
        lines[variant_id].received += quantity
    await write_stock(stock)
    order.received += sum(quantity for quantity, _ in came.values())
    order.version += 1
    order.updated_at = work.now
    if order.received == order.quantity:
        order.status, order.received_at = PurchaseOrderStatus.RECEIVED, work.now
    await work.flush()
    return order


def _came(
    lines: Mapping[str, PurchaseOrderLine], command: ReceivePurchaseOrder, *, tells: bool
) -> dict[str, tuple[int, Path]]:
    """How much came of each variant, and where the command says it. Raises Conflict, ValidationFailed, which say how
    many are outstanding where ``tells``."""
    outstanding = {variant: line.quantity - line.received for variant, line in lines.items()}
    if command.lines is not UNSET:
        return _came_of_lines(outstanding, command, tells=tells)
    if command.quantity is UNSET:
        return {variant: (left, ("id",)) for variant, left in outstanding.items() if left}
    if len(lines) > 1:
        message = "The purchase order has several lines. Give the received quantity of each in `lines`."
        raise ValidationFailed.of(("lines",), ErrorCode.REQUIRED, message)
    ((variant, left),) = outstanding.items()
    _refuse_more(command.quantity, left, ("quantity",), tells=tells)
    return {variant: (command.quantity, ("quantity",))}


def _came_of_lines(
    outstanding: Mapping[str, int], command: ReceivePurchaseOrder, *, tells: bool
) -> dict[str, tuple[int, Path]]:
    given = () if command.lines is UNSET else command.lines
    if command.quantity is not UNSET:
        raise ValidationFailed.of(("quantity",), ErrorCode.INVALID, "Give either `quantity` or `lines`, not both.")
    unknown = [index for index, line in enumerate(given) if line.variant_id not in outstanding]
    if unknown:
        message = "The purchase order has no line for this variant."
        raise ValidationFailed(
            Problem(("lines", index, "variant_id"), ErrorCode.NOT_FOUND, message) for index in unknown
        )
    _refuse_repeats([line.variant_id for line in given])
    for index, line in enumerate(given):
        _refuse_more(line.quantity, outstanding[line.variant_id], ("lines", index, "quantity"), tells=tells)
    return {line.variant_id: (line.quantity, ("lines", index, "quantity")) for index, line in enumerate(given)}


def _refuse_removed(stock: LockedStock, variant_id: str, path: Path) -> None:
    if variant_id not in stock.variants:
        message = (
            "A variant of the purchase order was removed. Receive the other lines by `lines`, or cancel the order."
        )
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)


async def _lines_of(work: UnitOfWork, order: PurchaseOrder) -> dict[str, PurchaseOrderLine]:
    """The lines of an order that is locked, by variant, in their order."""
    line = PurchaseOrderLine
    statement = select(line).where(line.store_id == work.store.number, line.order_id == order.id)
    fresh = statement.order_by(line.position).execution_options(populate_existing=True)
    return {each.variant_id: each for each in (await work.session.scalars(fresh)).all()}


def _refuse_closed(order: PurchaseOrder) -> None:
    if order.status != PurchaseOrderStatus.OPEN:
        message = f"The purchase order is {order.status}: no units are outstanding."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))


def _refuse_more(quantity: int, outstanding: int, path: Path, *, tells: bool) -> None:
    if quantity > outstanding:
        units = f"Only {outstanding} units" if tells else "Fewer units"
        message = f"{units} are outstanding on this purchase order."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)


def _refuse_repeats(variants: Sequence[str]) -> None:
    for index, variant in enumerate(variants):
        if variant in variants[:index]:
            raise ValidationFailed.of(("lines", index), ErrorCode.DUPLICATE, "The variant occurs twice in the request.")
