"""Creating and confirming payment intents: each attempt to charge is a payment of its own."""

from __future__ import annotations

from typing import Any

from domain import customers
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Mode, Principal
from domain.kernel.use_cases.outbound import (
    NEVER_RECEIVED,
    Call,
    Failed,
    NoCall,
    OutboundAttempt,
    Settled,
    outbound_use_case,
)
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.cards import brand_of
from domain.payments.commands import ConfirmPaymentIntent, CreatePaymentIntent, PaymentMethodDetailsInput
from domain.payments.methods import METHODS, read_details, require_plan
from domain.payments.model.payment import Payment, PaymentIntent
from domain.payments.ports import CardNumber, Charge, ChargeDetails
from domain.payments.service.changes import INTENTS, PAYMENTS, IntentChange, lock_intent, lock_payable, lock_payment
from domain.payments.service.disputes import apply_dispute
from domain.payments.service.limits import require_room
from domain.payments.service.outcomes import apply_charge, news_of
from domain.payments.service.processors import processor_of
from domain.payments.service.releases import release_unwanted
from domain.payments.signals import PayableOrder
from domain.payments.states import CaptureMethod, PaymentIntentStatus, PaymentState

CHARGE = "charge"


@outbound_use_case("payments:write")
async def create_payment_intent(
    work: UnitOfWork, principal: Principal, command: CreatePaymentIntent
) -> Call[Charge] | NoCall[PaymentIntent]:
    """Create an intent and begin to charge it; in a live store without details, only create it.

    Raises ValidationFailed (unknown order or customer, another currency, missing or invalid details), Conflict (more
    than is left of the order, or it is cancelled), Forbidden (cryptocurrency without the enterprise plan), Unavailable
    (a live store without a processor).
    """
    require_plan(work.store, command.payment_method)
    _require_currency(work, command)
    processor = await processor_of(work)
    order = await _order_to_pay(work, command)
    change = IntentChange(await _new_intent(work, command, order), (), order)
    given = command.payment_method_details or None
    if given is None and work.store.mode == Mode.LIVE:
        change.intent.version = 1
        INTENTS.append(work, change.intent)
        await work.send()
        return NoCall(change.intent)
    return await _begin_charge(work, change, given, processor)


