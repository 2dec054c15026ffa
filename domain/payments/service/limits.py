"""How much of an order can still be charged: what was collected and what is held never exceed its total."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, case, cast, func, select
from sqlalchemy.sql import literal_column

from domain.kernel.errors import Conflict, ErrorCode, Path
from domain.kernel.money import Money
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.model.payment import Payment
from domain.payments.signals import PayableOrder

_payment = Payment.__table__.c
_HELD = ("processing", "requires_action", "authorized")
_CHARGED = Statement(
    "charged_of_order",
    select(
        cast(
            func.coalesce(
                func.sum(
                    case(
                        (_payment.status.in_([literal_column(f"'{each}'") for each in _HELD]), _payment.amount),
                        else_=_payment.captured,
                    )
                ),
                literal_column("0"),
            ),
            BigInteger,
        ).label("amount")
    ).where(_payment.store_id == STORE, _payment.order_id == bindparam("order_id", type_=KEY_TEXT)),
)


async def require_room(work: UnitOfWork, order: PayableOrder, amount: int, path: Path) -> None:
    """Raises Conflict if the order, which is locked, would be charged more than its total."""
    left = order.total - await _charged(work, order)
    if amount > left:
        raise over(left, order.currency, "of the order can be charged", path)


async def room_for(work: UnitOfWork, order: PayableOrder, payment: Payment) -> int:
    """What of an authorised payment can be captured, in minor units: the order may cost less by now."""
    others = await _charged(work, order) - payment.amount
    return min(payment.amount, order.total - others)


async def can_hold(work: UnitOfWork, order: PayableOrder, payment: Payment) -> bool:
    """Whether the order, which is locked, can still be charged the amount of a payment that is not counted yet."""
    return payment.amount <= order.total - await _charged(work, order)


async def _charged(work: UnitOfWork, order: PayableOrder) -> int:
    (row,) = await _CHARGED.rows(work.reader, order_id=order.id)
    return int(row.amount)


def over(left: int, currency: str, what: str, path: Path) -> Conflict:
    """The refusal of an amount above what is possible, which it names."""
    possible = f"{Money(max(left, 0), currency).amount:f} {currency}"
    return Conflict(f"At most {possible} {what}.", ErrorCode.AMOUNT_EXCEEDED, path)
