"""Authorisations end when the processor says so: the worker gives them up, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import access, orders, payments
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.principal import Store
from domain.kernel.use_cases.outbound import Failed, Outcome
from domain.payments.ports import ProcessorRequest, Void
from domain.payments.sandbox import SandboxProcessor
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
    await give_up(database, now + WEEK - timedelta(hours=1))
    assert await attempts(database, shop) == 0
    for _ in range(2):  # the second round finds nothing
        await give_up(database, now + WEEK + timedelta(hours=1))
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


async def give_up(database: Database, now: datetime) -> None:
    """Give up what has ended by then, of this test and of others before it: more than a batch, maybe."""
    while await payments.release_expired(database, access.stores_by_number, now):
        pass


async def attempts(database: Database, shop: Shop) -> int:
    """The calls that wait for the worker."""
    async with database.system_connection() as connection:
        query = "SELECT count(*) FROM outbound_attempt WHERE store_id = $1 AND state = 'in_flight'"
        return int(await connection.fetchval(query, shop.test.store.number))


class RefusingProcessor:
    """Refuses to let go of what it holds, and counts how often it was asked about a payment."""

    def __init__(self, payment_id: str) -> None:
        self.asked = 0
        self._payment_id = payment_id

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """See the port."""
        self.asked += isinstance(request, Void) and request.payment_id == self._payment_id
        return Failed("processor_error", "Try again.")

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        return None


async def test_a_refused_release_is_tried_again_an_hour_later(database: Database, shop: Shop, pay: Pay) -> None:
    """Until then nothing is. Taken out: the next time; the authorisation is never given up, or in every round."""
    held = await pay(payments.create_payment_intent, amount=Money(900, "GBP"), payment_method_details=card(SUCCESS))
    refusing = RefusingProcessor(held.payment_id)
    database.provide(refusing, kind=Void)
    ended = database.clock() + WEEK
    for hours, asked in ((1.0, 1), (1.5, 1), (2.5, 2), (3.0, 2)):
        await give_up(database, ended + timedelta(hours=hours))
        await reconcile(database)
        assert refusing.asked == asked
        async with database.transaction(shop.test) as work:
            found = await payments.reads.intent_by_id.for_key(work.reader, held.id)
            payment = await payments.reads.payment_by_id.for_key(work.reader, held.payment_id)
        assert (found.status, found.error_code) == ("requires_capture", "processor_error")
        assert payment.authorization_expires_at is not None
    database.provide(database.dependency(SandboxProcessor), kind=Void)
    await give_up(database, ended + timedelta(hours=4))
    await reconcile(database)
    async with database.transaction(shop.test) as work:
        found = await payments.reads.intent_by_id.for_key(work.reader, held.id)
    assert (found.status, found.error_code) == ("cancelled", "authorization_expired")
