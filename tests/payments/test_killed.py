"""kill -9 at each step of what calls a processor, of requests and of the reconciler: it is done once, and settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from domain import payments
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.orders import Order
from domain.payments import CaptureMethod
from gateway.settings import Settings
from tests.conftest import Shop
from tests.dying_processes import die, keys_of
from tests.payments import killed
from tests.payments.books import require_balanced_books
from tests.payments.conftest import (
    DECLINE,
    DISPUTED,
    LOST_ANSWER,
    SUCCESS,
    THREE_D_SECURE,
    Pay,
    PlaceOrder,
    Told,
    card,
    reconcile,
)
from tests.payments.killed import RECONCILING_STEPS, STEPS, Operation, Place


@dataclass(frozen=True, slots=True)
class Case:
    """An operation, and what comes of it."""

    name: str
    settled: str
    """The status of the intent, or of the dispute."""
    number: str = SUCCESS
    first: str | None = SUCCESS
    """The card that the intent was created with; None where there was no intent."""
    unsent: str | None = None
    """The status where the processor was never asked, if a repeat is impossible: card data are not stored."""


CASES = (
    Case("create_payment_intent", "requires_capture", first=None, unsent="failed"),
    Case("confirm_payment_intent", "requires_capture", first=DECLINE, unsent="failed"),
    Case("confirm_payment_intent", "requires_action", THREE_D_SECURE, first=DECLINE, unsent="failed"),
    Case("capture_payment_intent", "succeeded"),
    Case("refund_payment", "succeeded"),
    Case("cancel_payment_intent", "cancelled"),
    Case("respond_to_dispute", "under_review", first=DISPUTED),
)


@pytest.fixture
def place(database_url: str, settings: Settings, shop: Shop) -> Place:
    """The test store, for processes that die."""
    return Place(database_url, keys_of(settings), shop.test)


async def prepared(pay: Pay, told: Told, case: Case, order: Order) -> Operation:
    """The operation, on what allows it."""
    amount = Money(order.total, order.currency)
    if case.first is None:
        return Operation(case.name, amount=order.total, order_id=order.id)
    captured = case.name in ("refund_payment", "respond_to_dispute")
    intent = await pay(
        payments.create_payment_intent,
        amount=amount,
        order_id=order.id,
        payment_method_details=card(case.first),
        capture_method=CaptureMethod.AUTOMATIC if captured else CaptureMethod.MANUAL,
    )
    if case.name == "respond_to_dispute":
        dispute = (await told.rows("payment_dispute", "id"))[-1]
        return Operation(case.name, id=dispute["id"])
    return Operation(case.name, id=intent.id, amount=700 if case.name == "refund_payment" else 0, number=case.number)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.number[-4:]}")
async def test_an_operation_that_dies_is_settled_once(
    place: Place, database: Database, pay: Pay, told: Told, place_order: PlaceOrder, case: Case
) -> None:
    """Taken out to see it fail: the attempt's row before the call, its id as the sandbox's key, the reconciler."""
    for step in STEPS:
        order = await place_order()
        operation = await prepared(pay, told, case, order)
        await die(database, place.owner, killed.run, place, operation, step)
        await reconcile(database)
        await require_balanced_books(database, place.owner)
        if step == "first half":  # nothing was committed: it can be asked for again
            await pay(operation.use_case, **operation.command(order.currency))
        expected = case.unsent if case.unsent is not None and step == "committed" else case.settled
        assert await status_of(told, case) == expected, step


async def status_of(told: Told, case: Case) -> str:
    """The newest is that of the operation: ids are in the order of time."""
    table = "payment_dispute" if case.name == "respond_to_dispute" else "payment_intent"
    status: str = (await told.rows(table, "status"))[-1]["status"]
    return status


@pytest.mark.parametrize("step", ["first half", "settled"])
async def test_an_order_whose_cancellation_dies_is_cancelled_with_its_refunds_or_not_at_all(
    place: Place, database: Database, pay: Pay, told: Told, place_order: PlaceOrder, step: str
) -> None:
    """Fails when the refunds commit apart from the cancel."""
    order = await paid_in_parts(pay, place_order)
    await die(database, place.owner, killed.cancel_order, place, order.id, step)
    refunds = [row["status"] for row in await told.rows("payment_refund", "status")]
    assert refunds == ([] if step == "first half" else ["pending"])
    await reconcile(database)
    await require_balanced_books(database, place.owner)
    statuses = [row["status"] for row in await told.rows("payment_intent", "status")]
    (found,) = await told.rows("sales_order", "status, captured, refunded")
    if step == "first half":
        assert (found["status"], found["refunded"], statuses) == ("pending", 0, ["succeeded", "requires_capture"])
    else:
        assert (found["status"], found["refunded"], statuses) == ("cancelled", 1_000, ["succeeded", "cancelled"])
        assert found["captured"] == found["refunded"]


async def test_a_reconciler_that_dies_leaves_all_to_the_next(
    place: Place, database: Database, pay: Pay, told: Told, place_order: PlaceOrder
) -> None:
    """Of a refund, a release and a charge whose answer was lost. Fails when a lease does not end, or an attempt is
    settled outside the transaction of what it changes.
    """
    for count, step in enumerate(RECONCILING_STEPS, 1):
        await reconcile(database)  # what other tests have left in flight
        order = await paid_in_parts(pay, place_order)
        details = card(LOST_ANSWER)
        await pay(payments.create_payment_intent, amount=Money(500, order.currency), payment_method_details=details)
        await killed.cancel(database, place.owner, order.id)
        await die(database, place.owner, killed.reconcile_once, place, step)
        await reconcile(database, hours=2)
        await require_balanced_books(database, place.owner)
        assert [row["status"] for row in await told.rows("payment_refund", "status")] == ["succeeded"] * count, step
        statuses = [row["status"] for row in await told.rows("payment_intent", "status")]
        assert statuses == ["succeeded", "cancelled", "requires_capture"] * count, step


async def paid_in_parts(pay: Pay, place_order: PlaceOrder) -> Order:
    """An order of which 10.00 are collected and the rest is authorised."""
    order = await place_order()
    for amount, method in ((1_000, CaptureMethod.AUTOMATIC), (order.total - 1_000, CaptureMethod.MANUAL)):
        money = Money(amount, order.currency)
        given: dict[str, Any] = {"order_id": order.id, "payment_method_details": card(SUCCESS)}
        await pay(payments.create_payment_intent, amount=money, capture_method=method, **given)
    return order
