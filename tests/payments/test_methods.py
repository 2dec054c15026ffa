"""Payment methods: what they need, and when their refunds arrive."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import payments
from domain.kernel.address import AddressInput
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.errors import ValidationFailed
from domain.kernel.money import Money
from domain.payments.commands import PaymentMethodDetailsInput
from domain.payments.methods import METHODS
from domain.payments.sandbox import SandboxProcessor
from domain.payments.service.refunds import after_business_days
from domain.payments.states import PaymentMethod
from gateway.processors import ProcessorRouter
from tests.payments.conftest import REFUND_FAILS, Pay, card

_M = PaymentMethod
LATE = "4000000000000069"
HOME = AddressInput(first_name="Jane", line1="1 Home Road", city="Leeds", zip="LS1 1AA", country="GB")


async def create(
    pay: Pay, method: PaymentMethod, details: PaymentMethodDetailsInput | None = None, **given: Any
) -> Any:
    """An intent of 10.00."""
    known = {} if details is None else {"payment_method_details": details}
    return await pay(
        payments.create_payment_intent, amount=Money(1_000, "GBP"), payment_method=method, **known, **given
    )


@pytest.mark.parametrize("method", [_M.APPLE_PAY, _M.GOOGLE_PAY])
async def test_a_wallet_is_charged_by_its_token(pay: Pay, method: PaymentMethod) -> None:
    details = PaymentMethodDetailsInput(token="tok_of_a_phone")
    intent = await create(pay, method, details)
    assert (intent.status, intent.method) == ("requires_capture", method)
    assert (await pay(payments.capture_payment_intent, id=intent.id)).status == "succeeded"


@pytest.mark.parametrize("method", [_M.AFFIRM, _M.KLARNA])
@pytest.mark.parametrize("missing", ["billing_address", "return_url"])
async def test_paying_later_needs_an_address_and_a_page_to_return_to(
    pay: Pay, method: PaymentMethod, missing: str
) -> None:
    given: dict[str, Any] = {"billing_address": HOME, "return_url": "https://shop.example/thanks"}
    del given[missing]
    with pytest.raises(ValidationFailed) as refused:
        await create(pay, method, PaymentMethodDetailsInput(**given))
    assert [each.path for each in refused.value.problems] == [("payment_method_details", missing)]


async def test_a_card_that_is_answered_late_is_charged(
    pay: Pay, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = SandboxProcessor(database, "http://127.0.0.1", late_seconds=0.2)
    for request in payments.ports.REQUESTS:
        database.provide(ProcessorRouter(sandbox, sandbox), kind=request)
    began = system_clock()
    intent = await create(pay, _M.CARD, card(LATE))
    assert intent.status == "requires_capture"
    assert system_clock() - began >= timedelta(seconds=0.2)


async def test_a_card_whose_refunds_fail_keeps_its_money(pay: Pay, make_payment: Pay, database: Database) -> None:
    intent = await make_payment(1_000, REFUND_FAILS)
    for _ in range(2):  # it can be tried again
        refund = await pay(payments.refund_payment, id=intent.id)
        assert (refund.status, refund.error_code, refund.amount) == ("failed", "refund_failed", 1_000)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 30), 5, date(2026, 12, 7)),  # Monday to Monday
        (date(2026, 12, 4), 1, date(2026, 12, 7)),  # Friday
        (date(2026, 12, 5), 1, date(2026, 12, 7)),  # Saturday
        (date(2026, 12, 6), 1, date(2026, 12, 7)),  # Sunday
        (date(2026, 12, 5), 10, date(2026, 12, 18)),
        (date(2026, 12, 3), 0, date(2026, 12, 3)),
    ],
)
def test_business_days_leave_out_weekends(start: date, days: int, end: date) -> None:
    assert after_business_days(start, days) == end


@pytest.mark.parametrize("method", list(PaymentMethod))
async def test_a_refund_arrives_in_the_days_of_its_method(pay: Pay, method: PaymentMethod, told: Any) -> None:
    intent = await create(pay, method, capture_method=payments.CaptureMethod.AUTOMATIC)
    if intent.status != "succeeded":
        await told.charge(intent.payment_id, payments.ports.ChargeState.CAPTURED, captured=1_000)
    refund = await pay(payments.refund_payment, id=intent.id)
    first, last = METHODS[method].refund_days
    today = refund.created_at.date()
    assert refund.expected_from == after_business_days(today, first).isoformat()
    assert refund.expected_by == after_business_days(today, last).isoformat()
    assert (first, last) == ((5, 7) if method in (_M.PAYPAL, _M.KLARNA) else (5, 10))
