"""How much a refund pays back, and what of the processor's fee comes back with it."""

from __future__ import annotations

import pytest

from domain import payments
from domain.kernel.database import Database
from domain.kernel.principal import Mode
from domain.payments.ports import DisputeNews
from domain.payments.states import DisputeStatus
from tests.conftest import Client, Shop
from tests.payments.rest.conftest import REFUND_PENDING, MakeOrder, Pay, card, problems_of
from tests.payments.rest.test_payments import balances, get, post
from tests.payments.rest.test_refunds import paid


async def dispute_all(database: Database, shop: Shop, payment_id: str, amount: int) -> None:
    """Let the buyer's bank dispute a captured payment in whole, whatever was refunded: as banks do."""
    assert shop.test.store.mode == Mode.TEST
    async with database.transaction(shop.test) as work:
        payment = await work.lock(payments.Payment, payment_id, noun="payment")
        news = DisputeNews(
            reference="dispute_of_all",
            charge_reference=payment.reference or "",
            status=DisputeStatus.NEEDS_RESPONSE,
            amount=amount,
            reason="fraudulent",
            respond_by=None,
        )
        assert await payments.record_dispute_news(work, news)


async def test_nothing_is_left_of_a_payment_that_is_disputed_in_whole(
    till: Client, database: Database, shop: Shop, pay: Pay
) -> None:
    """Captured 40.00, refunded 15.00, disputed 40.00: the default is not -15.00."""
    intent, payment = await paid(pay)
    await post(till, f"/v2/payments/{payment}/refund", amount=1500)
    await dispute_all(database, shop, payment, 4000)
    for id in (intent, payment):
        for given in ({}, {"amount": 1}):
            answer = await till("POST", f"/v2/payments/{id}/refund", json=given)
            assert (answer.status_code, problems_of(answer)) == (409, [("amount", "AMOUNT_EXCEEDED")])
            assert answer.json()["error"]["message"] == "At most 0.00 GBP can be refunded."
    assert len((await get(till, f"/v2/payments/{payment}/refunds"))["data"]) == 1


async def test_a_cancelled_order_refunds_nothing_of_what_is_disputed_in_whole(
    till: Client, database: Database, shop: Shop, make_order: MakeOrder, pay: Pay
) -> None:
    order = await make_order()
    _, payment = await paid(pay, order)
    await post(till, f"/v2/payments/{payment}/refund", amount=1500)
    await dispute_all(database, shop, payment, 4000)
    await post(till, f"/v2/orders/{order['id']}/cancel", refund=True)
    assert len((await get(till, f"/v2/payments/{payment}/refunds"))["data"]) == 1


@pytest.mark.parametrize("parts", [(2000, 2000), (1333, 1333, 1334), (1, 3998, 1), (4000,)])
async def test_parts_return_the_whole_fee_and_never_more(till: Client, pay: Pay, parts: tuple[int, ...]) -> None:
    """A dispute that was won meanwhile has a fee of its own, which does not come back."""
    _, payment = await paid(pay)
    fee = (await get(till, f"/v2/payments/{payment}"))["fee"]
    assert fee == 146
    dispute = await post(till, f"/v2/sandbox/payments/{payment}/dispute")
    await post(till, f"/v2/sandbox/payments/disputes/{dispute['id']}/close", outcome="won")
    returned = 0
    for part in parts:
        refund = await post(till, f"/v2/payments/{payment}/refund", amount=part, refund_application_fee=True)
        assert abs(refund["fee"] - fee * part / 4000) < 1
        returned += refund["fee"]
    assert returned == fee
    assert (await balances(till))["fees"] == dispute["fee"]


async def test_only_refunds_that_ask_for_the_fee_return_their_share(till: Client, pay: Pay) -> None:
    _, payment = await paid(pay)
    fees = []
    for asks in (False, True, False):
        given = {"amount": 1000, "refund_application_fee": asks}
        fees.append((await post(till, f"/v2/payments/{payment}/refund", **given))["fee"])
    assert fees == [0, 36, 0]


@pytest.mark.parametrize("asks", [True, False])
async def test_a_pending_refund_returns_its_share_of_the_fee_when_it_succeeds(
    till: Client, pay: Pay, asks: bool
) -> None:
    """Two of them wait at once, for a half each."""
    _, payment = await paid(pay, **card(REFUND_PENDING))
    given = {"amount": 2000, "refund_application_fee": asks}
    pending = [await post(till, f"/v2/payments/{payment}/refund", **given) for _ in range(2)]
    assert [(each["status"], each["fee"]) for each in pending] == [("pending", 0)] * 2
    for each in pending:
        settled = await post(till, f"/v2/sandbox/payments/refunds/{each['id']}/settle", outcome="succeeded")
        assert (settled["status"], settled["fee"]) == ("succeeded", 73 if asks else 0)
    assert (await get(till, f"/v2/payments/{payment}"))["fee"] == (0 if asks else 146)


async def test_a_refund_that_fails_later_costs_the_fee_again(till: Client, pay: Pay) -> None:
    """Corrections are transfers of their own, and the payment shows what the ledger does."""
    _, payment = await paid(pay)
    before = await balances(till)
    refund = await post(till, f"/v2/payments/{payment}/refund", amount=2000, refund_application_fee=True)
    assert ((await get(till, f"/v2/payments/{payment}"))["fee"], refund["fee"]) == (73, 73)
    failed = await post(till, f"/v2/sandbox/payments/refunds/{refund['id']}/settle", outcome="failed")
    assert ((await get(till, f"/v2/payments/{payment}"))["fee"], failed["fee"]) == (146, 0)
    assert await balances(till) == before
    found = (await get(till, "/v2/payments/ledger?sort=created_at"))["data"]
    assert [(each["kind"], each["amount"]) for each in found if each["refund_id"] == refund["id"]] == [
        ("refund", 2000),
        ("fee_refund", 73),
        ("refund_reversal", 2000),
        ("fee_refund_reversal", 73),
    ]
    again = await post(till, f"/v2/payments/{payment}/refund", refund_application_fee=True)
    assert (again["amount"], again["fee"]) == (4000, 146)
