"""Requests as the domain makes them, and what came back."""

from __future__ import annotations

from typing import Any

from domain.kernel.ids import new_id
from domain.kernel.use_cases.outbound import Failed, Outcome, Succeeded
from domain.payments.ports import (
    Capture,
    CardNumber,
    Charge,
    ChargeDetails,
    ChargeNews,
    RefundCharge,
    RefundNews,
    Void,
)
from tests.payments.stripe.conftest import LIVE, Adapter

VISA = CardNumber("4242424242424242", 12, 2034, "123")
VISA_TOKEN = "pm_card_visa"
ADDRESS = {
    "first_name": "Jane",
    "last_name": "Doe",
    "line1": "221B Baker Street",
    "city": "London",
    "zip": "NW1 6XE",
    "country": "GB",
}


def charge_of(token: str | None = VISA_TOKEN, **differences: Any) -> Charge:
    """A charge of 199.99 dollars that is only authorised."""
    members: dict[str, Any] = {
        "payment_id": new_id("pay"),
        "intent_id": new_id("pi"),
        "order_id": new_id("ord"),
        "processor": "stripe",
        "amount": 19_999,
        "currency": "USD",
        "method": "card",
        "is_captured": False,
        "return_url": None,
        "details": ChargeDetails(token=token),
    }
    return Charge(**(members | differences))


def key_of(charge: Charge) -> str:
    """The key that a charge is sent with."""
    return f"{charge.payment_id}:charge"


async def send_charge(adapter: Adapter, charge: Charge) -> Outcome:
    """Send a charge with its key."""
    return await adapter.send(charge, key_of(charge), LIVE)


async def charged(adapter: Adapter, charge: Charge) -> ChargeNews:
    """What came of a charge that succeeds."""
    return charge_news(await send_charge(adapter, charge))


async def captured(adapter: Adapter, charge: Charge, amount: int | None = None) -> ChargeNews:
    """What came of a charge that was collected afterwards."""
    news = await charged(adapter, charge)
    request = capture_of(charge, news.reference, charge.amount if amount is None else amount)
    return charge_news(await adapter.send(request, f"{charge.payment_id}:capture", LIVE))


def capture_of(charge: Charge, reference: str, amount: int) -> Capture:
    """Collect an amount of a charge."""
    return Capture(
        payment_id=charge.payment_id,
        processor="stripe",
        reference=reference,
        amount=amount,
        currency=charge.currency,
    )


def void_of(charge: Charge, reference: str | None) -> Void:
    """Release a charge."""
    return Void(payment_id=charge.payment_id, processor="stripe", reference=reference)


def refund_of(charge: Charge, reference: str, amount: int, **differences: Any) -> RefundCharge:
    """Pay back an amount of a charge."""
    members: dict[str, Any] = {
        "refund_id": new_id("ref"),
        "payment_id": charge.payment_id,
        "processor": "stripe",
        "reference": reference,
        "amount": amount,
        "currency": charge.currency,
        "reason": None,
        "refund_application_fee": False,
        "fee": 0,
    }
    return RefundCharge(**(members | differences))


async def send_refund(adapter: Adapter, refund: RefundCharge) -> Outcome:
    """Send a refund with its key."""
    return await adapter.send(refund, f"{refund.refund_id}:refund", LIVE)


def charge_news(outcome: Outcome | None) -> ChargeNews:
    """The news in an outcome that is a success."""
    assert isinstance(outcome, Succeeded), outcome
    return ChargeNews.of_data(outcome.data)


def refund_news(outcome: Outcome | None) -> RefundNews:
    """The news in an outcome that is a success."""
    assert isinstance(outcome, Succeeded), outcome
    return RefundNews.of_data(outcome.data)


def failure(outcome: Outcome | None) -> Failed:
    """The refusal in an outcome that is one."""
    assert isinstance(outcome, Failed), outcome
    return outcome
