"""The refunds that open returns propose: together with what is refunded already, they add up to the price of a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, or_, select

from domain import orders, payments
from domain.kernel.fields import UNSET
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments import RefundStatus
from domain.shipping.model import OrderReturn, ReturnLine
from domain.shipping.service.return_changes import RETURNS
from domain.shipping.states import ReturnStatus

_PROPOSING = (ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.RECEIVED)

_return = OrderReturn.__table__.c
_line = ReturnLine.__table__.c
_PROPOSING_LINES = Statement(
    "lines_of_returns_to_be_refunded",
    select(_line.return_id, _line.item_id, _line.quantity, _return.refund_id)
    .join_from(OrderReturn, ReturnLine, (_line.store_id == _return.store_id) & (_line.return_id == _return.id))
    .where(
        _return.store_id == STORE,
        _return.order_id == bindparam("order_id", type_=KEY_TEXT),
        or_(*(_return.status == each for each in _PROPOSING)),
    )
    .order_by(_return.created_at, _return.id, _line.position),
)


async def has_refund(work: UnitOfWork, found: OrderReturn) -> bool:
    """Whether a return is refunded, or its refund is on its way; one that has failed counts for nothing."""
    return found.refund_id is not None and bool(await _refunds_that_count(work, [found.refund_id]))


async def quantities_to_be_refunded(work: UnitOfWork, order_id: str) -> Mapping[str, Mapping[str, int]]:
    """The quantities of returns of an order that propose a refund: by return, oldest first, and line."""
    rows = await _PROPOSING_LINES.rows(work.reader, order_id=order_id)
    counting = await _refunds_that_count(work, [row.refund_id for row in rows if row.refund_id is not None])
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if row.refund_id not in counting:
            found.setdefault(row.return_id, {})[row.item_id] = row.quantity
    return found


async def proposed_refund(work: UnitOfWork, order: orders.OrderChange, quantities: Mapping[str, int]) -> int:
    """What a new return proposes: its units are refunded after those of the returns before it. Minor units."""
    before: Counter[str] = Counter()
    for each in (await quantities_to_be_refunded(work, order.order.id)).values():
        before.update(each)
    return orders.cost_of_lines(order.order.items, quantities, before)


async def propose_refunds(work: UnitOfWork, order_id: str) -> None:
    """Write the refunds that the returns of a locked order propose, where they have changed."""
    await work.send()
    proposing = await quantities_to_be_refunded(work, order_id)
    if not proposing:
        return
    items = (await orders.lock_order(work, order_id, UNSET)).order.items
    records = {each.id: each for each in await RETURNS.by_column(work, "order_id", order_id, "created_at")}
    before: Counter[str] = Counter()
    for id, quantities in proposing.items():
        found, amount = records[id], orders.cost_of_lines(items, quantities, before)
        before.update(quantities)
        if found.refund_amount != amount:
            found.refund_amount, found.version, found.updated_at = amount, found.version + 1, work.now
    await RETURNS.update_all(work, list(records.values()))


async def _refunds_that_count(work: UnitOfWork, ids: Sequence[str]) -> set[str]:
    """The refunds among these that have not failed."""
    refunds = await payments.reads.refund_by_id.for_keys(work.reader, list(dict.fromkeys(ids))) if ids else []
    return {each.id for each in refunds if each.status != RefundStatus.FAILED}
