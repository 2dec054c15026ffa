"""Random concurrent payments with a processor that fails in every way, and requests that die: the books add up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain import orders, payments
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, NotFound, ValidationFailed
from domain.kernel.money import Money
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.outbound import Outcome, Unknown
from domain.orders.commands import CancelOrder, CreateOrder, OrderItemInput
from domain.payments.commands import (
    CloseSandboxDispute,
    DisputeOutcome,
    RaiseSandboxDispute,
    RefundItemInput,
    RefundOutcome,
    SandboxOutcome,
    SettleSandboxPayment,
    SettleSandboxRefund,
)
from domain.payments.ports import REQUESTS, ProcessorRequest
from domain.payments.sandbox import SandboxProcessor
from gateway.processors import provide_processors
from tests.conftest import MakeProduct, Shop
from tests.payments.books import require_balanced_books
from tests.payments.conftest import (
    DECLINE,
    DISPUTED,
    LOST_ANSWER,
    REFUND_FAILS,
    REFUND_PENDING,
    SUCCESS,
    THREE_D_SECURE,
    call,
    card,
    reconcile,
)

CARDS = (SUCCESS, SUCCESS, SUCCESS, THREE_D_SECURE, DECLINE, DISPUTED, LOST_ANSWER, REFUND_FAILS, REFUND_PENDING)
WORKERS, STEPS = 4, 12


class KilledError(BaseException):
    """The process has died: nothing of the request is done any more."""


class FaultyProcessor:
    """The sandbox, behind a network that loses requests and replies, and in a process that dies."""

    def __init__(self, sandbox: SandboxProcessor, chance: random.Random) -> None:
        self._sandbox = sandbox
        self._chance = chance
        self.is_reliable = False

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """See the port."""
        fate = 1.0 if self.is_reliable else self._chance.random()
        if fate < 0.08:
            raise ConnectionResetError("the request is lost")
        if fate < 0.14:
            raise KilledError
        outcome = await self._sandbox.send(request, key, store)
        if fate < 0.22:
            raise TimeoutError("the reply is lost")
        if fate < 0.28:
            raise KilledError
        if fate < 0.32:
            return Unknown()
        return outcome

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        return await self._sandbox.look_up(key, store)


class Buyers:
    """What several callers do at once with the payments of one order and those without."""

    def __init__(self, database: Database, owner: Principal, order: orders.Order, seed: int) -> None:
        self._database = database
        self._owner = owner
        self._order = order
        self._item = order.items[0].id
        self.chance = random.Random(seed)
        self.done: list[str] = []
        self.told: set[str] = set()

    async def act(self) -> None:
        """A few steps, each of which may be refused or die."""
        for _ in range(STEPS):
            step: Callable[[], Awaitable[Any]] = self.chance.choice(
                [
                    self._create,
                    self._create,
                    self._capture,
                    self._capture,
                    self._refund,
                    self._refund,
                    self._cancel,
                    self._settle,
                    self._dispute,
                    self._decide,
                    self._settle_refund,
                    self._cancel_order,
                    self._reconcile,
                ]
            )
            try:
                await step()
            except (Conflict, NotFound, KilledError):
                continue
            else:
                self.done.append(step.__name__)

    async def _out(self, use_case: Any, **given: Any) -> Any:
        return await call(self._database, self._owner, use_case, **given)

    async def _in(self, use_case: Any, command: Any) -> Any:
        async with self._database.transaction(self._owner) as work:
            return await use_case(work, self._owner, command)

    async def _any(self, table: str) -> str:
        async with self._database.system_connection() as connection:
            ids = await connection.fetch(f"SELECT id FROM {table} WHERE store_id = $1", self._owner.store.number)
        return self.chance.choice([row["id"] for row in ids]) if ids else "none"

    async def _create(self) -> None:
        amount = Money(self.chance.choice((400, 900, 1_500, 3_000)), self._owner.store.currency)
        await self._out(
            payments.create_payment_intent,
            amount=amount,
            order_id=self._order.id if self.chance.random() < 0.7 else None,
            capture_method=self.chance.choice(list(payments.CaptureMethod)),
            payment_method_details=card(self.chance.choice(CARDS)),
        )

    async def _capture(self) -> None:
        part = {} if self.chance.random() < 0.6 else {"amount": Money(300, self._owner.store.currency)}
        await self._out(payments.capture_payment_intent, id=await self._any("payment_intent"), **part)

    async def _refund(self) -> None:
        given: dict[str, Any] = {}
        if self.chance.random() < 0.3:
            given = {"items": (RefundItemInput(id=self._item, quantity=1),)}
        elif self.chance.random() < 0.7:
            given = {"amount": Money(self.chance.choice((100, 250, 700)), self._owner.store.currency)}
        fee = self.chance.random() < 0.5
        payment = await self._any("payment")
        try:
            await self._out(payments.refund_payment, id=payment, refund_application_fee=fee, **given)
        except ValidationFailed:  # one without an order has no items
            assert "items" in given

    async def _cancel(self) -> None:
        await self._out(payments.cancel_payment_intent, id=await self._any("payment_intent"))

    async def _settle(self) -> None:
        outcome = self.chance.choice(list(SandboxOutcome))
        command = SettleSandboxPayment(id=await self._any("payment_intent"), outcome=outcome)
        self.told.add(command.id)
        await self._in(payments.settle_sandbox_payment, command)

    async def _dispute(self) -> None:
        await self._in(payments.raise_sandbox_dispute, RaiseSandboxDispute(id=await self._any("payment")))

    async def _decide(self) -> None:
        outcome = self.chance.choice(list(DisputeOutcome))
        command = CloseSandboxDispute(id=await self._any("payment_dispute"), outcome=outcome)
        await self._in(payments.close_sandbox_dispute, command)

    async def _settle_refund(self) -> None:
        outcome = self.chance.choice(list(RefundOutcome))
        command = SettleSandboxRefund(id=await self._any("payment_refund"), outcome=outcome)
        self.told.add(command.id)
        await self._in(payments.settle_sandbox_refund, command)

    async def _cancel_order(self) -> None:
        if self.chance.random() < 0.1:
            await self._in(orders.cancel_order, CancelOrder(id=self._order.id, refund=True))

    async def _reconcile(self) -> None:
        """By the clock of now: later, a request that is on its way would count as never received."""
        await reconcile(self._database, 0)


@pytest.mark.both_servers
@settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
async def test_books_add_up_whatever_fails_and_dies(
    seed: int,
    database: Database,
    settings: Any,
    make_shop: Callable[..., Awaitable[Shop]],
    make_product: MakeProduct,
) -> None:
    """Each example is a shop of its own. Taken out to see it fail: the lock of the order, the key of a transfer, the
    sum of what is refunding in ``refundable``.
    """
    shop = await make_shop()
    faulty = _provide(database, settings, seed)
    order = await _order(database, shop, make_product)
    buyers = [Buyers(database, shop.test, order, seed + number) for number in range(WORKERS)]
    await asyncio.gather(*(each.act() for each in buyers))
    faulty.is_reliable = True
    for hours in (1, 2, 3):  # what a settlement leaves to the worker is due after it
        await reconcile(database, hours)
    await require_balanced_books(database, shop.test, set().union(*(each.told for each in buyers)))
    assert any(each.done for each in buyers)


def _provide(database: Database, configured: Any, seed: int) -> FaultyProcessor:
    provide_processors(configured, database)
    faulty = FaultyProcessor(database.dependency(SandboxProcessor), random.Random(seed))
    for request in REQUESTS:
        database.provide(faulty, kind=request)
    return faulty


async def _order(database: Database, shop: Shop, make_product: MakeProduct) -> orders.Order:
    price = Money(1_000, shop.test.store.currency)
    product = await make_product(shop.test, price=price, variants=(VariantInput(sku="MUG", inventory=1_000),))
    line = OrderItemInput(product_id=product.id, quantity=3)
    async with database.transaction(shop.test) as work:
        return await orders.create_order(work, shop.test, CreateOrder(items=(line,)))
