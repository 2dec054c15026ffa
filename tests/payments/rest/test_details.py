"""What a payment is charged to: one card, bank account or token, as its method takes them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.payments.rest.conftest import DECLINED, HOME, SUCCESS, Pay, card, problems_of
from tests.payments.rest.test_payments import INTENTS, get, post

CARD = card(SUCCESS)["payment_method_details"]["card"]
ACCOUNT = {"routing_number": "110000000", "account_number": "000123456789", "holder_name": "Jane Doe"}
GIVEN: dict[str, Any] = {"card": CARD, "bank_account": ACCOUNT, "token": "pm_1"}
TAKEN = {
    "card": {"card", "token"},
    "apple_pay": {"token"},
    "google_pay": {"token"},
    "paypal": {"token"},
    "ach": {"bank_account", "token"},
    "wire": set(),
    "affirm": {"token"},
    "klarna": {"token"},
    "bitcoin": set(),
    "ethereum": set(),
}
PATH = "payment_method_details"


@pytest.mark.parametrize("method", TAKEN)
async def test_what_a_method_does_not_take_is_refused(till: Client, method: str) -> None:
    """It was ignored."""
    usual = {"billing_address": HOME, "return_url": "https://shop.example/thanks"}
    for name, value in GIVEN.items():
        details = {**usual, name: value}
        if name not in TAKEN[method] and "token" in TAKEN[method]:
            details["token"] = "pm_1"
        answer = await till("POST", INTENTS, json={"amount": 100, "payment_method": method, PATH: details})
        if name in TAKEN[method]:
            assert answer.status_code == 201, (name, answer.text)
        else:
            assert (answer.status_code, problems_of(answer)) == (422, [(f"{PATH}.{name}", "INVALID")]), name


@pytest.mark.parametrize(
    ("method", "names", "refused"), [("card", ("card", "token"), "token"), ("ach", ("bank_account", "token"), "token")]
)
async def test_a_payment_is_charged_to_one_thing(
    till: Client, method: str, names: tuple[str, ...], refused: str
) -> None:
    details = {name: GIVEN[name] for name in names}
    answer = await till("POST", INTENTS, json={"amount": 100, "payment_method": method, PATH: details})
    assert (answer.status_code, problems_of(answer)) == (422, [(f"{PATH}.{refused}", "INVALID")])
    assert (await get(till, INTENTS))["data"] == []


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [("manual", "automatic", "succeeded"), ("automatic", "manual", "requires_capture"), ("manual", None, None)],
)
async def test_a_confirmation_may_say_when_the_amount_is_collected(
    till: Client, pay: Pay, first: str, then: str | None, status: str | None
) -> None:
    intent = await pay(capture_method=first, **card(DECLINED))
    given = {} if then is None else {"capture_method": then}
    confirmed = await post(till, f"{INTENTS}/{intent['id']}/confirm", **given, **card(SUCCESS))
    assert (confirmed["status"], confirmed["capture_method"]) == (status or "requires_capture", then or first)
