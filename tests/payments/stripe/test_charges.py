"""Charges: what is sent to Stripe for each payment method, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.payments.ports import BankAccount, BuyerAction, CardSummary, ChargeDetails, ChargeState
from domain.payments.states import CardBrand, PaymentActionType
from tests.payments.stripe.conftest import LIVE, Adapter
from tests.payments.stripe.objects import CAPTURE_BEFORE
from tests.payments.stripe.requests import (
    ADDRESS,
    VISA,
    charge_of,
    charged,
    failure,
    key_of,
    send_charge,
)
from tests.payments.stripe.scripted import ScriptedStripe

ACCOUNT = BankAccount("110000000", "000123456789", "Jane Doe", "checking")
SHOP = "https://shop.example/thanks"


async def test_a_card_is_authorised_until_stripe_says(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of()
    news = await charged(adapter, request)
    assert (news.state, news.captured, news.fee) == (ChargeState.AUTHORIZED, 0, 0)
    assert news.authorized_until == datetime.fromtimestamp(CAPTURE_BEFORE, UTC)
    assert news.card == CardSummary(CardBrand.VISA, "4242", 12, 2034)
    [sent] = stripe.sent("/v1/payment_intents")
    assert sent.key == key_of(request)
    assert sent.params == {
        "amount": 19_999,
        "currency": "usd",
        "capture_method": "manual",
        "confirm": True,
        "payment_method": "pm_card_visa",
        "payment_method_types": ["card"],
        "expand": ["latest_charge.balance_transaction", "payment_method"],
        "metadata": {
            "payment_id": request.payment_id,
            "intent_id": request.intent_id,
            "order_id": request.order_id,
            "key": sent.key,
        },
    }


async def test_a_card_is_collected_at_once_with_the_fee_that_stripe_keeps(adapter: Adapter) -> None:
    news = await charged(adapter, charge_of("pm_card_mastercard", is_captured=True, order_id=None))
    assert (news.state, news.captured, news.fee) == (ChargeState.CAPTURED, 19_999, 610)
    assert (news.card, news.authorized_until) == (CardSummary(CardBrand.MASTERCARD, "4444", 12, 2034), None)


async def test_a_fee_in_another_currency_is_converted_at_the_rate_of_the_payment(
    stripe: ScriptedStripe, adapter: Adapter
) -> None:
    stripe.account.settlement = ("eur", 50)
    news = await charged(adapter, charge_of(is_captured=True, amount=20_000))
    assert (news.captured, news.fee) == (20_000, 610)  # 305 cents of a euro


async def test_a_brand_that_this_version_does_not_know_is_no_brand(adapter: Adapter) -> None:
    news = await charged(adapter, charge_of("pm_card_unionpay"))
    assert news.card == CardSummary(None, "0005", 12, 2034)


@pytest.mark.parametrize(
    ("token", "code", "message"),
    [
        ("pm_card_chargeDeclined", "card_declined", "Your card was declined."),
        ("pm_card_insufficientFunds", "insufficient_funds", "Your card has insufficient funds."),
        ("pm_card_expired", "expired_card", "Your card has expired."),
    ],
)
async def test_a_declined_card_says_why(
    stripe: ScriptedStripe, adapter: Adapter, token: str, code: str, message: str
) -> None:
    refused = failure(await send_charge(adapter, charge_of(token)))
    assert (refused.code, refused.message) == (code, message)
    assert stripe.account.charges == {}


async def test_three_d_secure_leads_the_buyer_to_a_page(stripe: ScriptedStripe, adapter: Adapter) -> None:
    news = await charged(adapter, charge_of("pm_card_threeDSecure", return_url=SHOP))
    page = f"https://hooks.stripe.example/3ds/{news.reference}"
    assert news.state == ChargeState.REQUIRES_ACTION
    assert news.next_action == BuyerAction(type=PaymentActionType.THREE_D_SECURE, url=page)
    assert news.card == CardSummary(CardBrand.VISA, "3184", 12, 2034)
    stripe.account.authenticate(news.reference)
    now = await adapter.current(news, LIVE)
    assert (now.state, now.next_action) == (ChargeState.AUTHORIZED, None)


async def test_a_raw_card_becomes_a_payment_method_first(stripe: ScriptedStripe, adapter: Adapter) -> None:
    details = ChargeDetails(card=VISA, billing_address=ADDRESS, email="jane@example.com")
    request = charge_of(details=details)
    news = await charged(adapter, request)
    assert news.card == CardSummary(CardBrand.VISA, "4242", 12, 2034)
    [made], [sent] = stripe.sent("/v1/payment_methods"), stripe.sent("/v1/payment_intents")
    assert made.key == f"{key_of(request)}:payment_method"
    assert made.params["card"] == {"number": VISA.number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    assert made.params["billing_details"] == {
        "name": "Jane Doe",
        "email": "jane@example.com",
        "address": {"line1": "221B Baker Street", "city": "London", "postal_code": "NW1 6XE", "country": "GB"},
    }
    assert sent.params["payment_method"] in stripe.account.methods


async def test_a_raw_card_is_not_sent_where_the_account_may_not(stripe: ScriptedStripe, adapter: Adapter) -> None:
    adapter.credentials = replace(adapter.credentials, raw_cards=False)
    refused = failure(await send_charge(adapter, charge_of(details=ChargeDetails(card=VISA))))
    assert refused.code == "raw_cards_refused"
    assert "Send a token (pm_…)" in refused.message
    assert stripe.received == []


async def test_stripe_refusing_raw_cards_says_the_same(stripe: ScriptedStripe, adapter: Adapter) -> None:
    stripe.account.takes_raw_cards = False
    refused = failure(await send_charge(adapter, charge_of(details=ChargeDetails(card=VISA))))
    assert refused.code == "raw_cards_refused"
    assert stripe.sent("/v1/payment_intents") == []


@pytest.mark.parametrize("method", ["apple_pay", "google_pay"])
async def test_a_wallet_is_a_card_by_its_token(stripe: ScriptedStripe, adapter: Adapter, method: str) -> None:
    assert (await charged(adapter, charge_of(method=method))).state == ChargeState.AUTHORIZED
    [sent] = stripe.sent("/v1/payment_intents")
    assert sent.params["payment_method_types"] == ["card"]
    assert failure(await send_charge(adapter, charge_of(None, method=method))).code == "token_required"


@pytest.mark.parametrize("method", ["paypal", "affirm", "klarna"])
async def test_a_redirecting_method_leads_the_buyer_there(
    stripe: ScriptedStripe, adapter: Adapter, method: str
) -> None:
    details = ChargeDetails(billing_address=ADDRESS, email="jane@example.com")
    news = await charged(adapter, charge_of(details=details, method=method, return_url=SHOP))
    page = f"https://redirect.stripe.example/{news.reference}"
    assert news.next_action == BuyerAction(type=PaymentActionType.REDIRECT, url=page)
    assert news.card is None
    [sent] = stripe.sent("/v1/payment_intents")
    assert (sent.params["payment_method_types"], sent.params["return_url"]) == ([method], SHOP)
    assert sent.params["payment_method_data"]["type"] == method
    assert sent.params["payment_method_data"]["billing_details"]["address"]["country"] == "GB"


async def test_a_redirecting_method_without_a_return_url_is_refused(adapter: Adapter) -> None:
    refused = failure(await send_charge(adapter, charge_of(None, method="paypal")))
    assert (refused.code, refused.message) == ("invalid_request", "A `return_url` must be specified.")


async def test_a_bank_debit_is_verified_and_then_settles_later(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of(details=ChargeDetails(bank_account=ACCOUNT, email="jane@example.com"), method="ach")
    news = await charged(adapter, request)
    page = "https://redirect.stripe.example/bank"
    assert news.next_action == BuyerAction(type=PaymentActionType.REDIRECT, url=page)
    [sent] = stripe.sent("/v1/payment_intents")
    assert sent.params["capture_method"] == "automatic"  # a debit cannot be authorised only
    assert sent.params["mandate_data"] == {"customer_acceptance": {"type": "offline"}}
    assert sent.params["payment_method_data"]["us_bank_account"] == {
        "routing_number": "110000000",
        "account_number": "000123456789",
        "account_type": "checking",
        "account_holder_type": "individual",
    }
    stripe.account.authenticate(news.reference)
    assert (await adapter.current(news, LIVE)).state == ChargeState.PENDING


async def test_a_bank_debit_needs_the_account(stripe: ScriptedStripe, adapter: Adapter) -> None:
    assert failure(await send_charge(adapter, charge_of(None, method="ach"))).code == "bank_account_required"
    assert stripe.received == []


@pytest.mark.parametrize("method", ["wire", "bitcoin", "ethereum"])
async def test_what_stripe_cannot_take_is_refused(stripe: ScriptedStripe, adapter: Adapter, method: str) -> None:
    refused = failure(await send_charge(adapter, charge_of(method=method)))
    assert refused.code == "method_unavailable"
    assert refused.message == f"The payment processor of this store does not take {method}."
    assert stripe.received == []


@pytest.mark.parametrize(
    ("currency", "amount", "units"), [("JPY", 500, 500), ("ISK", 500, 50_000), ("UGX", 7, 700), ("MGA", 500, 5)]
)
async def test_amounts_are_sent_in_the_units_of_stripe(
    stripe: ScriptedStripe, adapter: Adapter, currency: str, amount: int, units: int
) -> None:
    news = await charged(adapter, charge_of(currency=currency, amount=amount, is_captured=True))
    assert stripe.sent("/v1/payment_intents")[0].params["amount"] == units
    assert news.captured == amount


async def test_an_amount_that_stripe_has_no_unit_for_is_refused(stripe: ScriptedStripe, adapter: Adapter) -> None:
    assert failure(await send_charge(adapter, charge_of(currency="MGA", amount=550))).code == "invalid_amount"
    assert stripe.received == []


async def test_a_key_that_stripe_does_not_know_is_refused(adapter: Adapter) -> None:
    adapter.credentials = replace(adapter.credentials, secret_key="sk_live_another")
    refused = failure(await send_charge(adapter, charge_of()))
    assert (refused.code, refused.message) == (
        "processor_refused",
        "The payment processor refused the store's key.",
    )
