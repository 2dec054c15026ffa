"""Capturing and cancelling payment intents."""

from __future__ import annotations

from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import (
    Call,
    Failed,
    NoCall,
    OutboundAttempt,
    Settled,
    outbound_use_case,
)
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.commands import CancelPaymentIntent, CapturePaymentIntent
from domain.payments.model.payment import Payment, PaymentIntent
from domain.payments.ports import Capture, ChargeNews, ChargeState, Void
from domain.payments.service.changes import IntentChange, lock_intent, lock_payment
from domain.payments.service.disputes import apply_dispute
from domain.payments.service.limits import over, room_for
from domain.payments.service.outcomes import EXPIRED, apply_charge, news_of
from domain.payments.service.processors import require_processor_of
from domain.payments.service.releases import (
    WITHOUT_CALL,
    begin_void,
    can_be_voided,
    operation_key,
    release_unwanted,
)
from domain.payments.states import PaymentIntentStatus, PaymentState

_S = PaymentIntentStatus


@outbound_use_case("payments:write")
async def capture_payment_intent(
    work: UnitOfWork, principal: Principal, command: CapturePaymentIntent
) -> Call[Capture]:
    """Collect what is authorised, or a part of it; the rest is released.

    Raises NotFound, Conflict (stale version, not authorised, more than is authorised), Unavailable (no processor).
    """
    change = await lock_intent(work, command.id, command.expected_version)
    intent = change.intent
    if intent.status != _S.REQUIRES_CAPTURE:
        message = f"The payment intent is {intent.status} and cannot be captured."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    payment = change.payment
    await require_processor_of(work, payment)
    amount = payment.amount if command.amount is UNSET else command.amount.minor_units
    left = payment.amount if change.order is None else await room_for(work, change.order, payment)
    if amount > left:
        raise over(left, payment.currency, "can be captured", ("amount",))
    intent.move(_S.PROCESSING)
    intent.error_code = intent.error_message = None
    await change.save(work)
    request = Capture(
        payment_id=payment.id,
        processor=payment.processor,
        reference=payment.reference or "",
        amount=amount,
        currency=payment.currency,
    )
    return Call(operation_key(payment, "capture", intent), request)


@capture_payment_intent.settled
async def settle_capture(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> PaymentIntent:
    """Book the captured amount; after a refusal the authorisation stays, unless it has expired."""
    return await _settle(work, attempt, outcome)


@capture_payment_intent.current
async def current_capture(work: UnitOfWork, attempt: OutboundAttempt) -> PaymentIntent:
    """The intent as it is."""
    change, _ = await _locked(work, attempt)
    return change.intent


@outbound_use_case("payments:write")
async def cancel_payment_intent(
    work: UnitOfWork, principal: Principal, command: CancelPaymentIntent
) -> Call[Void] | NoCall[PaymentIntent]:
    """Cancel an intent that has not been captured, and release what is held; a transfer that has not arrived is given
    up, if the processor still can.

    Raises NotFound, Conflict (stale version, captured or cancelled already, or a call is in flight), Unavailable (no
    processor).
    """
    change = await lock_intent(work, command.id, command.expected_version)
    intent = change.intent
    if intent.status in WITHOUT_CALL:
        intent.move(_S.CANCELLED)
        await change.save(work)
        return NoCall(intent)
    if not await can_be_voided(work, change):
        message = f"The payment intent is {intent.status} and cannot be cancelled."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    await require_processor_of(work, change.payment)
    call = begin_void(change)
    await change.save(work)
    return call


@cancel_payment_intent.settled
async def settle_cancellation(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> PaymentIntent:
    """Cancel the intent; after a refusal it is as it was."""
    return await _settle(work, attempt, outcome)


cancel_payment_intent.current(current_capture)


async def _settle(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> PaymentIntent:
    change, payment = await _locked(work, attempt)
    if isinstance(outcome, Failed) and outcome.code != EXPIRED:
        _go_back(change, payment, outcome)
        await change.save(work)
        return change.intent
    news = news_of(outcome, payment.reference) if not isinstance(outcome, Failed) else _expired(outcome, payment)
    if await apply_charge(work, change, payment, news):
        await release_unwanted(work, change, payment)
    await change.save(work)
    if news.dispute is not None:
        await apply_dispute(work, change, payment, news.dispute)
    return change.intent


def _go_back(change: IntentChange, payment: Payment, refused: Failed) -> None:
    """The intent is what it was before the call, and says why the call was refused."""
    intent = change.intent
    if intent.status != _S.PROCESSING or intent.payment_id != payment.id:
        return
    if payment.status == PaymentState.AUTHORIZED:
        intent.move(_S.REQUIRES_CAPTURE)
    elif payment.status == PaymentState.REQUIRES_ACTION:
        intent.move(_S.REQUIRES_ACTION)
    intent.error_code, intent.error_message = refused.code, refused.message


def _expired(refused: Failed, payment: Payment) -> ChargeNews:
    return ChargeNews(
        reference=payment.reference or "",
        state=ChargeState.CANCELLED,
        error_code=refused.code,
        error_message=refused.message,
    )


async def _locked(work: UnitOfWork, attempt: OutboundAttempt) -> tuple[IntentChange, Payment]:
    return await lock_payment(work, attempt.id.partition(":")[0])
