"""What becomes of a charge: applied once, in whatever order the processor's answers and news arrive."""

from __future__ import annotations

from domain.kernel.use_cases.outbound import Failed, Settled, Succeeded
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.events import PaymentFailed, PaymentSucceeded
from domain.payments.model.payment import Payment
from domain.payments.ports import ChargeNews, ChargeState
from domain.payments.service.changes import IntentChange
from domain.payments.service.check_times import WAITING, schedule_payment
from domain.payments.service.ledger import post
from domain.payments.service.limits import can_hold
from domain.payments.states import TRANSITIONS, PaymentIntentStatus, PaymentState, TransferKind

OPEN = WAITING | {PaymentState.AUTHORIZED}
EXPIRED = "authorization_expired"


def news_of(outcome: Settled, reference: str | None = None) -> ChargeNews:
    """The news in the outcome of a call. ``reference``: that of the payment so far."""
    if isinstance(outcome, Succeeded):
        return ChargeNews.of_data(outcome.data)
    return failure(outcome, reference)


def failure(outcome: Failed, reference: str | None) -> ChargeNews:
    """A refused charge."""
    return ChargeNews(
        reference=reference or "",
        state=ChargeState.FAILED,
        error_code=outcome.code,
        error_message=outcome.message,
    )


async def apply_charge(work: UnitOfWork, change: IntentChange, payment: Payment, news: ChargeNews) -> bool:
    """Apply what the processor says of a payment. Returns whether anything changed; what is known already changes
    nothing, and nothing takes back money that was collected.
    """
    was_known = payment.reference is not None
    _note(payment, news)
    is_changed = await _apply(work, change, payment, news)
    if not is_changed and was_known:
        return False
    schedule_payment(payment, work.now)
    return True


async def _apply(work: UnitOfWork, change: IntentChange, payment: Payment, news: ChargeNews) -> bool:
    match news.state:
        case ChargeState.CAPTURED:
            return await _capture(work, change, payment, news)
        case ChargeState.AUTHORIZED if payment.status in WAITING or payment.status == PaymentState.FAILED:
            await _authorize(work, change, payment, news)
        case ChargeState.REQUIRES_ACTION if payment.status == PaymentState.PROCESSING:
            payment.status = PaymentState.REQUIRES_ACTION
            _move(change, payment, PaymentIntentStatus.REQUIRES_ACTION)
            _show_action(change, payment, news)
        case ChargeState.PENDING if payment.status in WAITING:
            return _wait(change, payment, news)
        case ChargeState.FAILED if payment.status in WAITING:
            await _fail(work, change, payment, news)
        case ChargeState.CANCELLED if payment.status in OPEN:
            _cancel(change, payment, news)
        case _:
            return False
    return True


def _wait(change: IntentChange, payment: Payment, news: ChargeNews) -> bool:
    """Note that it settles later. Returns whether that is new."""
    before = payment.status, change.intent.status, change.intent.next_action
    payment.status = PaymentState.PROCESSING
    _move(change, payment, PaymentIntentStatus.PROCESSING)
    _show_action(change, payment, news)
    return before != (payment.status, change.intent.status, change.intent.next_action)


async def _authorize(work: UnitOfWork, change: IntentChange, payment: Payment, news: ChargeNews) -> None:
    """Note what is held. For one that had failed it counts only while its order has room: otherwise the intent stays
    failed, and ``release_unwanted`` gives it up.
    """
    had_failed = payment.status == PaymentState.FAILED
    has_room = not had_failed or change.order is None or await can_hold(work, change.order, payment)
    payment.status = PaymentState.AUTHORIZED
    payment.authorization_expires_at = news.authorized_until
    payment.error_code = payment.error_message = None
    if change.intent.payment_id != payment.id or not has_room:
        return
    _move(change, payment, PaymentIntentStatus.REQUIRES_CAPTURE)
    if change.intent.status == PaymentIntentStatus.REQUIRES_CAPTURE:  # not where it was cancelled meanwhile
        _forget_error(change)
        await change.tell_order(work, has_failed=False)


async def _capture(work: UnitOfWork, change: IntentChange, payment: Payment, news: ChargeNews) -> bool:
    """Book a collected payment. Raises nothing: also of one that was given up the money is there."""
    if payment.status == PaymentState.CAPTURED:
        return False
    payment.status = PaymentState.CAPTURED
    payment.captured = news.captured or payment.amount
    payment.fee += news.fee
    payment.error_code = payment.error_message = None
    payment.authorization_expires_at = None
    if change.intent.payment_id == payment.id:
        _move(change, payment, PaymentIntentStatus.SUCCEEDED)
        _forget_error(change)
    post(work, TransferKind.CAPTURE, payment.captured, payment)
    post(work, TransferKind.FEE, news.fee, payment)
    await change.announce(work, PaymentSucceeded, payment)
    await change.tell_order(work, captured=payment.captured, has_failed=False)
    return True


async def _fail(work: UnitOfWork, change: IntentChange, payment: Payment, news: ChargeNews) -> None:
    payment.status = PaymentState.FAILED
    payment.error_code, payment.error_message = news.error_code, news.error_message
    _end(change, payment, PaymentIntentStatus.FAILED, news)
    await change.announce(work, PaymentFailed, payment)
    await change.tell_order(work, has_failed=True)


def _cancel(change: IntentChange, payment: Payment, news: ChargeNews) -> None:
    payment.status = PaymentState.CANCELLED
    payment.authorization_expires_at = None
    if news.error_code is not None:
        payment.error_code, payment.error_message = news.error_code, news.error_message
    if change.intent.status != PaymentIntentStatus.FAILED:  # what was held beside it is gone: it can be confirmed again
        _end(change, payment, PaymentIntentStatus.CANCELLED, news)


def _end(change: IntentChange, payment: Payment, status: PaymentIntentStatus, news: ChargeNews) -> None:
    """Let the intent end with its payment, unless another one counts."""
    intent = change.intent
    if intent.payment_id != payment.id:
        return
    _move(change, payment, status)
    intent.next_action = None
    if news.error_code is not None:
        intent.error_code, intent.error_message = news.error_code, news.error_message


def _note(payment: Payment, news: ChargeNews) -> None:
    """Keep what the processor calls the payment, and what it says of the card."""
    payment.reference = payment.reference or news.reference or None
    if news.card is not None and payment.card_last4 is None:
        payment.card_brand, payment.card_last4 = news.card.brand, news.card.last4
        payment.card_exp_month, payment.card_exp_year = news.card.exp_month, news.card.exp_year


def _move(change: IntentChange, payment: Payment, status: PaymentIntentStatus) -> None:
    """Move the intent, unless another payment counts, or the intent was given up meanwhile.

    An outcome is a fact: it is never refused. What was collected for an intent that is cancelled is paid back.
    """
    intent = change.intent
    if intent.payment_id != payment.id or intent.status == status:
        return
    if status in TRANSITIONS[intent.status]:
        intent.move(status)


def _show_action(change: IntentChange, payment: Payment, news: ChargeNews) -> None:
    if change.intent.payment_id == payment.id:
        action = news.next_action
        change.intent.next_action = None if action is None else _without_nulls(action.as_data())


def _without_nulls(members: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def _forget_error(change: IntentChange) -> None:
    change.intent.error_code = change.intent.error_message = None
    change.intent.next_action = None
