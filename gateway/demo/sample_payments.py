"""The payments of the sample shop: one of each state, made at the sandbox as a caller would make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import orders, payments
from domain.kernel.database import Database
from domain.kernel.fields import UNSET
from domain.kernel.money import EXPONENTS, Money
from domain.kernel.outbound_execution import OutboundExecution
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import OutboundUseCase
from domain.orders import OrderStatus
from domain.payments import DisputeStatus, PaymentMethod
from domain.payments.commands import (
    CancelPaymentIntent,
    CapturePaymentIntent,
    CardInput,
    CreatePaymentIntent,
    PaymentMethodDetailsInput,
    RaiseSandboxDispute,
    RefundPayment,
)
from domain.payments.ports import REQUESTS, DisputeNews
from domain.payments.sandbox import SandboxProcessor

SUCCESS, DECLINE, THREE_D_SECURE = "4242424242424242", "4000000000000002", "4000002760003184"
REFUND_FAILS, REFUND_PENDING = "4000000000005126", "4000000000007726"
UNITS = 25
"""Major units of the payments without an order; a hundred times as many in currencies without decimals."""


@dataclass(frozen=True, slots=True)
class Cashier:
    """Makes payments in one test store."""

    database: Database
    operator: Principal

    async def charge(
        self, amount: int, *, order_id: str | None = None, card: str | None = SUCCESS, method: Any = PaymentMethod.CARD
    ) -> payments.PaymentIntent:
        """Create an intent; ``amount`` in minor units."""
        details = UNSET if card is None else _details(card)
        command = CreatePaymentIntent(
            amount=Money(amount, self.operator.store.currency),
            payment_method=method,
            payment_method_details=details,
            order_id=order_id or UNSET,
        )
        made: payments.PaymentIntent = await self._call(payments.create_payment_intent, command)
        return made

    async def collect(self, amount: int, *, order_id: str | None = None, card: str = SUCCESS) -> payments.PaymentIntent:
        """Create an intent, and collect what it has authorised."""
        intent = await self.charge(amount, order_id=order_id, card=card)
        await self._call(payments.capture_payment_intent, CapturePaymentIntent(id=intent.id))
        return intent

    async def cancel(self, intent: payments.PaymentIntent) -> None:
        """Release what is authorised."""
        await self._call(payments.cancel_payment_intent, CancelPaymentIntent(id=intent.id))

    async def refund(self, intent: payments.PaymentIntent, amount: int) -> None:
        """Pay an amount back."""
        money = Money(amount, self.operator.store.currency)
        command = RefundPayment(id=intent.id, amount=money, reason="customer_request")
        await self._call(payments.refund_payment, command)

    async def dispute(
        self, intent: payments.PaymentIntent, status: DisputeStatus = DisputeStatus.NEEDS_RESPONSE
    ) -> None:
        """Let the buyer's bank dispute a payment, and look at the case or decide it."""
        async with self.database.transaction(self.operator) as work:
            raised = await payments.raise_sandbox_dispute(work, self.operator, RaiseSandboxDispute(id=intent.id))
        async with self.database.transaction(self.operator) as work:
            payment = await work.lock(payments.Payment, raised.payment_id, noun="payment")
            news = DisputeNews(
                reference=raised.reference,
                charge_reference=payment.reference or "",
                status=status,
                amount=raised.amount,
                reason=raised.reason,
                respond_by=None,
            )
            await payments.record_dispute_news(work, news)

    async def _call(self, use_case: OutboundUseCase[Any, Any], command: Any) -> Any:
        async with OutboundExecution(self.database, self.operator, "sample", lambda _: None) as execution:
            call = await use_case(execution.work, self.operator, command)
            return await execution.call(use_case, call)


async def load_sample_payments(
    database: Database, operator: Principal, placed: Sequence[orders.Order], public_url: str
) -> None:
    """Pay the sample orders of a test store that were packed, one of them refunded in part and one disputed; the newest
    can still be paid. Beside them are intents, refunds and disputes in each other state.
    """
    sandbox = SandboxProcessor(database, public_url)
    for request in REQUESTS:
        database.provide(sandbox, kind=request)
    database.provide(sandbox)
    cashier = Cashier(database, operator)
    packed = [each for each in placed if each.status not in (OrderStatus.CANCELLED, OrderStatus.PENDING)]
    paid = [await cashier.collect(order.total, order_id=order.id) for order in packed]
    await cashier.refund(paid[0], packed[0].total // 4)
    await cashier.dispute(paid[1])
    exponent = EXPONENTS[operator.store.currency]
    await _load_other_states(cashier, UNITS * (10**exponent if exponent else 100))


async def _load_other_states(cashier: Cashier, amount: int) -> None:
    """Payments without an order, of ``amount`` minor units each."""
    await cashier.charge(amount)
    await cashier.charge(amount, card=DECLINE)
    await cashier.charge(amount, card=THREE_D_SECURE)
    await cashier.charge(amount, card=None, method=PaymentMethod.WIRE)
    await cashier.cancel(await cashier.charge(amount))
    for card in (REFUND_PENDING, REFUND_FAILS):
        await cashier.refund(await cashier.collect(amount, card=card), amount // 2)
    for status in (DisputeStatus.UNDER_REVIEW, DisputeStatus.WON, DisputeStatus.LOST):
        await cashier.dispute(await cashier.collect(amount), status)


def _details(number: str) -> PaymentMethodDetailsInput:
    return PaymentMethodDetailsInput(card=CardInput(number=number, exp_month=12, exp_year=2040, cvc="123"))
