"""Refunds: an amount is reserved on its payment, and paid back by the processor."""

from __future__ import annotations

from datetime import date, timedelta

from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import is_id, new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import Call, Failed, OutboundAttempt, Settled, outbound_use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.commands import RefundPayment
from domain.payments.methods import METHODS
from domain.payments.model.payment import Payment, Refund, RefundLine
from domain.payments.ports import RefundCharge, RefundNews
from domain.payments.service.changes import (
    REFUND_LINES,
    REFUNDS,
    IntentChange,
    lock_intent,
    lock_payment,
)
from domain.payments.service.limits import over
from domain.payments.service.processors import require_processor_of
from domain.payments.service.refund_fees import share_of_fee
from domain.payments.service.refund_outcomes import apply_refund, news_of_refund, require_unreserved
from domain.payments.signals import LinesRefunded, ReturnedLine
from domain.payments.states import PaymentState, RefundStatus

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
    await apply_refund(work, change, refund, news_of_refund(outcome, refund))
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
    require_unreserved(payment, amount)
    payment.refunding += amount
    refund = _new_refund(work, payment, amount, reason=None, fee_share=None)
    refund.reference = news.reference
    await REFUNDS.insert(work, refund)
    return refund


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


def after_business_days(start: date, days: int) -> date:
    """The day so many business days (Monday to Friday) after ``start``."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day