@create_payment_intent.settled
async def settle_charge(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> PaymentIntent:
    """Apply the outcome of a charge."""
    change, payment = await lock_payment(work, _payment_of(attempt))
    if isinstance(outcome, Failed) and outcome.code == NEVER_RECEIVED and payment.reference is not None:
        return change.intent  # the processor has told of it meanwhile
    news = news_of(outcome, payment.reference)
    if await apply_charge(work, change, payment, news):
        await release_unwanted(work, change, payment)
    await change.save(work)
    if news.dispute is not None:
        await apply_dispute(work, change, payment, news.dispute)
    return change.intent


@create_payment_intent.current
async def current_charge(work: UnitOfWork, attempt: OutboundAttempt) -> PaymentIntent:
    """The intent as it is."""
    change, _ = await lock_payment(work, _payment_of(attempt))
    return change.intent


@outbound_use_case("payments:write")
async def confirm_payment_intent(
    work: UnitOfWork, principal: Principal, command: ConfirmPaymentIntent
) -> Call[Charge] | NoCall[PaymentIntent]:
    """Begin to charge an intent: one that waits for its payment method, or again after a failure.

    Raises as ``create_payment_intent``; NotFound, Conflict (stale version, another status).
    """
    change = await lock_intent(work, command.id, command.expected_version)
    intent = change.intent
    processor = await processor_of(work)
    if intent.status not in (PaymentIntentStatus.REQUIRES_PAYMENT_METHOD, PaymentIntentStatus.FAILED):
        raise Conflict(
            f"The payment intent is {intent.status} and cannot be confirmed.", ErrorCode.ILLEGAL_TRANSITION, ("id",)
        )
    if command.payment_method is not UNSET:
        require_plan(work.store, command.payment_method)
        intent.method = command.payment_method
    if command.capture_method is not UNSET:
        intent.capture_method = command.capture_method
    _require_open(change.order, ("id",))
    return await _begin_charge(work, change, command.payment_method_details or None, processor)


confirm_payment_intent.settled(settle_charge)
confirm_payment_intent.current(current_charge)


async def _begin_charge(
    work: UnitOfWork, change: IntentChange, given: PaymentMethodDetailsInput | None, processor: str
) -> Call[Charge]:
    """Record the attempt, and say what to call."""
    intent = change.intent
    details = _details_of(work, change, given)
    if change.order is not None:
        await require_room(work, change.order, intent.amount, ("amount",))
    payment = _new_payment(work, intent, details, processor)
    if given is not None and given.return_url is not UNSET:
        intent.return_url = given.return_url
    is_stored = intent.version > 0
    intent.move(PaymentIntentStatus.PROCESSING)
    intent.payment_id, intent.next_action = payment.id, None
    intent.error_code = intent.error_message = None
    PAYMENTS.append(work, payment)
    if is_stored:
        await change.save(work)
    else:
        intent.version = 1
        INTENTS.append(work, intent)
        await work.defer_flush()
    return Call(f"{payment.id}:{CHARGE}", _charge(intent, payment, details))


def _details_of(work: UnitOfWork, change: IntentChange, given: PaymentMethodDetailsInput | None) -> ChargeDetails:
    """The given details, completed from the order. Raises ValidationFailed."""
    order = change.order
    return read_details(
        work.store,
        change.intent.method,
        given,
        billing_address=None if order is None else order.billing_address,
        email=None if order is None else order.email,
        now=work.now,
    )


def _charge(intent: PaymentIntent, payment: Payment, details: ChargeDetails) -> Charge:
    captures_now = intent.capture_method == CaptureMethod.AUTOMATIC or not METHODS[intent.method].can_authorize
    return Charge(
        payment_id=payment.id,
        intent_id=intent.id,
        order_id=intent.order_id,
        processor=payment.processor,
        amount=intent.amount,
        currency=intent.currency,
        method=intent.method,
        is_captured=captures_now,
        return_url=intent.return_url,
        details=details,
    )


async def _new_intent(work: UnitOfWork, command: CreatePaymentIntent, order: PayableOrder | None) -> PaymentIntent:
    customer_id = command.customer_id or (None if order is None else order.customer_id)
    if customer_id is not None:
        work.note_person(customer_id)
    return INTENTS.new(
        store_id=work.store.number,
        id=new_id("pi"),
        order_id=None if order is None else order.id,
        customer_id=customer_id,
        currency=command.amount.currency,
        amount=command.amount.minor_units,
        status=PaymentIntentStatus.REQUIRES_PAYMENT_METHOD,
        method=command.payment_method,
        capture_method=command.capture_method,
        metadata_=command.metadata or {},
        version=0,
        created_at=work.now,
        updated_at=work.now,
    )


def _new_payment(work: UnitOfWork, intent: PaymentIntent, details: ChargeDetails, processor: str) -> Payment:
    return PAYMENTS.new(
        store_id=work.store.number,
        id=new_id("pay"),
        intent_id=intent.id,
        order_id=intent.order_id,
        customer_id=intent.customer_id,
        currency=intent.currency,
        amount=intent.amount,
        captured=0,
        refunded=0,
        refunding=0,
        disputed=0,
        fee=0,
        status=PaymentState.PROCESSING,
        method=intent.method,
        **_kept_of_card(details.card),
        processor=processor,
        sequence=0,
        version=intent.version + 1,
        created_at=work.now,
        updated_at=work.now,
    )


def _kept_of_card(card: CardNumber | None) -> dict[str, Any]:
    """What is kept of a card; its number is not."""
    if card is None:
        return dict.fromkeys(("card_brand", "card_last4", "card_exp_month", "card_exp_year"))
    return {
        "card_brand": brand_of(card.number),
        "card_last4": card.number[-4:],
        "card_exp_month": card.exp_month,
        "card_exp_year": card.exp_year,
    }


async def _order_to_pay(work: UnitOfWork, command: CreatePaymentIntent) -> PayableOrder | None:
    """The order, locked; the customer is locked first. Raises ValidationFailed, Conflict."""
    if command.customer_id:
        await customers.find_buyer(work, command.customer_id, ("customer_id",))
    if not command.order_id:
        return None
    order = await lock_payable(work, command.order_id)
    if order is None:
        raise ValidationFailed.of(("order_id",), ErrorCode.NOT_FOUND, "There is no order with this id.")
    if command.customer_id and command.customer_id != order.customer_id:
        message = "The order belongs to another customer. Leave the field out."
        raise ValidationFailed.of(("customer_id",), ErrorCode.INVALID, message)
    _require_open(order, ("order_id",))
    return order


def _require_open(order: PayableOrder | None, path: tuple[str, ...]) -> None:
    if order is not None and order.is_cancelled:
        raise Conflict("The order is cancelled and cannot be paid.", ErrorCode.ILLEGAL_TRANSITION, path)


def _require_currency(work: UnitOfWork, command: CreatePaymentIntent) -> None:
    if command.currency is not UNSET and command.currency.upper() != work.store.currency:
        message = f"Must be {work.store.currency}, the currency of the store."
        raise ValidationFailed.of(("currency",), ErrorCode.CURRENCY_MISMATCH, message)


def _payment_of(attempt: OutboundAttempt) -> str:
    return attempt.id.partition(":")[0]
