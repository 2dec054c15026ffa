"""Changes of returns: lock, move, write, and let the order tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, bindparam, cast, func, select

from domain import orders
from domain.kernel.errors import NotFound
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.model import OrderReturn, ReturnLine, ReturnStatusChange, Shipment, ShipmentItem
from domain.shipping.states import ReturnStatus, require_return_transition

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
RETURNED = Statement(
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
HANDED_OVER = Statement(
    "handed_over_quantities",
    select(_item.item_id, cast(func.sum(_item.quantity), BigInteger).label("quantity"))
    .join_from(Shipment, ShipmentItem, (_item.store_id == _shipment.store_id) & (_item.shipment_id == _shipment.id))
    .where(
        _shipment.store_id == STORE,
        _shipment.order_id == bindparam("order_id", type_=KEY_TEXT),
        _shipment.shipped_at.is_not(None),
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


async def quantities_of(work: UnitOfWork, statement: Statement, order_id: str) -> Mapping[str, int]:
    """The quantities that a statement sums for the lines of an order, by line."""
    return {row.item_id: row.quantity for row in await statement.rows(work.reader, order_id=order_id)}
