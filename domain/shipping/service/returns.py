"""Returns: requested, approved, received and closed, or rejected. ``order.updated`` tells of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, bindparam, cast, func, select

from domain import inventory, orders
from domain.inventory import ReturnedStock
from domain.kernel.errors import Conflict, ErrorCode, NotFound, Problem, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import OrderStatus
from domain.shipping.commands import (
    ApproveReturn,
    CloseReturn,
    CreateReturn,
    ReceivedLineInput,
    ReceiveReturn,
    RejectReturn,
    ReturnLineInput,
)
from domain.shipping.model import OrderReturn, ReturnLine, ReturnStatusChange, Shipment, ShipmentItem
from domain.shipping.ports import ShippingLinks
from domain.shipping.service.carrier_lookup import store_carriers
from domain.shipping.service.labelling import Labelling, labelling_of
from domain.shipping.service.shipments import warehouse_address
from domain.shipping.states import IN_CARRIERS_HANDS, ItemCondition, ReturnStatus, require_return_transition

RETURNED_REASON = "returned"
"""The reason of the stock movements of returns."""
RETURNS, LINES = Records(OrderReturn), Records(ReturnLine)
_INSERT_CHANGES = RowStatement.insert_into(ReturnStatusChange)

_return = OrderReturn.__table__.c
_line = ReturnLine.__table__.c
_shipment = Shipment.__table__.c
_item = ShipmentItem.__table__.c
_ORDER_OF = Statement(
    "order_of_return",
    select(_return.order_id).where(_return.store_id == STORE, _return.id == bindparam("id", type_=KEY_TEXT)),
)
_RETURNED = Statement(
    "returned_quantities",
    select(_line.item_id, cast(func.sum(_line.quantity), BigInteger).label("quantity"))
    .join_from(OrderReturn, ReturnLine, (_line.store_id == _return.store_id) & (_line.return_id == _return.id))
    .where(
        _return.store_id == STORE,
        _return.order_id == bindparam("order_id", type_=KEY_TEXT),
        _return.status != ReturnStatus.REJECTED,
    )
    .group_by(_line.item_id),
)
"""The quantities of lines of an order that its returns have, but for rejected ones."""
_HANDED_OVER = Statement(
    "handed_over_quantities",
    select(_item.item_id, cast(func.sum(_item.quantity), BigInteger).label("quantity"))
    .join_from(Shipment, ShipmentItem, (_item.store_id == _shipment.store_id) & (_item.shipment_id == _shipment.id))
    .where(
        _shipment.store_id == STORE,
        _shipment.order_id == bindparam("order_id", type_=KEY_TEXT),
        _shipment.status.in_(sorted(IN_CARRIERS_HANDS)),
    )
    .group_by(_item.item_id),
)
"""The quantities of lines of an order that carriers have, or have delivered."""


class ReturnChange:
    """A locked return with its lines, and its locked order."""

    def __init__(self, found: OrderReturn, lines: Sequence[ReturnLine], order: orders.OrderChange) -> None:
        self.found = found
        self.lines = lines
        self.order = order

    def move(self, work: UnitOfWork, status: ReturnStatus, note: str | Unset | None) -> None:
        """Change the status, with its entry in the history. Raises Conflict if the transition is not allowed."""
        previous = self.found.status
        require_return_transition(previous, status)
        self.found.status = status
        if status in (ReturnStatus.CLOSED, ReturnStatus.REJECTED):
            self.found.closed_at = work.now
        write_history(work, self.found, previous, note)

    async def save(self, work: UnitOfWork) -> None:
        """Increase the version, write the return, and let its order tell of it."""
        self.found.version += 1
        self.found.updated_at = work.now
        await RETURNS.update(work, self.found)
        await self.order.announce(work, also=("returns",))


def write_history(
    work: UnitOfWork, found: OrderReturn, previous: ReturnStatus | None, note: str | Unset | None
) -> None:
    """Add a status change to the history of a return."""
    row = {
        "store_id": work.store.number,
        "id": new_id("rstep"),
        "return_id": found.id,
        "from_status": previous,
        "status": found.status,
        "note": note or None,
        "actor": work.origin.actor,
        "created_at": work.now,
    }
    work.append(_INSERT_CHANGES, row)


async def lock_return(work: UnitOfWork, id: str, version: int | Unset = UNSET) -> ReturnChange:
    """Lock a return with its order. Raises NotFound, Conflict (stale version)."""
    rows = await _ORDER_OF.rows(work.reader, id=id)
    if not rows:
        raise NotFound("return")
    order = await orders.lock_order(work, rows[0].order_id, UNSET)
    found = await RETURNS.lock(work, id, noun="return", version=version)
    lines = await LINES.by_column(work, "return_id", id, "position")
    return ReturnChange(found, lines, order)


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
    found = _new_return(work, order, command)
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
    if change.found.refund_id is not None:
        raise Conflict("The return was refunded. Close it instead.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    change.move(work, ReturnStatus.REJECTED, command.note)
    change.found.label_url = None
    await change.save(work)
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
        await _receive_line(work, change.found, line, given.get(line.item_id))
    await LINES.update_all(work, change.lines)
    await _restock(work, change)
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
    returned = await _quantities(work, _RETURNED, order.order.id)
    if order.order.status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        shipped: Mapping[str, int] = {item.id: item.fulfilled for item in order.order.items}
    else:
        shipped = await _quantities(work, _HANDED_OVER, order.order.id)
    problems: list[Problem] = []
    for index, line in enumerate(lines):
        left = shipped.get(line.id, 0) - returned.get(line.id, 0)
        if line.quantity > left:
            message = f"At most {left} of this line can be returned: that is what was shipped and is not returned yet."
            problems.append(Problem(("items", index, "quantity"), ErrorCode.AMOUNT_EXCEEDED, message))
    if problems:
        raise Conflict.of(problems)


async def _quantities(work: UnitOfWork, statement: Statement, order_id: str) -> Mapping[str, int]:
    return {row.item_id: row.quantity for row in await statement.rows(work.reader, order_id=order_id)}


def _new_return(work: UnitOfWork, order: orders.OrderChange, command: CreateReturn) -> OrderReturn:
    quantities = {line.id: line.quantity for line in command.items}
    return RETURNS.new(
        store_id=work.store.number,
        id=new_id("ret"),
        order_id=order.order.id,
        customer_id=order.order.customer_id,
        status=ReturnStatus.REQUESTED,
        note=command.note or None,
        currency=order.order.currency,
        refund_amount=orders.cost_of_lines(order.order.items, quantities),
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
    ``labelling_of``.
    """
    if not command.carrier or not command.service:
        missing = "service" if command.carrier else "carrier"
        raise ValidationFailed.of((missing,), ErrorCode.REQUIRED, "Carrier and service are given together.")
    known = await store_carriers(work.reader, work.store)
    carrier = known.choose(command.carrier, command.service)
    labelling = labelling_of(work, known, carrier, command.service, command.tracking_number)
    if labelling.has_label:
        await warehouse_address(work, warehouse_id, "warehouse_id")
        if change.order.order.shipping_address is None and change.order.order.billing_address is None:
            raise ValidationFailed.of(("carrier",), ErrorCode.INVALID, "The order has no address for a label.")
    _number(work, change.found, labelling)


