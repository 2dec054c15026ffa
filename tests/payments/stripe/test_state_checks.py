"""What Stripe has not settled yet is asked about by the worker: webhooks may be lost."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import access, payments
from domain.kernel.errors import Unavailable
from domain.kernel.money import Money
from domain.payments.commands import BankAccountInput, PaymentMethodDetailsInput
from domain.payments.service.check_times import FIRST_AFTER, GIVEN_UP_AFTER
from gateway.adapters.stripe import StripeProcessor
from gateway.worker import run_payment_checks
from tests.payments.stripe.live_store import USD, LiveStore, token

RETURN = "https://shop.example/thanks"
ACCOUNT = BankAccountInput(routing_number="110000000", account_number="000123456789", holder_name="Jane Doe")
READS = "/v1/(payment_intents|refunds)/.*"


async def check(live: LiveStore, after: timedelta = FIRST_AFTER + timedelta(minutes=1)) -> int:
    """A round of the worker after some time. Returns how often Stripe was asked."""
    async with live.database.system_connection() as connection:  # other tests leave theirs in the same database
        for table in ("payment", "payment_refund"):
            query = f"UPDATE {table} SET next_check_at = NULL WHERE store_id <> $1 AND next_check_at IS NOT NULL"
            await connection.execute(query, live.owner.store.number)
    before = len(live.stripe.sent(READS, "GET"))
    while await payments.check_states(live.database, access.stores_by_number, live.database.clock() + after):
        pass
    return len(live.stripe.sent(READS, "GET")) - before


async def waiting(live: LiveStore, method: payments.PaymentMethod, **given: Any) -> tuple[Any, dict[str, Any]]:
    """An intent that waits for the buyer or the bank, and Stripe's."""
    details = PaymentMethodDetailsInput(**given)
    intent = await live.pay(
        payments.create_payment_intent,
        amount=Money(900, USD),
        payment_method=method,
        payment_method_details=details,
        capture_method=payments.CaptureMethod.AUTOMATIC,
    )
    return intent, list(live.stripe.account.intents.values())[-1]


async def test_a_payment_that_waits_for_the_buyer_is_asked_about(live: LiveStore) -> None:
    intent, charged = await waiting(live, payments.PaymentMethod.CARD, token="pm_card_threeDSecure", return_url=RETURN)
    assert intent.status == "requires_action"
    assert await check(live, timedelta(minutes=1)) == 0
    version = (await live.intent(intent.id)).version
    assert await check(live) == 1
    assert (await live.intent(intent.id)).version == version  # nothing is new
    live.stripe.account.authenticate(charged["id"])
    assert await check(live, timedelta(hours=1)) == 1
    found = await live.intent(intent.id)
    assert (found.status, found.next_action) == ("succeeded", None)
    assert [kind for kind, _ in await live.transfers()] == ["capture", "fee"]
    assert await check(live, timedelta(days=2)) == 0


async def test_a_bank_transfer_is_asked_about_until_it_settles(live: LiveStore) -> None:
    intent, charged = await waiting(live, payments.PaymentMethod.ACH, bank_account=ACCOUNT)
    live.stripe.account.authenticate(charged["id"])
    assert await check(live) == 1
    found = await live.intent(intent.id)
    assert found.status == "processing"
    assert await check(live, timedelta(minutes=45)) == 1
    assert (await live.intent(intent.id)).version == found.version  # nothing is new
    charged |= {"status": "requires_payment_method"}
    charged["last_payment_error"] = {"type": "card_error", "code": "payment_method_provider_decline"}
    assert await check(live, timedelta(hours=2)) == 1
    assert (await live.intent(intent.id)).status == "failed"


async def test_a_pending_refund_is_asked_about(live: LiveStore) -> None:
    auto = payments.CaptureMethod.AUTOMATIC
    intent = await live.pay(
        payments.create_payment_intent, amount=Money(900, USD), payment_method_details=token(), capture_method=auto
    )
    live.stripe.account.next_refund_status = "pending"
    refund = await live.pay(payments.refund_payment, id=intent.id)
    assert refund.status == "pending"
    assert await check(live, timedelta(minutes=1)) == 0
    assert await check(live) == 1
    (made,) = live.stripe.account.refunds.values()
    made["status"] = "succeeded"
    assert await check(live, timedelta(hours=1)) == 1
    (found,) = await live.refunds(intent.payment_id)
    assert found.status == "succeeded"
    assert [each for each in await live.transfers() if each[0] == "refund"] == [("refund", 900)]
    assert await check(live, timedelta(days=2)) == 0


async def test_the_longest_due_are_asked_first_and_more_and_more_rarely(live: LiveStore) -> None:
    made = []
    for _ in range(3):
        _, charged = await waiting(live, payments.PaymentMethod.CARD, token="pm_card_threeDSecure", return_url=RETURN)
        made.append(charged["id"])
    assert await check(live) == 3
    asked = [each.path.rpartition("/")[2] for each in live.stripe.sent(READS, "GET")]
    assert asked == made
    rounds = [await check(live, timedelta(hours=6 * number)) for number in range(1, 21)]
    assert rounds[:3] == [3, 3, 3]
    assert sum(rounds[-8:]) == 3 * 4  # two days, twice a day
    assert await check(live, GIVEN_UP_AFTER + timedelta(days=1)) == 0
    assert await check(live, GIVEN_UP_AFTER + timedelta(days=2)) == 0


async def test_a_processor_that_is_away_is_asked_later(live: LiveStore) -> None:
    intent, charged = await waiting(live, payments.PaymentMethod.CARD, token="pm_card_threeDSecure", return_url=RETURN)
    live.stripe.account.authenticate(charged["id"])
    await live.set_keys(None)
    assert await check(live) == 0
    await live.set_keys()
    live.stripe.fail("denied", READS, method="GET")
    assert await check(live, timedelta(hours=1)) == 1
    assert (await live.intent(intent.id)).status == "requires_action"
    assert await check(live, timedelta(hours=2)) == 1
    assert (await live.intent(intent.id)).status == "succeeded"


async def test_no_connection_is_held_while_stripe_is_asked(live: LiveStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the end of the transaction before the question. The times are written first."""
    await waiting(live, payments.PaymentMethod.CARD, token="pm_card_threeDSecure", return_url=RETURN)
    seen: list[tuple[int, datetime]] = []

    async def current(self: StripeProcessor, news: Any, store: Any) -> Any:
        async with live.database.system_connection() as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in "
            held = await connection.fetchval(query + "transaction'")
            at = await connection.fetchval("SELECT next_check_at FROM payment WHERE store_id = $1", store.number)
        seen.append((held, at))
        raise Unavailable("It is away.")

    monkeypatch.setattr(StripeProcessor, "current", current)
    await check(live)
    ((held, at),) = seen
    assert held == 0
    assert at > live.database.clock() + FIRST_AFTER


async def test_the_worker_checks_beside_its_maintenance(live: LiveStore) -> None:
    intent, charged = await waiting(live, payments.PaymentMethod.CARD, token="pm_card_threeDSecure", return_url=RETURN)
    live.stripe.account.authenticate(charged["id"])
    async with live.database.system_connection() as connection:
        query = "UPDATE payment SET next_check_at = now() WHERE store_id = $1"
        await connection.execute(query, live.owner.store.number)
    checking = asyncio.create_task(run_payment_checks(live.database))
    async with asyncio.timeout(20):
        while (await live.intent(intent.id)).status != "succeeded":
            await asyncio.sleep(0.05)
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)
