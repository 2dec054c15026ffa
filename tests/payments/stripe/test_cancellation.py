"""Cancelling what Stripe has begun: it may refuse, and then everything is as it was."""

from __future__ import annotations

from domain import payments
from domain.kernel.money import Money
from domain.payments.commands import BankAccountInput, PaymentMethodDetailsInput
from tests.payments.stripe.live_store import USD, LiveStore

ACCOUNT = BankAccountInput(routing_number="110000000", account_number="000123456789", holder_name="Jane Doe")


async def test_a_debit_that_is_on_its_way_stays(live: LiveStore) -> None:
    intent = await live.pay(
        payments.create_payment_intent,
        amount=Money(900, USD),
        payment_method=payments.PaymentMethod.ACH,
        payment_method_details=PaymentMethodDetailsInput(bank_account=ACCOUNT),
    )
    (charged,) = live.stripe.account.intents.values()
    await live.tell("payment_intent.processing", live.stripe.account.authenticate(charged["id"]))
    for _ in range(2):  # it can be tried again
        kept = await live.pay(payments.cancel_payment_intent, id=intent.id)
        assert (kept.status, kept.error_code) == ("processing", "payment_intent_unexpected_state")
    charged |= {"status": "succeeded", "amount_received": 900}
    await live.tell("payment_intent.succeeded", charged)
    found = await live.intent(intent.id)
    assert (found.status, found.error_code) == ("succeeded", None)
