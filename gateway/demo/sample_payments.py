"""The payments of the sample shop: one of each state, made at the sandbox as a caller would make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import orders, payments
from domain.kernel.database import Database
from domain.kernel.fields import UNSET
from domain.kernel.money import EXPONENTS, Money
from domain.kernel.outbound import OutboundExecution
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import OutboundUseCase
from domain.orders import OrderStatus
from domain.payments import PaymentMethod
from domain.payments.commands import (
    CapturePaymentIntent,
    CardInput,
    CreatePaymentIntent,
    PaymentMethodDetailsInput,
    RaiseSandboxDispute,
    RefundPayment,
)
from domain.payments.ports import REQUESTS
from domain.payments.sandbox import SandboxProcessor

SUCCESS, DECLINE, THREE_D_SECURE = "4242424242424242", "4000000000000002", "4000002760003184"
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

    async def capture(self, intent: payments.PaymentIntent) -> None:
        """Collect what is authorised."""
        await self._call(payments.capture_payment_intent, CapturePaymentIntent(id=intent.id))

    async def refund(self, intent: payments.PaymentIntent, amount: int) -> None:
        """Pay an amount back."""
        money = Money(amount, self.operator.store.currency)
        command = RefundPayment(id=intent.id, amount=money, reason="customer_request")
        await self._call(payments.refund_payment, command)

    async def dispute(self, intent: payments.PaymentIntent) -> None:
        """Let the buyer's bank dispute a payment."""
        async with self.database.transaction(self.operator) as work:
            await payments.raise_sandbox_dispute(work, self.operator, RaiseSandboxDispute(id=intent.id))

    async def _call(self, use_case: OutboundUseCase[Any, Any], command: Any) -> Any:
        async with OutboundExecution(self.database, self.operator, "sample", lambda _: None) as execution:
            call = await use_case(execution.work, self.operator, command)
            return await execution.call(use_case, call)


async def load_sample_payments(
    database: Database, operator: Principal, placed: Sequence[orders.Order], public_url: str
) -> None:
    """Pay the sample orders of a test store: captured where they were packed, authorised where they wait, one refunded
    in part and one disputed; and beside them a declined payment, one that waits for its buyer, and one for its bank.
    """
    sandbox = SandboxProcessor(database, public_url)
    for request in REQUESTS:
        database.provide(sandbox, kind=request)
    database.provide(sandbox)
    cashier = Cashier(database, operator)
    paid = []
    for order in placed:
        if order.status != OrderStatus.CANCELLED:
            intent = await cashier.charge(order.total, order_id=order.id)
            if order.status != OrderStatus.PENDING:
                await cashier.capture(intent)
                paid.append((intent, order))
    await cashier.refund(paid[0][0], paid[0][1].total // 4)
    await cashier.dispute(paid[1][0])
    exponent = EXPONENTS[operator.store.currency]
    amount = UNITS * (10**exponent if exponent else 100)
    await cashier.charge(amount, card=DECLINE)
    await cashier.charge(amount, card=THREE_D_SECURE)
    await cashier.charge(amount, card=None, method=PaymentMethod.WIRE)


def _details(number: str) -> PaymentMethodDetailsInput:
    return PaymentMethodDetailsInput(card=CardInput(number=number, exp_month=12, exp_year=2040, cvc="123"))
