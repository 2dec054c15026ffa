"""Authorisations end when the processor says so: the worker gives them up, once."""

from __future__ import annotations

from datetime import timedelta

from domain import access, orders, payments
from domain.kernel.database import Database
from domain.kernel.money import Money
from gateway.worker import maintenance_tasks
from tests.conftest import Shop
from tests.payments.conftest import SUCCESS, Pay, PlaceOrder, card, reconcile

WEEK = timedelta(days=7)


async def test_an_authorisation_that_has_ended_is_given_up(
    database: Database, shop: Shop, pay: Pay, place_order: PlaceOrder
) -> None:
    """Taken out: ``release_expired`` of the worker's rounds. What was captured in time stays."""
    order = await place_order()
    given = {"amount": Money(order.total, "GBP"), "order_id": order.id, "payment_method_details": card(SUCCESS)}
    held = await pay(payments.create_payment_intent, **given)
    kept = await pay(payments.create_payment_intent, amount=Money(900, "GBP"), payment_method_details=card(SUCCESS))
    await pay(payments.capture_payment_intent, id=kept.id)
    now = database.clock()
    await payments.release_expired(database, access.stores_by_number, now + WEEK - timedelta(hours=1))
    assert await attempts(database, shop) == 0
    for _ in range(2):  # the second round finds nothing
        await payments.release_expired(database, access.stores_by_number, now + WEEK + timedelta(hours=1))
        assert await attempts(database, shop) == 1
    await reconcile(database)
    async with database.transaction(shop.test) as work:
        ended = await payments.reads.intent_by_id.for_key(work.reader, held.id)
        charged = await payments.reads.intent_by_id.for_key(work.reader, kept.id)
    assert (ended.status, ended.error_code) == ("cancelled", "authorization_expired")
    assert charged.status == "succeeded"
    again = await pay(payments.create_payment_intent, **given)  # the order can be paid again
    assert again.status == "requires_capture"


async def test_a_cancelled_order_releases_and_refunds_what_was_paid(
    database: Database, shop: Shop, pay: Pay, place_order: PlaceOrder
) -> None:
    """The refunds commit as pending with the cancellation; the worker settles them."""
    order = await place_order()
    parts = [
        await pay(
            payments.create_payment_intent,
            amount=Money(1_000, "GBP"),
            order_id=order.id,
            payment_method_details=card(SUCCESS),
        )
        for _ in range(2)
    ]
    await pay(payments.capture_payment_intent, id=parts[0].id)
    async with database.transaction(shop.test) as work:
        command = orders.commands.CancelOrder(id=order.id, refund=True)
        await orders.cancel_order(work, shop.test, command)
    async with database.transaction(shop.test) as work:
        refunds = await payments.reads.refunds_by_order.for_key(work.reader, order.id)
        held = await payments.reads.intent_by_id.for_key(work.reader, parts[1].id)
    assert [(each.status, each.amount, each.reason) for each in refunds] == [("pending", 1_000, "order_cancelled")]
    assert held.status == "processing"
    await reconcile(database)
    async with database.transaction(shop.test) as work:
        (refund,) = await payments.reads.refunds_by_order.for_key(work.reader, order.id)
        held = await payments.reads.intent_by_id.for_key(work.reader, parts[1].id)
        cancelled = await orders.reads.order_by_id.for_key(work.reader, order.id)
    assert (refund.status, held.status) == ("succeeded", "cancelled")
    assert (cancelled.payment_status, cancelled.refunded) == ("refunded", 1_000)


async def test_the_worker_looks_for_them(database: Database) -> None:
    assert "expired authorisations" in maintenance_tasks(database, timedelta(days=30))


async def attempts(database: Database, shop: Shop) -> int:
    """The calls that wait for the worker."""
    async with database.system_connection() as connection:
        query = "SELECT count(*) FROM outbound_attempt WHERE store_id = $1 AND state = 'in_flight'"
        return int(await connection.fetchval(query, shop.test.store.number))
