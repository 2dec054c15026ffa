"""Payments of the test store, made by the use cases as both surfaces make them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from domain import access, orders, payments
from domain.catalog.commands import VariantInput
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.outbound_execution import OutboundExecution, OutboundReconciler
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import OutboundUseCase, Outcome, settle_attempt
from domain.kernel.use_cases.registry import USE_CASES
from domain.orders.commands import CreateOrder, OrderItemInput
from domain.payments.commands import CardInput, PaymentMethodDetailsInput
from domain.payments.ports import ChargeNews, ChargeState, DisputeNews, RefundNews, RefundState
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.conftest import MakeProduct, Shop

Pay = Callable[..., Awaitable[Any]]
PlaceOrder = Callable[..., Awaitable[orders.Order]]
SUCCESS, DECLINE, INSUFFICIENT_FUNDS = "4242424242424242", "4000000000000002", "4000000000009995"
THREE_D_SECURE, DISPUTED, LOST_ANSWER = "4000002760003184", "4000000000000259", "4000000000000119"
REFUND_FAILS, REFUND_PENDING = "4000000000005126", "4000000000007726"


def card(number: str, **given: Any) -> PaymentMethodDetailsInput:
    """The details of a card of the sandbox."""
    return PaymentMethodDetailsInput(
        card=CardInput(**{"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123", **given})
    )


async def call(database: Database, caller: Principal, use_case: OutboundUseCase[Any, Any], **given: Any) -> Any:
    """Run a use case that calls out, as a door does."""
    async with OutboundExecution(database, caller, "req_1", lambda _: None) as execution:
        asked = await use_case(execution.work, caller, USE_CASES[use_case.name].command(**given))
        result = await execution.call(use_case, asked)
        await execution.work.flush()
    return result


async def reconcile(database: Database, hours: int = 1) -> None:
    """Settle what is in flight, as the worker does hours later."""
    later = OutboundReconciler(database, access.stores_by_number, clock=lambda: system_clock() + timedelta(hours=hours))
    while await later.reconcile_due():
        pass


class Told:
    """What the processor tells the test store, and what became of it."""

    def __init__(self, database: Database, shop: Shop) -> None:
        self.database = database
        self.owner = shop.test

    async def charge(self, payment_id: str, state: ChargeState, **given: Any) -> None:
        """News of a charge."""
        news = ChargeNews(reference=f"ch_{payment_id}", state=state, **given)
        async with self.database.transaction(self.owner) as work:
            assert await payments.record_charge_news(work, news, payment_id)

    async def refund(self, id: str, state: RefundState, **given: Any) -> None:
        """News of a refund."""
        news = RefundNews(reference=f"re_{id}", state=state, **given)
        async with self.database.transaction(self.owner) as work:
            assert await payments.record_refund_news(work, news, id)

    async def dispute(self, news: DisputeNews) -> Any:
        """News of a dispute."""
        async with self.database.transaction(self.owner) as work:
            return await payments.record_dispute_news(work, news)

    async def settle(self, attempt_id: str, outcome: Outcome) -> None:
        """The outcome of a call."""
        async with self.database.transaction(self.owner) as work:
            await settle_attempt(work, attempt_id, outcome)

    async def intent(self, id: str) -> Any:
        """The intent as it is."""
        async with self.database.transaction(self.owner) as work:
            return await payments.reads.intent_by_id.for_key(work.reader, id)

    async def payment(self, id: str) -> Any:
        """The payment as it is."""
        async with self.database.transaction(self.owner) as work:
            return await payments.reads.payment_by_id.for_key(work.reader, id)

    async def transfers(self) -> list[tuple[str, int]]:
        """The kinds and amounts of the ledger."""
        return [(row["kind"], row["amount"]) for row in await self.rows("ledger_transfer", "kind, amount")]

    async def rows(self, table: str, columns: str) -> list[Any]:
        """Columns of the store's rows, by id."""
        async with self.database.system_connection() as connection:
            query = f"SELECT {columns} FROM {table} WHERE store_id = $1 ORDER BY id"
            found: list[Any] = await connection.fetch(query, self.owner.store.number)
        return found


@pytest.fixture
async def processors(settings: Settings, database: Database) -> AsyncGenerator[None]:
    """The sandbox behind the port. What other tests have left in flight may ask Stripe, too: it is closed."""
    stripe = provide_processors(settings, database)
    yield
    await stripe.close()


@pytest.fixture
def pay(database: Database, shop: Shop, processors: None) -> Pay:
    """Runs a use case that calls out in the test store: ``await pay(payments.refund_payment, id=…)``."""

    async def run(use_case: OutboundUseCase[Any, Any], **given: Any) -> Any:
        return await call(database, shop.test, use_case, **given)

    return run


@pytest.fixture
def make_payment(pay: Pay, shop: Shop) -> Pay:
    """Makes a captured payment: ``await make_payment(amount=500, number=DISPUTED)`` answers its intent."""

    async def make(amount: int = 1_000, number: str = SUCCESS, **given: Any) -> Any:
        intent = await pay(
            payments.create_payment_intent,
            amount=Money(amount, shop.test.store.currency),
            payment_method_details=card(number),
            **given,
        )
        return await pay(payments.capture_payment_intent, id=intent.id)

    return make


@pytest.fixture
def place_order(database: Database, shop: Shop, make_product: MakeProduct) -> PlaceOrder:
    """Places an order of three mugs for 10.00 each in the test store."""

    async def place(quantity: int = 3) -> orders.Order:
        price = Money(1_000, shop.test.store.currency)
        sku = f"MUG-{secrets.token_hex(4)}"
        product = await make_product(shop.test, price=price, variants=(VariantInput(sku=sku, inventory=1_000),))
        async with database.transaction(shop.test) as work:
            line = OrderItemInput(product_id=product.id, quantity=quantity)
            return await orders.create_order(work, shop.test, CreateOrder(items=(line,)))

    return place


@pytest.fixture
def told(database: Database, shop: Shop) -> Told:
    """What the processor of the test store tells."""
    return Told(database, shop)
