"""Refunds that are made in Stripe's dashboard: payment, order and ledger follow them."""

from __future__ import annotations

import asyncio
from typing import Any

from domain import orders, payments
from domain.catalog.commands import VariantInput
from domain.kernel.money import Money
from domain.orders.commands import CreateOrder, OrderItemInput
from tests.conftest import MakeProduct
from tests.payments.stripe.live_store import USD, LiveStore, token


async def collected(live: LiveStore, **given: Any) -> tuple[Any, dict[str, Any]]:
    """A collected intent of 50.00, and Stripe's."""
    intent = await live.pay(
        payments.create_payment_intent,
        amount=Money(5_000, USD),
        payment_method_details=token(),
        capture_method=payments.CaptureMethod.AUTOMATIC,
        **given,
    )
    return intent, list(live.stripe.account.intents.values())[-1]


async def test_a_refund_of_the_dashboard_is_booked_once(live: LiveStore, make_product: MakeProduct) -> None:
    product = await make_product(live.owner, price=Money(5_000, USD), variants=(VariantInput(sku="MUG", inventory=10),))
    async with live.database.transaction(live.owner) as work:
        items = (OrderItemInput(product_id=product.id, quantity=1),)
        order = await orders.create_order(work, live.owner, CreateOrder(items=items))
    intent, charged = await collected(live, order_id=order.id)
    refund = live.stripe.account.refund({"payment_intent": charged["id"], "amount": 2_000})
    answers = await asyncio.gather(*(live.tell(type, refund) for type in ("refund.created", "refund.updated") * 2))
    assert [each.status_code for each in answers] == [200] * 4
    (booked,) = await live.refunds(intent.payment_id)
    assert (booked.status, booked.amount, booked.reason, booked.reference) == ("succeeded", 2_000, None, refund["id"])
    assert [each for each in await live.transfers() if each[0] == "refund"] == [("refund", 2_000)]
    async with live.database.transaction(live.owner) as work:
        found = await orders.reads.order_by_id.for_key(work.reader, order.id)
        paid = await payments.reads.payment_by_id.for_key(work.reader, intent.payment_id)
    assert (found.refunded, paid.refunded) == (2_000, 2_000)
    refund |= {"status": "failed", "failure_reason": "declined"}
    assert (await live.tell("refund.failed", refund)).status_code == 200
    (booked,) = await live.refunds(intent.payment_id)
    assert (booked.status, booked.error_code) == ("failed", "declined")
    assert (await live.transfers())[-1] == ("refund_reversal", 2_000)


async def test_a_pending_refund_of_the_dashboard_reserves_its_amount(live: LiveStore) -> None:
    intent, charged = await collected(live)
    live.stripe.account.next_refund_status = "pending"
    refund = live.stripe.account.refund({"payment_intent": charged["id"], "amount": 2_000})
    await live.tell("refund.created", refund)
    (booked,) = await live.refunds(intent.payment_id)
    assert booked.status == "pending"
    live.stripe.account.next_refund_status = "succeeded"
    rest = await live.pay(payments.refund_payment, id=intent.id)
    assert (rest.amount, rest.status) == (3_000, "succeeded")


async def test_a_refund_of_the_dashboard_waits_for_what_the_store_has_reserved(live: LiveStore) -> None:
    """Stripe repeats what it told; it refuses the refund of the store, for which nothing is left there."""
    intent, charged = await collected(live)
    refund = live.stripe.account.refund({"payment_intent": charged["id"], "amount": 4_000})
    live.stripe.fail("cut", "/v1/refunds", times=2)
    own = await live.pay(payments.refund_payment, id=intent.id)
    assert own.status == "pending"
    waits = await live.tell("refund.created", refund)
    assert (waits.status_code, waits.headers["Retry-After"]) == (503, "60")
    await live.reconcile()
    (refused,) = await live.refunds(intent.payment_id)
    assert refused.status == "failed"
    assert (await live.tell("refund.created", refund)).status_code == 200
    assert [each.amount for each in await live.refunds(intent.payment_id)] == [5_000, 4_000]


async def test_a_failed_refund_and_one_of_another_payment_are_not_booked(live: LiveStore) -> None:
    intent, charged = await collected(live)
    refund = live.stripe.account.refund({"payment_intent": charged["id"], "amount": 2_000})
    refund["status"] = "failed"
    assert (await live.tell("refund.failed", refund)).status_code == 200
    refund |= {"status": "succeeded", "payment_intent": "pi_of_another_shop"}
    assert (await live.tell("refund.created", refund)).status_code == 200
    assert await live.refunds(intent.payment_id) == []
