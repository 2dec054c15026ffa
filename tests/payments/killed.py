"""One payment operation in a process of its own, which dies by kill -9 at a step. A fork server imports this."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from typing import Any

from domain import payments
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.outbound import OutboundUseCase, Outcome
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.ports import REQUESTS, ProcessorRequest
from domain.payments.sandbox import SandboxProcessor
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.payments.conftest import SUCCESS, call, card

STEPS = ("first half", "committed", "done outside", "second half", "settled")
"""Before the first commit; after it; when the sandbox has done it; before the second commit; after all."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked for."""

    name: str
    id: str = ""
    amount: int = 0
    order_id: str | None = None

    @property
    def use_case(self) -> OutboundUseCase[Any, Any]:
        """Its use case."""
        found: OutboundUseCase[Any, Any] = getattr(payments, self.name)
        return found

    def command(self, currency: str) -> dict[str, Any]:
        """The fields of its command."""
        if self.name == "create_payment_intent":
            return {
                "amount": Money(self.amount, currency),
                "order_id": self.order_id,
                "payment_method_details": card(SUCCESS),
            }
        money = {"amount": Money(self.amount, currency)} if self.amount else {}
        return {"id": self.id, **money}


class FatalProcessor:
    """The sandbox, in a process that dies around it."""

    def __init__(self, sandbox: SandboxProcessor, step: str) -> None:
        self._sandbox = sandbox
        self._step = step

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """See the port."""
        die_at(self._step, "committed")
        outcome = await self._sandbox.send(request, key, store)
        die_at(self._step, "done outside")
        return outcome

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        return await self._sandbox.look_up(key, store)


def die_at(step: str, here: str) -> None:
    """Die by kill -9, if it is the step."""
    if step == here:
        os.kill(os.getpid(), signal.SIGKILL)


def run(url: str, keys: str, owner: Principal, operation: Operation, step: str) -> None:
    """Do the operation, and die at the step."""
    asyncio.run(_run(url, keys, owner, operation, step))


async def _run(url: str, keys: str, owner: Principal, operation: Operation, step: str) -> None:
    sizes = {"read_connections": 1, "write_connections": 2, "system_connections": 1, "identity_connections": 1}
    database = Database(DatabaseOptions(url, reactions=SIGNAL_HANDLERS, **sizes))
    settings = Settings.model_validate({"encryption_keys": keys})
    provide_processors(settings, database)
    fatal = FatalProcessor(database.dependency(SandboxProcessor), step)
    for request in REQUESTS:
        database.provide(fatal, kind=request)
    await database.open()
    _die_before_commits(step)
    await call(database, owner, operation.use_case, **operation.command(owner.store.currency))
    die_at(step, "settled")
    await database.close()


def _die_before_commits(step: str) -> None:
    """At the end of the first or the second half, when everything is written and nothing is committed."""
    finish, ended = UnitOfWork.finish, iter(("first half", "second half", "more"))

    async def finishing(work: UnitOfWork) -> None:
        await finish(work)
        die_at(step, next(ended))

    UnitOfWork.finish = finishing  # type: ignore[method-assign]  # of a process that dies
