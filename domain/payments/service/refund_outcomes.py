"""What becomes of a refund: applied once, in whatever order the processor's answers and news arrive."""

from __future__ import annotations

from domain.kernel.errors import Unavailable
from domain.kernel.use_cases.outbound import Failed, Settled
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.events import PaymentRefunded
from domain.payments.model.payment import Payment, Refund
from domain.payments.ports import RefundNews, RefundState
from domain.payments.service.changes import REFUNDS, IntentChange, lines_of
from domain.payments.service.check_times import schedule_refund
from domain.payments.service.ledger import post, post_again
from domain.payments.signals import FailedLinesRefunded, LinesNotRefunded, ReturnedLine
from domain.payments.states import RefundStatus, TransferKind


def news_of_refund(outcome: Settled, refund: Refund) -> RefundNews:
    """The news in the outcome of a call."""
    if isinstance(outcome, Failed):
        return RefundNews(
            reference=refund.reference or "",
            state=RefundState.FAILED,
            error_code=outcome.code,
            error_message=outcome.message,
        )
    return RefundNews.of_data(outcome.data)


async def apply_refund(work: UnitOfWork, change: IntentChange, refund: Refund, news: RefundNews) -> None:
    """Apply what the processor says of a refund. What is known already changes nothing.

    Raises Unavailable while other refunds reserve the amount of one that had failed and has succeeded.
    """
    payment = change.payment_of(refund.payment_id)
    refund.reference = refund.reference or news.reference or None
    if news.state == RefundState.SUCCEEDED and refund.status != RefundStatus.SUCCEEDED:
        await _succeed(work, change, payment, refund, news)
    elif news.state == RefundState.FAILED and refund.status != RefundStatus.FAILED:
        await _fail(work, change, payment, refund, news)
    else:
        if refund.next_check_at is None:
            schedule_refund(refund, payment, work.now)
        await REFUNDS.update(work, refund)
        return
    await change.save(work)


async def _succeed(work: UnitOfWork, change: IntentChange, payment: Payment, refund: Refund, news: RefundNews) -> None:
    """Book it; also one that had failed: an outcome is a fact."""
    had_failed = refund.status == RefundStatus.FAILED
    if had_failed:
        await _resume(work, payment, refund)
    payment.refunding -= refund.amount
    payment.refunded += refund.amount
    payment.fee -= news.fee
    refund.status, refund.fee, refund.updated_at = RefundStatus.SUCCEEDED, news.fee, work.now
    refund.next_check_at = None
    for kind, amount in ((TransferKind.REFUND, refund.amount), (TransferKind.FEE_REFUND, news.fee)):
        if had_failed:
            await post_again(work, kind, amount, payment, refund=refund)
        else:
            post(work, kind, amount, payment, refund=refund)
    await REFUNDS.update(work, refund)
    await change.announce(work, PaymentRefunded, payment)
    await change.tell_order(work, refunded=refund.amount)


async def _resume(work: UnitOfWork, payment: Payment, refund: Refund) -> None:
    """Reserve the amount and the lines of a refund again that counted as failed. Raises Unavailable."""
    require_unreserved(payment, refund.amount)
    payment.refunding += refund.amount
    refund.error_code = refund.error_message = None
    lines = await _returned_lines(work, refund)
    if lines and refund.order_id is not None:
        await work.emit(FailedLinesRefunded(refund.order_id, lines))


async def _fail(work: UnitOfWork, change: IntentChange, payment: Payment, refund: Refund, news: RefundNews) -> None:
    """Give it up; one that had succeeded is reversed, with what came back of the fee."""
    had_succeeded = refund.status == RefundStatus.SUCCEEDED
    if had_succeeded:
        payment.refunded -= refund.amount
        payment.fee += refund.fee
        await post_again(work, TransferKind.REFUND_REVERSAL, refund.amount, payment, refund=refund)
        await post_again(work, TransferKind.FEE_REFUND_REVERSAL, refund.fee, payment, refund=refund)
        refund.fee = 0
    else:
        payment.refunding -= refund.amount
    refund.status, refund.updated_at, refund.next_check_at = RefundStatus.FAILED, work.now, None
    refund.error_code, refund.error_message = news.error_code, news.error_message
    await REFUNDS.update(work, refund)
    lines = await _returned_lines(work, refund)
    if lines and refund.order_id is not None:
        await work.emit(LinesNotRefunded(refund.order_id, lines))
    await change.tell_order(work, refunded=-refund.amount if had_succeeded else 0)


async def _returned_lines(work: UnitOfWork, refund: Refund) -> list[ReturnedLine]:
    lines = await lines_of(work, [refund])
    return [ReturnedLine(each.item_id, each.quantity) for each in lines[refund.id]]


def require_unreserved(payment: Payment, amount: int) -> None:
    """Raises Unavailable where other refunds reserve what is left of a payment: the processor repeats what it told."""
    if amount > payment.captured - payment.refunded - payment.refunding:
        # Where it has paid this one back, the processor will refuse one of those others; then there is room.
        raise Unavailable("Other refunds of the payment reserve the amount. Repeat it when they are settled.", 60)
