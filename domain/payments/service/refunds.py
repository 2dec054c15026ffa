"""Refunds: an amount is reserved on its payment, paid back by the processor, and booked when it says so."""

from __future__ import annotations

from datetime import date, timedelta

from domain.kernel.errors import Conflict, ErrorCode, NotFound, Unavailable, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import is_id, new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import Call, Failed, OutboundAttempt, Settled, outbound_use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.commands import RefundPayment
from domain.payments.events import PaymentRefunded
from domain.payments.methods import METHODS
from domain.payments.model.payment import Payment, Refund, RefundLine
from domain.payments.ports import RefundCharge, RefundNews, RefundState
from domain.payments.service.changes import (
    REFUND_LINES,
    REFUNDS,
    IntentChange,
    lines_of,
    lock_intent,
    lock_payment,
)
from domain.payments.service.check_times import schedule_refund
from domain.payments.service.ledger import post, post_again
from domain.payments.service.limits import over
from domain.payments.service.processors import require_processor_of
from domain.payments.service.refund_fees import share_of_fee
from domain.payments.signals import FailedLinesRefunded, LinesNotRefunded, LinesRefunded, ReturnedLine
from domain.payments.states import PaymentState, RefundStatus, TransferKind

SATURDAY = 5


@outbound_use_case("payments:write")
async def refund_payment(work: UnitOfWork, principal: Principal, command: RefundPayment) -> Call[RefundCharge]:
    """Begin a refund of a captured payment.

    Raises NotFound, Conflict (stale version, nothing captured, more than is left), ValidationFailed (items that are not
    of the order), Unavailable (no processor).
    """
    change, payment = await payment_to_refund(work, command.id, command.expected_version)
    if payment.status != PaymentState.CAPTURED:
        message = f"The payment is {payment.status} and cannot be refunded."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    await require_processor_of(work, payment)
    lines = [ReturnedLine(each.id, each.quantity) for each in command.items]
    amount = await _amount(work, change, payment, command, lines)
    if amount > payment.refundable or not amount:
        raise over(payment.refundable, payment.currency, "can be refunded", ("amount",))
    call = begin_refund(
        work,
        payment,
        amount,
        reason=command.reason or None,
        lines=lines,
        fee_share=await share_of_fee(work, payment, amount) if command.refund_application_fee else None,
    )
    await change.save(work)
    return call


