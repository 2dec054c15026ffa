"""The page of the sandbox: it works without a key and without script, and each payment is decided once."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import httpx
import pytest

from domain import payments
from domain.kernel.database import Database
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.payments import PaymentMethod
from domain.payments.commands import PaymentMethodDetailsInput
from tests.conftest import Shop
from tests.payments.conftest import SUCCESS, THREE_D_SECURE, Pay, card

BACK = "https://shop.example/thanks?basket=7"


async def waiting(pay: Pay, return_url: str | Unset = UNSET) -> tuple[str, str]:
    """A payment that waits for 3-D Secure: its intent, and the path of its page."""
    given = PaymentMethodDetailsInput(card=card(THREE_D_SECURE).card, return_url=return_url)
    intent = await pay(payments.create_payment_intent, amount=Money(4_250, "GBP"), payment_method_details=given)
    assert intent.status == "requires_action"
    return intent.id, "/" + intent.next_action["url"].split("/", 3)[3]


async def status_of(database: Database, shop: Shop, intent_id: str) -> str:
    async with database.transaction(shop.test) as work:
        intent = await payments.reads.intent_by_id.for_key(work.reader, intent_id)
    return str(intent.status)


async def test_the_buyer_sees_what_is_paid_and_to_whom(http: httpx.AsyncClient, shop: Shop, pay: Pay) -> None:
    _, path = await waiting(pay)
    page = await http.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for shown in ("42.50 GBP", shop.test.store.name, "Sandbox: no money moves", "Approve", "Refuse"):
        assert shown in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "form-action 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert (page.headers["x-frame-options"], page.headers["cache-control"]) == ("DENY", "no-store")
    assert "<script" not in page.text
    style = re.search('rel="stylesheet" href="([^"]+)"', page.text)
    assert style is not None
    loaded = await http.get(urljoin(f"http://127.0.0.1{path}", style[1]))
    assert (loaded.status_code, loaded.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "{" not in page.text


@pytest.mark.parametrize(("outcome", "status"), [("succeeded", "requires_capture"), ("failed", "failed")])
async def test_a_button_decides_the_payment_and_leads_back(
    http: httpx.AsyncClient, database: Database, shop: Shop, pay: Pay, outcome: str, status: str
) -> None:
    intent_id, path = await waiting(pay, return_url=BACK)
    assert "form-action 'self' https://shop.example;" in (await http.get(path)).headers["content-security-policy"]
    told = await http.post(path, data={"outcome": outcome})
    assert told.status_code == 303
    assert told.headers["location"] == f"{BACK}&payment_intent={intent_id}&status={status}"
    assert await status_of(database, shop, intent_id) == status
    again = await http.post(path, data={"outcome": "succeeded"})
    assert (again.status_code, await status_of(database, shop, intent_id)) == (303, status)
    after = await http.get(path)
    assert "Back to the shop" in after.text
    assert "<form" not in after.text


async def test_without_a_return_url_the_page_says_what_came_of_it(http: httpx.AsyncClient, pay: Pay) -> None:
    _, path = await waiting(pay)
    told = await http.post(path, data={"outcome": "succeeded"})
    assert told.status_code == 303
    assert "Payment approved" in (await http.get(told.headers["location"])).text


async def test_a_redirect_is_approved_on_the_same_page(http: httpx.AsyncClient, pay: Pay) -> None:
    intent = await pay(
        payments.create_payment_intent,
        amount=Money(900, "GBP"),
        payment_method=PaymentMethod.PAYPAL,
        payment_method_details=PaymentMethodDetailsInput(return_url=BACK),
    )
    assert intent.next_action["type"] == "redirect"
    assert "Approve your payment" in (await http.get("/" + intent.next_action["url"].split("/", 3)[3])).text


async def test_what_waits_for_nobody_and_what_is_not_there(http: httpx.AsyncClient, pay: Pay) -> None:
    intent = await pay(payments.create_payment_intent, amount=Money(900, "GBP"), payment_method_details=card(SUCCESS))
    shown = await http.get(f"/sandbox/3ds/{intent.payment_id}")
    assert "Payment approved" in shown.text
    assert "<form" not in shown.text
    for path in ("/sandbox/3ds/pay_1", f"/sandbox/3ds/{example_id('pay')}", f"/sandbox/3ds/{intent.id}"):
        assert (await http.get(path)).status_code == 404, path
    assert (await http.post(f"/sandbox/3ds/{intent.payment_id}", data={"outcome": "expired"})).status_code == 400
    assert (await http.post(f"/sandbox/3ds/{intent.payment_id}", content=b"x" * 5_000)).status_code == 413
    assert (await http.put(f"/sandbox/3ds/{intent.payment_id}")).status_code == 405
