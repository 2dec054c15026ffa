"""Outcomes that come after others, and contradict them: an outcome is a fact, and is booked."""

from __future__ import annotations

from typing import Any

import pytest

from domain import payments
from domain.kernel.errors import Unavailable
from domain.kernel.money import Money
from domain.kernel.use_cases.outbound import NEVER_RECEIVED, Failed, begin_attempt, outbound_of
from domain.orders.commands import CancelOrder
from domain.orders.service import cancel_order
from domain.payments.commands import RefundItemInput
from domain.payments.ports import ChargeState, RefundState
from domain.payments.service.changes import lock_payment
from domain.payments.service.refunds import begin_refund
from tests.payments.conftest import DECLINE, LOST_ANSWER, SUCCESS, Pay, PlaceOrder, Told, card, reconcile

GBP = "GBP"


async def test_a_refund_that_failed_and_succeeded_after_all_is_booked(
    told: Told, pay: Pay, make_payment: Pay, place_order: PlaceOrder
) -> None:
    """Any number of times, on the payment, the order, its lines and the ledger."""
    order = await place_order()
    intent = await make_payment(amount=order.total, order_id=order.id)
    line = RefundItemInput(id=order.items[0].id, quantity=1)
    refund = await pay(payments.refund_payment, id=intent.payment_id, items=(line,))
    for state, refunded, count in (
        (RefundState.FAILED, 0, 0),
        (RefundState.SUCCEEDED, 1_000, 1),
        (RefundState.SUCCEEDED, 1_000, 1),
        (RefundState.FAILED, 0, 0),
        (RefundState.SUCCEEDED, 1_000, 1),
    ):
        code = "refund_failed" if state == RefundState.FAILED else None
        await told.refund(refund.id, state, error_code=code, error_message=code)
        payment = await told.payment(intent.payment_id)
        (row,) = await told.rows("payment_refund", "status, error_code")
        (sold,) = await told.rows("sales_order", "refunded")
        (item,) = await told.rows("order_item", "refunded")
        assert (payment.refunded, row["status"], row["error_code"]) == (refunded, str(state), code)
        assert (sold["refunded"], item["refunded"]) == (refunded, count)
    kinds = [kind for kind, _ in await told.transfers()]
    assert (kinds.count("refund"), kinds.count("refund_reversal")) == (3, 2)


async def test_a_refund_that_succeeded_after_all_waits_for_those_that_took_its_place(
    told: Told, pay: Pay, make_payment: Pay
) -> None:
    """The processor refuses one of them, and repeats what it told."""
    intent = await make_payment(1_000)
    first = await pay(payments.refund_payment, id=intent.payment_id, amount=Money(800, GBP))
    await told.refund(first.id, RefundState.FAILED)
    second = await pay(payments.refund_payment, id=intent.payment_id, amount=Money(500, GBP))
    with pytest.raises(Unavailable, match="Other refunds of the payment"):
        await told.refund(first.id, RefundState.SUCCEEDED)
    await told.refund(second.id, RefundState.FAILED)
    await told.refund(first.id, RefundState.SUCCEEDED)
    assert (await told.payment(intent.payment_id)).refunded == 800


async def declined(pay: Pay, **given: Any) -> Any:
    """An intent whose payment has failed."""
    intent = await pay(
        payments.create_payment_intent, amount=Money(3_000, GBP), payment_method_details=card(DECLINE), **given
    )
    assert intent.status == "failed"
    return intent


async def test_a_payment_that_failed_and_is_held_after_all_can_be_captured(
    told: Told, pay: Pay, place_order: PlaceOrder
) -> None:
    order = await place_order()
    intent = await declined(pay, order_id=order.id)
    await told.charge(intent.payment_id, ChargeState.AUTHORIZED)
    found = await told.intent(intent.id)
    assert (found.status, found.error_code) == ("requires_capture", None)
    (sold,) = await told.rows("sales_order", "payment_failed")
    assert not sold["payment_failed"]
    captured = await pay(payments.capture_payment_intent, id=intent.id)
    assert captured.status == "succeeded"


@pytest.mark.parametrize("reason", ["another attempt", "another intent", "cancelled intent", "cancelled order"])
async def test_a_payment_that_is_held_after_all_and_not_wanted_is_given_up(
    told: Told, pay: Pay, place_order: PlaceOrder, reason: str
) -> None:
    order = await place_order()
    intent = await declined(pay, order_id=order.id)
    status = "cancelled"
    if reason == "another attempt":
        await pay(payments.confirm_payment_intent, id=intent.id, payment_method_details=card(SUCCESS))
        status = "requires_capture"
    elif reason == "another intent":
        given = {"order_id": order.id, "payment_method_details": card(SUCCESS)}
        await pay(payments.create_payment_intent, amount=Money(2_000, GBP), **given)
        status = "failed"
    elif reason == "cancelled intent":
        await pay(payments.cancel_payment_intent, id=intent.id)
    else:
        async with told.database.transaction(told.owner) as work:
            await cancel_order(work, told.owner, CancelOrder(id=order.id))
    await told.charge(intent.payment_id, ChargeState.AUTHORIZED)
    assert (await told.payment(intent.payment_id)).status == "authorized"
    await reconcile(told.database)
    assert (await told.payment(intent.payment_id)).status == "cancelled"
    found = await told.intent(intent.id)
    assert (found.status, found.error_code) == (status, "card_declined" if status != "requires_capture" else None)


@pytest.mark.parametrize("state", [ChargeState.AUTHORIZED, ChargeState.REQUIRES_ACTION, ChargeState.PENDING])
async def test_a_charge_that_was_told_of_does_not_count_as_never_received(
    told: Told, pay: Pay, state: ChargeState
) -> None:
    intent = await pay(payments.create_payment_intent, amount=Money(500, GBP), payment_method_details=card(LOST_ANSWER))
    await told.charge(intent.payment_id, state)
    await told.settle(f"{intent.payment_id}:charge", Failed(NEVER_RECEIVED, "Never received."))
    statuses = {ChargeState.PENDING: "processing"}
    assert (await told.payment(intent.payment_id)).status == statuses.get(state, str(state))


async def test_a_refund_that_was_told_of_is_not_taken_back_by_a_refused_call(told: Told, make_payment: Pay) -> None:
    """Such as one whose answer was lost, and that is refused when it is sent again."""
    intent = await make_payment(1_000)
    async with told.database.transaction(told.owner) as work:
        change, payment = await lock_payment(work, intent.payment_id)
        call = begin_refund(work, payment, 1_000, reason=None, lines=[])
        await begin_attempt(work, outbound_of("payments.refund_payment"), call)
        await change.save(work)
    await told.refund(call.request.refund_id, RefundState.SUCCEEDED)
    await told.settle(call.attempt_id, Failed("charge_already_refunded", "It has already been refunded."))
    assert (await told.payment(intent.payment_id)).refunded == 1_000


async def test_a_payment_that_failed_and_was_collected_after_all_is_booked(
    told: Told, pay: Pay, place_order: PlaceOrder
) -> None:
    order = await place_order()
    intent = await declined(pay, order_id=order.id)
    await told.charge(intent.payment_id, ChargeState.CAPTURED, captured=3_000)
    assert (await told.intent(intent.id)).status == "succeeded"
    (sold,) = await told.rows("sales_order", "captured, payment_failed, payment_status")
    assert (sold["captured"], sold["payment_failed"], sold["payment_status"]) == (3_000, False, "paid")
