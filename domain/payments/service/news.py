"""What a processor tells by itself: by webhook, when it is asked, or on demand in the sandbox. In any order, any number
of times."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.model.dispute import Dispute
from domain.payments.model.payment import Payment, Refund
from domain.payments.ports import ChargeNews, DisputeNews, RefundNews, RefundState
from domain.payments.service.changes import REFUNDS, lock_payment
from domain.payments.service.disputes import apply_dispute
from domain.payments.service.outcomes import apply_charge
from domain.payments.service.refund_outcomes import apply_refund
from domain.payments.service.refunds import add_foreign_refund, lock_refund
from domain.payments.service.releases import release_unwanted
from domain.payments.states import RefundStatus

_payment, _refund = Payment.__table__.c, Refund.__table__.c
_REFERENCE = bindparam("reference", type_=KEY_TEXT)
_PAYMENT_BY_REFERENCE = Statement(
    "payment_by_reference",
    select(_payment.id).where(_payment.store_id == STORE, _payment.reference == _REFERENCE),
)
_REFUND_BY_REFERENCE = Statement(
    "refund_by_reference",
    select(_refund.id).where(_refund.store_id == STORE, _refund.reference == _REFERENCE),
)


async def record_charge_news(work: UnitOfWork, news: ChargeNews, payment_id: str | None = None) -> bool:
    """Apply news of a charge. ``payment_id``: where the processor repeats it; else its reference finds the payment.

    Returns whether the store has such a payment. Raises NotFound for a ``payment_id`` that it has not.
    """
    id = payment_id or await _found(work, _PAYMENT_BY_REFERENCE, news.reference)
    if id is None:
        return False
    change, payment = await lock_payment(work, id)
    if await apply_charge(work, change, payment, news):
        await release_unwanted(work, change, payment)
        await change.save(work)
    if news.dispute is not None:
        await apply_dispute(work, change, payment, news.dispute)
    return True


async def record_refund_news(work: UnitOfWork, news: RefundNews, refund_id: str | None = None) -> bool:
    """Apply news of a refund, as ``record_charge_news``. One that was made at the processor itself is recorded first.

    Raises Unavailable while other refunds reserve its amount.
    """
    id = refund_id or await _found(work, _REFUND_BY_REFERENCE, news.reference)
    if id is None:
        return await _record_foreign(work, news)
    change, refund = await lock_refund(work, id)
    await apply_refund(work, change, refund, news)
    return True


async def _record_foreign(work: UnitOfWork, news: RefundNews) -> bool:
    """Record a refund that was made at the processor. Returns whether its payment is one of the store."""
    id = None
    if news.charge_reference and news.amount:
        id = await _found(work, _PAYMENT_BY_REFERENCE, news.charge_reference)
    if id is None:
        return False
    change, payment = await lock_payment(work, id)
    known = await _found(work, _REFUND_BY_REFERENCE, news.reference)
    if known is None and news.state == RefundState.FAILED:
        return True  # nothing of it has happened
    if known is None:
        refund = await add_foreign_refund(work, payment, news)
    else:
        (refund,) = await REFUNDS.by_column(work, "id", known, "id")  # recorded while this waited for the lock
    await apply_refund(work, change, refund, news)
    if refund.status == RefundStatus.PENDING:  # then that wrote nothing of the payment
        await change.save(work)
    return True


async def record_dispute_news(work: UnitOfWork, news: DisputeNews) -> Dispute | None:
    """Apply news of a dispute; the first opens it. None where the store has no such payment."""
    id = await _found(work, _PAYMENT_BY_REFERENCE, news.charge_reference)
    if id is None:
        return None
    change, payment = await lock_payment(work, id)
    return await apply_dispute(work, change, payment, news)


async def _found(work: UnitOfWork, statement: Statement, reference: str) -> str | None:
    rows = await statement.rows(work.reader, reference=reference)
    return rows[0].id if rows else None
