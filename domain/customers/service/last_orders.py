"""The times of customers' last orders: written by orders, used by the sort of customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select, update

from domain.customers.model import CustomerLastOrder
from domain.kernel.clock import EPOCH
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import INSTANT, KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_last = CustomerLastOrder.__table__.c
_OF_ONE = (_last.store_id == STORE, _last.customer_id == bindparam("of_customer", type_=KEY_TEXT))
_LOCK = Statement("lock_last_order", select(_last.last_order_at).where(*_OF_ONE).with_for_update())
_ADVANCE = Statement(
    "advance_last_order",
    update(CustomerLastOrder.__table__)  # type: ignore[arg-type]  # a Table
    .where(*_OF_ONE, _last.last_order_at < bindparam("at", type_=INSTANT))
    .values(last_order_at=bindparam("at", type_=INSTANT)),
)
_SET = Statement(
    "set_last_order",
    update(CustomerLastOrder.__table__)  # type: ignore[arg-type]  # a Table
    .where(*_OF_ONE)
    .values(last_order_at=bindparam("at", type_=INSTANT)),
)


async def advance_last_orders(work: UnitOfWork, last: Mapping[str, datetime]) -> None:
    """Advance the last orders of these customers, by id, to these instants. Later ones stay unchanged.

    Call it last in a use case, after orders and stock are locked, as ``lock_last_order``.
    """
    await work.write(_ADVANCE, [{"of_customer": each, "at": last[each]} for each in sorted(last)])


async def lock_last_order(work: UnitOfWork, customer_id: str) -> datetime | None:
    """Lock and return the time of the customer's last order; None if there is none.

    Call it last in a use case, after orders and stock are locked.
    """
    rows = await _LOCK.rows(work.reader, of_customer=customer_id)
    return next((row.last_order_at for row in rows if row.last_order_at > EPOCH), None)


async def set_last_order(work: UnitOfWork, customer_id: str, at: datetime | None) -> None:
    """Set the time of the customer's last order. The caller has locked it with ``lock_last_order``."""
    await work.write(_SET, [{"of_customer": customer_id, "at": at or EPOCH}])
