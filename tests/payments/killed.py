"""A payment operation, or a round of the reconciler, in a process of its own, which dies by kill -9 at a step.

A fork server imports this.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain import orders, payments
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.outbound import OutboundUseCase, Outcome
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import CancelOrder
from domain.payments.commands import EvidenceInput
from domain.payments.ports import REQUESTS, ProcessorRequest
from domain.payments.sandbox import SandboxProcessor
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.payments.conftest import SUCCESS, call, card, reconcile

STEPS = ("first half", "committed", "done outside", "second half", "settled")
"""Before the first commit; after it; when the sandbox has done it; before the second commit; after all."""
RECONCILING_STEPS = ("leased", "looked up", "done outside", "second half", "settled")
"""Before the question what has come of it; after it; when the sandbox has done it; before the commit; after all."""
EVIDENCE = dict.fromkeys(("transaction_details", "shipping_proof", "communication_log"), "See the order.")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked for."""

    name: str
    id: str = ""
    amount: int = 0
    order_id: str | None = None
    number: str = SUCCESS
    """Of the card."""

    @property
    def use_case(self) -> OutboundUseCase[Any, Any]:
        """Its use case."""
        found: OutboundUseCase[Any, Any] = getattr(payments, self.name)
        return found

    def command(self, currency: str) -> dict[str, Any]:
        """The fields of its command."""
        money = {"amount": Money(self.amount, currency)} if self.amount else {}
        match self.name:
            case "create_payment_intent":
                return {**money, "order_id": self.order_id, "payment_method_details": card(self.number)}
            case "confirm_payment_intent":
                return {"id": self.id, "payment_method_details": card(self.number)}
            case "respond_to_dispute":
                return {"id": self.id, "evidence": EvidenceInput(**EVIDENCE), "submit": True}
        return {"id": self.id, **money}


class FatalProcessor:
    """The sandbox, in a process that dies around it."""

    def __init__(self, sandbox: SandboxProcessor, owner: Principal, step: str) -> None:
        self._sandbox = sandbox
        self._owner = owner
        self._step = step

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """See the port."""
        self._pass_by("committed", store)
        outcome = await self._sandbox.send(request, key, store)
        self._pass_by("done outside", store)
        return outcome

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        self._pass_by("leased", store)
        found = await self._sandbox.look_up(key, store)
        self._pass_by("looked up", store)
        return found

    def _pass_by(self, here: str, store: Store) -> None:
        """Of other stores, tests may have left calls in flight."""
        if store == self._owner.store:
            die_at(self._step, here)


def die_at(step: str, here: str) -> None:
    """Die by kill -9, if it is the step."""
    if step == here:
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is, and whose."""

    database_url: str
    encryption_keys: str
    owner: Principal


def run(place: Place, operation: Operation, step: str) -> None:
    """Do the operation, and die at the step."""

    async def work(database: Database) -> None:
        command = operation.command(place.owner.store.currency)
        await call(database, place.owner, operation.use_case, **command)

    asyncio.run(_run(place, step, ("first half", "second half"), work))


def cancel_order(place: Place, order_id: str, step: str) -> None:
    """Cancel an order and let its payments be refunded; die at the step."""

    async def work(database: Database) -> None:
        await cancel(database, place.owner, order_id)

    asyncio.run(_run(place, step, ("first half",), work))


async def cancel(database: Database, owner: Principal, order_id: str) -> None:
    """Cancel an order and let its payments be refunded."""
    async with database.transaction(owner) as work:
        await orders.cancel_order(work, owner, CancelOrder(id=order_id, refund=True))


def reconcile_once(place: Place, step: str) -> None:
    """One round of the reconciler, an hour later; die at the step."""

    async def work(database: Database) -> None:
        await reconcile(database)

    asyncio.run(_run(place, step, ("second half",), work))


async def _run(place: Place, step: str, halves: Sequence[str], work: Callable[[Database], Awaitable[None]]) -> None:
    sizes = {"read_connections": 1, "write_connections": 2, "system_connections": 1, "identity_connections": 1}
    database = Database(DatabaseOptions(place.database_url, reactions=SIGNAL_HANDLERS, **sizes))
    settings = Settings.model_validate({"encryption_keys": place.encryption_keys})
    provide_processors(settings, database)
    fatal = FatalProcessor(database.dependency(SandboxProcessor), place.owner, step)
    for request in REQUESTS:
        database.provide(fatal, kind=request)
    await database.open()
    _die_before_commits(place.owner, step, halves)
    await work(database)
    die_at(step, "settled")
    await database.close()


def _die_before_commits(owner: Principal, step: str, halves: Sequence[str]) -> None:
    """At the end of one of the transactions, when everything is written and nothing is committed."""
    finish, ended = UnitOfWork.finish, iter(halves)

    async def finishing(work: UnitOfWork) -> None:
        await finish(work)
        if work.store == owner.store:
            die_at(step, next(ended, ""))

    UnitOfWork.finish = finishing  # type: ignore[method-assign]  # of a process that dies