@refund_payment.settled
async def settle_refund(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> Refund:
    """Book the refund, or give it up."""
    change, refund = await lock_refund(work, attempt.id.partition(":")[0])
    if isinstance(outcome, Failed) and refund.reference is not None:
        return refund  # the processor has told of it meanwhile: what it refused was another call for it
    await apply_refund(work, change, refund, _news_of(outcome, refund))
    return refund


@refund_payment.current
async def current_refund(work: UnitOfWork, attempt: OutboundAttempt) -> Refund:
    """The refund as it is."""
    _, refund = await lock_refund(work, attempt.id.partition(":")[0])
    return refund


def begin_refund(
    work: UnitOfWork,
    payment: Payment,
    amount: int,
    *,
    reason: str | None,
    lines: list[ReturnedLine],
    fee_share: int | None = None,
) -> Call[RefundCharge]:
    """Reserve an amount of a locked payment, and say what to call. The caller saves the change.

    ``fee_share``: what is asked back of the processor's fee; None for nothing.
    """
    payment.refunding += amount
    refund = _new_refund(work, payment, amount, reason=reason, fee_share=fee_share)
    REFUNDS.append(work, refund)
    REFUND_LINES.append(work, *(_new_line(work, refund, each) for each in lines))
    request = RefundCharge(
        refund_id=refund.id,
        payment_id=payment.id,
        processor=payment.processor,
        reference=payment.reference or "",
        amount=amount,
        currency=payment.currency,
        reason=reason,
        refund_application_fee=refund.refund_application_fee,
        fee=refund.fee_share,
    )
    return Call(f"{refund.id}:refund", request)


async def add_foreign_refund(work: UnitOfWork, payment: Payment, news: RefundNews) -> Refund:
    """Reserve the amount of a refund that was made at the processor itself. The caller applies the news.

    Raises Unavailable where the amount is not there (yet): the processor repeats what it told.
    """
    amount = news.amount or 0
    _require_unreserved(payment, amount)
    payment.refunding += amount
    refund = _new_refund(work, payment, amount, reason=None, fee_share=None)
    refund.reference = news.reference
    await REFUNDS.insert(work, refund)
    return refund


def _require_unreserved(payment: Payment, amount: int) -> None:
    if amount > payment.captured - payment.refunded - payment.refunding:
        # Where it has paid this one back, the processor will refuse one of those others; then there is room.
        raise Unavailable("Other refunds of the payment reserve the amount. Repeat it when they are settled.", 60)


def _new_refund(
    work: UnitOfWork, payment: Payment, amount: int, *, reason: str | None, fee_share: int | None
) -> Refund:
    first, last = METHODS[payment.method].refund_days
    return REFUNDS.new(
        store_id=work.store.number,
        id=new_id("re"),
        payment_id=payment.id,
        intent_id=payment.intent_id,
        order_id=payment.order_id,
        currency=payment.currency,
        amount=amount,
        fee=0,
        fee_share=fee_share or 0,
        status=RefundStatus.PENDING,
        reason=reason,
        refund_application_fee=fee_share is not None,
        expected_from=after_business_days(work.now.date(), first).isoformat(),
        expected_by=after_business_days(work.now.date(), last).isoformat(),
        created_at=work.now,
        updated_at=work.now,
    )


def _new_line(work: UnitOfWork, refund: Refund, line: ReturnedLine) -> RefundLine:
    return REFUND_LINES.new(
        store_id=work.store.number,
        id=new_id("rli"),
        refund_id=refund.id,
        item_id=line.item_id,
        quantity=line.quantity,
    )


async def lock_refund(work: UnitOfWork, id: str) -> tuple[IntentChange, Refund]:
    """Lock a refund with its payment, intent and order. Raises NotFound.

    As a payment, a refund is locked by its intent.
    """
    known = await REFUNDS.by_column(work, "id", id, "id")
    if not known:
        raise NotFound("refund")
    change, _ = await lock_payment(work, known[0].payment_id)
    (refund,) = await REFUNDS.by_column(work, "id", id, "id")
    return change, refund


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
    _require_unreserved(payment, refund.amount)
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


async def payment_to_refund(work: UnitOfWork, id: str, version: int | Unset) -> tuple[IntentChange, Payment]:
    """The payment of a command, locked; by its id, or by that of an intent with one captured payment.

    Raises NotFound, Conflict (stale version, none or several captured).
    """
    if not is_id("pi", id):
        return await lock_payment(work, id, version)
    change = await lock_intent(work, id, version)
    captured = [each for each in change.payments if each.status == PaymentState.CAPTURED]
    if len(captured) == 1:
        return change, captured[0]
    if not captured:
        message = f"The payment intent is {change.intent.status}: there is nothing to refund."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    raise Conflict("The payment intent has several captured payments. Name one.", ErrorCode.ILLEGAL_TRANSITION, ("id",))


async def _amount(
    work: UnitOfWork, change: IntentChange, payment: Payment, command: RefundPayment, lines: list[ReturnedLine]
) -> int:
    """The amount of a command: its own, that of its lines, or all that is left."""
    priced = 0
    if lines:
        if change.order is None:
            message = "The payment has no order, so it has no items."
            raise ValidationFailed.of(("items",), ErrorCode.INVALID, message)
        asked = LinesRefunded(change.order.id, lines)
        await work.emit(asked)
        priced = asked.amount
    if command.amount is not UNSET:
        return command.amount.minor_units
    return priced if lines else payment.refundable


def _news_of(outcome: Settled, refund: Refund) -> RefundNews:
    if isinstance(outcome, Failed):
        return RefundNews(
            reference=refund.reference or "",
            state=RefundState.FAILED,
            error_code=outcome.code,
            error_message=outcome.message,
        )
    return RefundNews.of_data(outcome.data)


def after_business_days(start: date, days: int) -> date:
    """The day so many business days (Monday to Friday) after ``start``."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day
