"""Giving back what nobody wants any more: calls that the worker makes, since no request waits for them."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.outbound import Call, begin_attempt, has_call_in_flight, outbound_of
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.model.payment import Payment, PaymentIntent
from domain.payments.ports import RefundCharge, Void
from domain.payments.service.changes import IntentChange, lock_intent
from domain.payments.service.processors import EXTERNAL
from domain.payments.service.refunds import begin_refund
from domain.payments.states import PaymentIntentStatus, PaymentState

_S = PaymentIntentStatus
WITHOUT_CALL = frozenset({_S.REQUIRES_PAYMENT_METHOD, _S.FAILED})
"""The statuses in which nothing is held."""
WITH_CALL = frozenset({_S.REQUIRES_ACTION, _S.REQUIRES_CAPTURE})
"""The statuses in which the processor has to give something up."""
ORDER_CANCELLED, NOT_WANTED = "order_cancelled", "duplicate"
"""The reasons of refunds that nobody has asked for one by one."""

_intent = PaymentIntent.__table__.c
_INTENTS_OF_ORDER = Statement(
    "intents_of_order",
    select(_intent.id)
    .where(_intent.store_id == STORE, _intent.order_id == bindparam("order_id", type_=KEY_TEXT))
    .order_by(_intent.id),
)


def operation_key(payment: Payment, operation: str, intent: PaymentIntent) -> str:
    """The key of a call: of each version of the intent another one, so that a refused call can be made again."""
    return f"{payment.id}:{operation}:{intent.version}"


def begin_void(change: IntentChange) -> Call[Void]:
    """Give up the payment that counts: the intent is in progress until the processor has answered.

    The caller saves the change afterwards.
    """
    if change.intent.status != _S.PROCESSING:
        change.intent.move(_S.PROCESSING)
    return void_payment(change, change.payment)


async def can_be_voided(work: UnitOfWork, change: IntentChange) -> bool:
    """Whether the processor can be asked to give up the payment that counts: it is held, or waits for the buyer or for
    a transfer, and no call for it is in flight.
    """
    if change.intent.status in WITH_CALL:
        return True
    if change.intent.status != _S.PROCESSING or change.payment.status != PaymentState.PROCESSING:
        return False
    return change.payment.reference is not None and not await has_call_in_flight(work, change.payment.id)


def void_payment(change: IntentChange, payment: Payment) -> Call[Void]:
    """What to call to give up a payment, whether it counts or not. The caller saves the change afterwards."""
    request = Void(payment_id=payment.id, processor=payment.processor, reference=payment.reference)
    return Call(operation_key(payment, "void", change.intent), request)


async def release_order(work: UnitOfWork, order_id: str, *, refund: bool) -> None:
    """Cancel the intents of a cancelled, locked order: the worker releases what is held.

    With ``refund``, what was collected is paid back as well: the refunds commit as pending.
    """
    for row in await _INTENTS_OF_ORDER.rows(work.reader, order_id=order_id):
        change = await lock_intent(work, row.id)
        if change.intent.status in WITHOUT_CALL:
            change.intent.move(_S.CANCELLED)
        elif await can_be_voided(work, change):
            await queue_void(work, begin_void(change))
        elif not refund or not await _refund_all(work, change, ORDER_CANCELLED):
            continue
        await change.save(work)


async def release_unwanted(work: UnitOfWork, change: IntentChange, payment: Payment) -> None:
    """After an outcome: give back what was charged for a cancelled order or intent, or beside another attempt.

    The caller saves the change afterwards.
    """
    counts = change.intent.payment_id == payment.id and change.intent.status != _S.CANCELLED
    is_cancelled = change.order is not None and change.order.is_cancelled
    if payment.status == PaymentState.CAPTURED and (is_cancelled or not counts):
        if payment.refundable:
            await _refund(work, payment, ORDER_CANCELLED if is_cancelled else NOT_WANTED)
    elif payment.status == PaymentState.AUTHORIZED and not (counts and change.intent.status in WITH_CALL):
        await queue_void(work, void_payment(change, payment))  # it had failed: nothing else shows that it is held
    elif is_cancelled and counts and change.intent.status in WITH_CALL:
        await queue_void(work, begin_void(change))


async def _refund_all(work: UnitOfWork, change: IntentChange, reason: str) -> bool:
    """Refund every captured payment. Returns whether there was any."""
    left = [each for each in change.payments if each.refundable and each.processor != EXTERNAL]
    for each in left:
        await _refund(work, each, reason)
    return bool(left)


async def _refund(work: UnitOfWork, payment: Payment, reason: str) -> None:
    call: Call[RefundCharge] = begin_refund(work, payment, payment.refundable, reason=reason, lines=[])
    await begin_attempt(work, outbound_of("payments.refund_payment"), call, is_due=True)


async def queue_void(work: UnitOfWork, call: Call[Void]) -> None:
    """Let the worker make the call."""
    await begin_attempt(work, outbound_of("payments.cancel_payment_intent"), call, is_due=True)
