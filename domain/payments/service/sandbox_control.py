"""Telling the processor of a test store what happens next. Live stores have no such use cases."""

from __future__ import annotations

from domain.kernel.errors import Conflict, ErrorCode, Forbidden, NotFound
from domain.kernel.fields import UNSET
from domain.kernel.principal import Mode, Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.commands import (
    CloseSandboxDispute,
    DisputeOutcome,
    RaiseSandboxDispute,
    RefundOutcome,
    SandboxOutcome,
    SettleSandboxPayment,
    SettleSandboxRefund,
)
from domain.payments.methods import METHODS
from domain.payments.model.dispute import Dispute
from domain.payments.model.payment import Payment, PaymentIntent, Refund
from domain.payments.ports import ChargeNews, ChargeState, DisputeNews, RefundNews, RefundState
from domain.payments.sandbox import SandboxProcessor
from domain.payments.service.changes import IntentChange, lock_intent, lock_payment
from domain.payments.service.check_times import WAITING
from domain.payments.service.disputes import DISPUTES, apply_dispute
from domain.payments.service.limits import over
from domain.payments.service.outcomes import EXPIRED, apply_charge
from domain.payments.service.refund_outcomes import apply_refund
from domain.payments.service.refunds import lock_refund, payment_to_refund
from domain.payments.service.releases import release_unwanted
from domain.payments.states import CaptureMethod, DisputeStatus, PaymentIntentStatus, PaymentState, RefundStatus


@use_case("payments:write")
async def settle_sandbox_payment(
    work: UnitOfWork, principal: Principal, command: SettleSandboxPayment
) -> PaymentIntent:
    """Tell what becomes of a payment that waits for the buyer, for a bank, or for its capture.

    Raises Forbidden (a live store), NotFound, Conflict (it waits for nothing of the kind).
    """
    _require_test(work)
    change = await lock_intent(work, command.id)
    if change.intent.payment_id is None or change.payment.reference is None:
        raise _illegal(f"The payment intent is {change.intent.status} and waits for nothing.")
    news = _news(work, change, change.payment, command.outcome)
    if await apply_charge(work, change, change.payment, news):
        await release_unwanted(work, change, change.payment)
    await change.save(work)
    if news.dispute is not None:
        await apply_dispute(work, change, change.payment, news.dispute)
    return change.intent


@use_case("payments:write")
async def raise_sandbox_dispute(work: UnitOfWork, principal: Principal, command: RaiseSandboxDispute) -> Dispute:
    """Let the buyer's bank dispute a captured payment.

    Raises Forbidden (a live store), NotFound, Conflict (not captured, disputed already, more than is left).
    """
    _require_test(work)
    change, payment = await payment_to_refund(work, command.id, UNSET)
    if payment.status != PaymentState.CAPTURED or payment.disputed:
        raise _illegal(f"The payment is {'disputed' if payment.disputed else payment.status}.")
    left = payment.refundable
    amount = left if command.amount is UNSET else command.amount.minor_units
    if amount > left or not amount:
        raise over(left, payment.currency, "can be disputed", ("amount",))
    news = work.dependency(SandboxProcessor).disputed(payment.reference or "", amount, command.reason)
    return await apply_dispute(work, change, payment, news)


@use_case("payments:write")
async def close_sandbox_dispute(work: UnitOfWork, principal: Principal, command: CloseSandboxDispute) -> Dispute:
    """Let the buyer's bank decide a dispute.

    Raises Forbidden (a live store), NotFound, Conflict (decided already).
    """
    _require_test(work)
    known = await DISPUTES.by_column(work, "id", command.id, "id")
    if not known:
        raise NotFound("dispute")
    change, payment = await lock_payment(work, known[0].payment_id)
    found = await DISPUTES.lock(work, command.id, noun="dispute")
    if found.status in (DisputeStatus.WON, DisputeStatus.LOST):
        raise _illegal(f"The dispute is {found.status} already.")
    news = DisputeNews(
        reference=found.reference,
        charge_reference=payment.reference or "",
        status=DisputeStatus.WON if command.outcome == DisputeOutcome.WON else DisputeStatus.LOST,
        amount=found.amount,
        reason=found.reason,
        respond_by=None,
    )
    return await apply_dispute(work, change, payment, news)


@use_case("payments:write")
async def settle_sandbox_refund(work: UnitOfWork, principal: Principal, command: SettleSandboxRefund) -> Refund:
    """Tell what becomes of a refund. One that succeeded may fail later.

    Raises Forbidden (a live store), NotFound, Conflict (it has failed, or succeeded already).
    """
    _require_test(work)
    change, refund = await lock_refund(work, command.id)
    succeeds = command.outcome == RefundOutcome.SUCCEEDED
    if refund.status == RefundStatus.FAILED or (succeeds and refund.status == RefundStatus.SUCCEEDED):
        raise _illegal(f"The refund has {refund.status} already.")
    if refund.reference is None:
        raise _illegal("The sandbox has not received the refund yet.")
    news = RefundNews(
        reference=refund.reference,
        state=RefundState.SUCCEEDED if succeeds else RefundState.FAILED,
        fee=refund.fee_share if succeeds else 0,
        error_code=None if succeeds else "refund_failed",
        error_message=None if succeeds else "The buyer's bank returned the refund.",
    )
    await apply_refund(work, change, refund, news)
    return refund


def _news(work: UnitOfWork, change: IntentChange, payment: Payment, outcome: SandboxOutcome) -> ChargeNews:
    """What the sandbox says of a payment. Raises Conflict if it does not wait for this outcome."""
    reference = payment.reference or ""
    if outcome == SandboxOutcome.EXPIRED:
        if change.intent.status != PaymentIntentStatus.REQUIRES_CAPTURE:
            raise _illegal(f"The payment intent is {change.intent.status}: no authorisation can expire.")
        message = "The authorisation has expired."
        return ChargeNews(reference=reference, state=ChargeState.CANCELLED, error_code=EXPIRED, error_message=message)
    if payment.status not in WAITING:
        raise _illegal(f"The payment is {payment.status} and waits for nothing.")
    if outcome == SandboxOutcome.FAILED:
        return ChargeNews(
            reference=reference,
            state=ChargeState.FAILED,
            error_code="payment_failed",
            error_message="The buyer or the bank refused the payment.",
        )
    intent = change.intent
    is_captured = intent.capture_method == CaptureMethod.AUTOMATIC or not METHODS[intent.method].can_authorize
    return work.dependency(SandboxProcessor).accepted(reference, payment.amount, is_captured=is_captured)


def _require_test(work: UnitOfWork) -> None:
    if work.store.mode != Mode.TEST:
        raise Forbidden("Only the test store has a sandbox. Use a key that begins with test_.")


def _illegal(message: str) -> Conflict:
    return Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