def _number(work: UnitOfWork, found: OrderReturn, labelling: Labelling) -> None:
    number = labelling.numbers(1)[0]
    found.carrier, found.carrier_name = labelling.carrier.code, labelling.carrier.name
    found.service, found.service_name = labelling.service, labelling.carrier.services[labelling.service]
    found.tracking_number, found.tracking_url = number, labelling.tracking_url(number)
    found.label_url = work.dependency(ShippingLinks).label_of_return(found.id) if labelling.has_label else None


def _received(lines: Sequence[ReturnLine], given: Sequence[ReceivedLineInput]) -> Mapping[str, ReceivedLineInput]:
    """What is said of lines, by line. Raises ValidationFailed."""
    quantities = {line.item_id: line.quantity for line in lines}
    found: dict[str, ReceivedLineInput] = {}
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
        found[each.id] = each
    if problems:
        raise ValidationFailed(problems)
    return found


async def _receive_line(
    work: UnitOfWork, found: OrderReturn, line: ReturnLine, given: ReceivedLineInput | None
) -> None:
    """Set condition, restocked quantity and warehouse of a line."""
    if given is not None and given.condition is not UNSET:
        line.condition = given.condition
    line.restocked = 0 if line.condition == ItemCondition.DAMAGED else line.quantity
    if given is not None and given.restock is not UNSET:
        line.restocked = given.restock
    line.warehouse_id = found.warehouse_id
    if given is not None and given.warehouse_id is not UNSET:
        line.warehouse_id = await inventory.find_warehouse(
            work, given.warehouse_id, ("items", line.position, "warehouse_id")
        )


async def _restock(work: UnitOfWork, change: ReturnChange) -> None:
    """Put the restocked quantities back to stock. Variants that were removed meanwhile stay away."""
    back = [
        ReturnedStock(line.product_id, line.variant_id, line.restocked, line.warehouse_id)
        for line in change.lines
        if line.restocked and line.variant_id is not None
    ]
    if back:
        await inventory.restock(work, back, reason=RETURNED_REASON, reference=change.found.id)
