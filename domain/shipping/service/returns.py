"""Returns: requested, approved, received and closed, or rejected. ``order.updated`` tells of each step."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from domain import inventory, orders
from domain.inventory import ReturnedStock
from domain.kernel.errors import Conflict, ErrorCode, NotFound, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import OrderStatus
from domain.shipping.commands import (
    ApproveReturn,
    CloseReturn,
    CreateReturn,
    ReceiveReturn,
    RejectReturn,
    ReturnLineInput,
    ReturnReceiptInput,
)
from domain.shipping.model import OrderReturn, ReturnLine
from domain.shipping.ports import ShippingLinks
from domain.shipping.service.carrier_lookup import store_carriers
from domain.shipping.service.package_numbers import LabelPlan, label_plan_of
from domain.shipping.service.return_changes import (
    HANDED_OVER,
    LINES,
    RETURNED,
    RETURNED_REASON,
    RETURNS,
    ReturnChange,
    lock_return,
    quantities_of,
    write_history,
)
from domain.shipping.service.return_proposals import has_refund, propose_refunds, proposed_refund
from domain.shipping.service.shipment_plans import warehouse_address
from domain.shipping.states import ItemCondition, ReturnStatus


@use_case("shipping:write")
async def create_return(work: UnitOfWork, principal: Principal, command: CreateReturn) -> OrderReturn:
    """Request the return of lines that were shipped.

    Raises ValidationFailed (unknown order or line), Conflict (more than was shipped and is not returned yet).
    """
    try:
        order = await orders.lock_order(work, command.order_id, UNSET)
    except NotFound:
        raise ValidationFailed.of(("order_id",), ErrorCode.NOT_FOUND, "The order does not exist.") from None
    _require_known(order, command.items)
    await _require_left(work, order, command.items)
    found = await _new_return(work, order, command)
    RETURNS.append(work, found)
    LINES.append(work, *_new_lines(work, found, order, command.items))
    write_history(work, found, None, command.note)
    await order.announce(work, also=("returns",))
    return found


@use_case("shipping:write")
async def approve_return(work: UnitOfWork, principal: Principal, command: ApproveReturn) -> OrderReturn:
    """Approve a requested return, with a label for the way back if a carrier is given.

    Raises NotFound, Conflict (stale version, not requested, a live store without carrier and tracking number),
    ValidationFailed (unknown warehouse, carrier or service; a warehouse or order without address).
    """
    change = await lock_return(work, command.id, command.expected_version)
    change.move(work, ReturnStatus.APPROVED, command.note)
    change.found.warehouse_id = await inventory.find_warehouse(work, command.warehouse_id, ("warehouse_id",))
    if command.carrier or command.service:
        await _label(work, change, command, change.found.warehouse_id)
    await change.save(work)
    return change.found


@use_case("shipping:write")
async def reject_return(work: UnitOfWork, principal: Principal, command: RejectReturn) -> OrderReturn:
    """Reject a return that was not received.

    Raises NotFound, Conflict (stale version, received, closed or rejected already, or refunded).
    """
    change = await lock_return(work, command.id, command.expected_version)
    if await has_refund(work, change.found):
        raise Conflict("The return was refunded. Close it instead.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    change.move(work, ReturnStatus.REJECTED, command.note)
    change.found.label_url = None
    await change.save(work)
    await propose_refunds(work, change.found.order_id)
    return change.found


@use_case("shipping:write")
async def receive_return(work: UnitOfWork, principal: Principal, command: ReceiveReturn) -> OrderReturn:
    """Record that an approved return has arrived, and put its items back to stock.

    Raises NotFound, Conflict (stale version, not approved), ValidationFailed (a line that is not of the return, more
    restocked than returned, unknown warehouse).
    """
    change = await lock_return(work, command.id, command.expected_version)
    change.move(work, ReturnStatus.RECEIVED, command.note)
    change.found.received_at = work.now
    given = _received(change.lines, command.items)
    for line in change.lines:
        await _receive_line(work, change.found, line, *given.get(line.item_id, (0, None)))
    await _restock(work, change)
    await LINES.update_all(work, change.lines)
    await orders.count_returned(work, change.order, {line.item_id: line.quantity for line in change.lines})
    await change.save(work)
    return change.found


@use_case("shipping:write")
async def close_return(work: UnitOfWork, principal: Principal, command: CloseReturn) -> OrderReturn:
    """Close a return that is approved or was received. Raises NotFound, Conflict (stale version, otherwise)."""
    change = await lock_return(work, command.id, command.expected_version)
    change.move(work, ReturnStatus.CLOSED, command.note)
    await change.save(work)
    return change.found


def _require_known(order: orders.OrderChange, lines: Sequence[ReturnLineInput]) -> None:
    """Raises ValidationFailed for a line that is not of the order, or that is given twice."""
    known, seen = {item.id for item in order.order.items}, set()
    problems: list[Problem] = []
    for index, line in enumerate(lines):
        if line.id not in known:
            message = "The order has no line with this id."
            problems.append(Problem(("items", index, "id"), ErrorCode.NOT_FOUND, message))
        elif line.id in seen:
            message = "The line must be given only once."
            problems.append(Problem(("items", index, "id"), ErrorCode.DUPLICATE, message))
        seen.add(line.id)
    if problems:
        raise ValidationFailed(problems)


async def _require_left(work: UnitOfWork, order: orders.OrderChange, lines: Sequence[ReturnLineInput]) -> None:
    """Raises Conflict for more than was handed over and is in no other return."""
    returned = await quantities_of(work, RETURNED, order.order.id)
    if order.order.status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        shipped: Mapping[str, int] = {item.id: item.fulfilled for item in order.order.items}
    else:
        shipped = await quantities_of(work, HANDED_OVER, order.order.id)
    problems: list[Problem] = []
    for index, line in enumerate(lines):
        left = shipped.get(line.id, 0) - returned.get(line.id, 0)
        if line.quantity > left:
            message = f"At most {left} of this line can be returned: that is what was shipped and is not returned yet."
            problems.append(Problem(("items", index, "quantity"), ErrorCode.AMOUNT_EXCEEDED, message))
    if problems:
        raise Conflict.of(problems)


async def _new_return(work: UnitOfWork, order: orders.OrderChange, command: CreateReturn) -> OrderReturn:
    quantities = {line.id: line.quantity for line in command.items}
    return RETURNS.new(
        store_id=work.store.number,
        id=new_id("ret"),
        order_id=order.order.id,
        customer_id=order.order.customer_id,
        status=ReturnStatus.REQUESTED,
        note=command.note or None,
        currency=order.order.currency,
        refund_amount=await proposed_refund(work, order, quantities),
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )


def _new_lines(
    work: UnitOfWork, found: OrderReturn, order: orders.OrderChange, lines: Sequence[ReturnLineInput]
) -> list[ReturnLine]:
    items = {item.id: item for item in order.order.items}
    return [
        LINES.new(
            store_id=work.store.number,
            id=new_id("rline"),
            return_id=found.id,
            position=position,
            item_id=line.id,
            product_id=items[line.id].product_id,
            variant_id=items[line.id].variant_id,
            sku=items[line.id].sku,
            name=items[line.id].name,
            quantity=line.quantity,
            reason=line.reason,
            condition=line.condition or None,
            restocked=0,
        )
        for position, line in enumerate(lines)
    ]


async def _label(work: UnitOfWork, change: ReturnChange, command: ApproveReturn, warehouse_id: str) -> None:
    """Number the way back, and draw its label where the carrier has one.

    Raises ValidationFailed (only one of carrier and service, unknown ones, missing addresses), Conflict as
    ``label_plan_of``.
    """
    if not command.carrier or not command.service:
        missing = "service" if command.carrier else "carrier"
        raise ValidationFailed.of((missing,), ErrorCode.REQUIRED, "Carrier and service are given together.")
    known = await store_carriers(work.reader, work.store)
    carrier = known.choose(command.carrier, command.service)
    label_plan = label_plan_of(work, known, carrier, command.service, command.tracking_number, is_return=True)
    if label_plan.has_label:
        await warehouse_address(work, warehouse_id, "warehouse_id")
        if change.order.order.shipping_address is None and change.order.order.billing_address is None:
            raise ValidationFailed.of(("carrier",), ErrorCode.INVALID, "The order has no address for a label.")
    _number(work, change.found, label_plan)


def _number(work: UnitOfWork, found: OrderReturn, label_plan: LabelPlan) -> None:
    number = label_plan.numbers(1)[0]
    found.carrier, found.carrier_name = label_plan.carrier.code, label_plan.carrier.name
    found.service, found.service_name = label_plan.service, label_plan.carrier.services[label_plan.service]
    found.tracking_number, found.tracking_url = number, label_plan.tracking_url(number)
    found.label_url = work.dependency(ShippingLinks).label_of_return(found.id) if label_plan.has_label else None


def _received(
    lines: Sequence[ReturnLine], given: Sequence[ReturnReceiptInput]
) -> Mapping[str, tuple[int, ReturnReceiptInput]]:
    """What is said of lines, with its place in the command, by line. Raises ValidationFailed."""
    quantities = {line.item_id: line.quantity for line in lines}
    found: dict[str, tuple[int, ReturnReceiptInput]] = {}
    problems: list[Problem] = []
    for index, each in enumerate(given):
        if each.id not in quantities:
            message = "The return has no line with this id."
            problems.append(Problem(("items", index, "id"), ErrorCode.NOT_FOUND, message))
        elif each.id in found:
            message = "The line must be given only once."
            problems.append(Problem(("items", index, "id"), ErrorCode.DUPLICATE, message))
        elif each.restock is not UNSET and each.restock > quantities[each.id]:
            message = f"At most {quantities[each.id]} are returned."
            problems.append(Problem(("items", index, "restock"), ErrorCode.TOO_LARGE, message))
        found[each.id] = (index, each)
    if problems:
        raise ValidationFailed(problems)
    return found


async def _receive_line(
    work: UnitOfWork, found: OrderReturn, line: ReturnLine, index: int, given: ReturnReceiptInput | None
) -> None:
    """Set condition, restocked quantity and warehouse of a line. ``index``: of ``given`` in the command."""
    if given is not None and given.condition is not UNSET:
        line.condition = given.condition
    line.restocked = 0 if line.condition == ItemCondition.DAMAGED else line.quantity
    if given is not None and given.restock is not UNSET:
        line.restocked = given.restock
    line.warehouse_id = found.warehouse_id
    if given is not None and given.warehouse_id is not UNSET:
        line.warehouse_id = await inventory.find_warehouse(work, given.warehouse_id, ("items", index, "warehouse_id"))


async def _restock(work: UnitOfWork, change: ReturnChange) -> None:
    """Put the restocked quantities back to stock, and write to the lines what became of them.

    Variants that were removed meanwhile have no stock; units for a warehouse that is inactive by now go to the default
    one.
    """
    back = [line for line in change.lines if line.restocked and line.variant_id is not None]
    returned = [
        ReturnedStock(line.product_id, line.variant_id or "", line.restocked, line.warehouse_id) for line in back
    ]
    added = await inventory.restock(work, returned, reason=RETURNED_REASON, reference=change.found.id) if back else []
    remaining = deque(added)  # in the order of the lines, without those that were skipped
    known = {each.variant_id for each in added}
    for line in change.lines:
        if line in back and line.variant_id in known:
            line.warehouse_id = remaining.popleft().warehouse_id
        else:
            line.restocked, line.warehouse_id = 0, None
