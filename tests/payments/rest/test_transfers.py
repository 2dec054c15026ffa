"""Bank and cryptocurrency transfers that have not arrived: what the buyer has to send, and how they are given up."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.database import Database
from domain.kernel.principal import Store
from domain.kernel.use_cases.outbound import Outcome, Unknown
from domain.payments.ports import ProcessorRequest, Void
from domain.payments.sandbox import SandboxProcessor
from tests.conftest import Client
from tests.payments.rest.conftest import MakeOrder, problems_of
from tests.payments.rest.test_payments import INTENTS, balances, get, post

TRANSFERS = ["wire", "bitcoin", "ethereum", "ach"]


@pytest.mark.parametrize(
    ("method", "type", "start"),
    [
        ("wire", "bank_transfer", "Sandbox Bank"),
        ("bitcoin", "crypto_transfer", "tb1q"),
        ("ethereum", "crypto_transfer", "0x"),
    ],
)
async def test_the_amount_of_a_transfer_has_its_currency(till: Client, method: str, type: str, start: str) -> None:
    """Nobody is told to send 12.50 bitcoins for 12.50 pounds."""
    intent = await post(till, INTENTS, amount=1250, payment_method=method)
    action = intent["next_action"]
    assert (action["type"], action["amount"], action["currency"]) == (type, "12.50", "GBP")
    assert action["address"].startswith(start)
    assert ("reference" in action) == (method == "wire")


@pytest.mark.parametrize("method", TRANSFERS)
async def test_a_transfer_that_has_not_arrived_can_be_cancelled(
    till: Client, make_order: MakeOrder, method: str
) -> None:
    """Its amount of the order can be paid otherwise."""
    order = await make_order()
    given = {"amount": 4000, "order_id": order["id"]}
    intent = await post(till, INTENTS, payment_method=method, **given)
    assert intent["status"] == "processing"
    over = await till("POST", INTENTS, json=given)
    assert (over.status_code, problems_of(over)) == (409, [("amount", "AMOUNT_EXCEEDED")])
    cancelled = await post(till, f"{INTENTS}/{intent['id']}/cancel")
    assert (cancelled["status"], cancelled["next_action"]) == ("cancelled", None)
    assert [each["status"] for each in cancelled["payments"]] == ["cancelled"]
    again = await till("POST", f"{INTENTS}/{intent['id']}/cancel")
    assert (again.status_code, problems_of(again)) == (409, [("id", "ILLEGAL_TRANSITION")])
    late = await till("POST", f"/v2/sandbox/payments/intents/{intent['id']}/settle", json={})
    assert (late.status_code, problems_of(late)) == (409, [("id", "ILLEGAL_TRANSITION")])
    assert (await post(till, INTENTS, capture_method="automatic", **given))["status"] == "succeeded"
    assert (await balances(till))["receivable"] == -4000


async def test_a_cancelled_order_gives_up_the_transfer_that_it_waits_for(
    till: Client, make_order: MakeOrder, reconcile: Any
) -> None:
    order = await make_order()
    intent = await post(till, INTENTS, amount=4000, order_id=order["id"], payment_method="wire")
    await post(till, f"/v2/orders/{order['id']}/cancel")
    await reconcile()
    assert (await get(till, f"{INTENTS}/{intent['id']}"))["status"] == "cancelled"


class SilentProcessor:
    """Never says what came of a release, until it is told to."""

    def __init__(self, sandbox: SandboxProcessor) -> None:
        self.sandbox = sandbox
        self.is_silent = True

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """See the port."""
        return Unknown() if self.is_silent else await self.sandbox.send(request, key, store)

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        return Unknown() if self.is_silent else await self.sandbox.look_up(key, store)


async def test_a_transfer_is_given_up_once_at_a_time(till: Client, database: Database, reconcile: Any) -> None:
    """Taken out: the question for calls in flight. One whose charge is in flight is not cancelled either."""
    intent = await post(till, INTENTS, amount=4000, payment_method="wire")
    silent = SilentProcessor(database.dependency(SandboxProcessor))
    database.provide(silent, kind=Void)
    path = f"{INTENTS}/{intent['id']}/cancel"
    assert (await post(till, path))["status"] == "processing"
    again = await till("POST", path)
    assert (again.status_code, problems_of(again)) == (409, [("id", "ILLEGAL_TRANSITION")])
    silent.is_silent = False
    await reconcile()
    assert (await get(till, f"{INTENTS}/{intent['id']}"))["status"] == "cancelled"
    database.provide(silent.sandbox, kind=Void)
