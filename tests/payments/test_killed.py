"""kill -9 at each step of a charge, a capture, a refund and a cancellation: nothing is charged or paid back twice."""

from __future__ import annotations

from typing import Any

import pytest

from domain import payments
from domain.kernel.database import Database
from domain.kernel.money import Money
from gateway.settings import Settings
from tests.conftest import Shop
from tests.dying_processes import die, keys_of
from tests.payments import killed
from tests.payments.books import require_balanced_books
from tests.payments.conftest import Pay, PlaceOrder, card, reconcile
from tests.payments.killed import STEPS, Operation

SETTLED = {
    "create_payment_intent": "requires_capture",
    "capture_payment_intent": "succeeded",
    "refund_payment": "succeeded",
    "cancel_payment_intent": "cancelled",
}


async def prepared(pay: Pay, name: str, order: Any) -> Operation:
    """The operation, on a payment that allows it."""
    if name == "create_payment_intent":
        return Operation(name, amount=order.total, order_id=order.id)
    intent = await pay(
        payments.create_payment_intent,
        amount=Money(order.total, order.currency),
        order_id=order.id,
        payment_method_details=card("4242424242424242"),
    )
    if name == "refund_payment":
        await pay(payments.capture_payment_intent, id=intent.id)
    return Operation(name, id=intent.id, amount=700 if name == "refund_payment" else 0)


@pytest.mark.parametrize("name", SETTLED)
async def test_an_operation_that_dies_is_settled_once(
    database_url: str, settings: Settings, database: Database, shop: Shop, pay: Pay, place_order: PlaceOrder, name: str
) -> None:
    """Taken out to see it fail: the attempt's row before the call, its id as the sandbox's key, the reconciler."""
    keys = keys_of(settings)
    for step in STEPS:
        order = await place_order()
        operation = await prepared(pay, name, order)
        await die(database, shop.test, killed.run, database_url, keys, shop.test, operation, step)
        await reconcile(database)
        await require_balanced_books(database, shop.test)
        if step == "first half":  # nothing was committed: it can be asked for again
            await pay(operation.use_case, **operation.command(order.currency))
        status = await status_of(database, shop)
        never_sent = name == "create_payment_intent" and step == "committed"
        assert status == ("failed" if never_sent else SETTLED[name]), step


async def status_of(database: Database, shop: Shop) -> str:
    """The newest intent is that of the operation."""
    async with database.system_connection() as connection:
        query = "SELECT status FROM payment_intent WHERE store_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1"
        return str(await connection.fetchval(query, shop.test.store.number))
