"""Running an operation, whatever door it came by: its time limit, its transaction, its idempotency."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace

import orjson
from graphql import print_ast
from starlette.requests import Request

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from domain.kernel.use_cases.idempotency import Repeats, StoredAnswer, request_bytes
from domain.kernel.use_cases.unit_of_work import Work
from gateway.execution import Answer, Code, Engine, Failure, Operation, Streamed, failure_of
from gateway.execution.engine import undone
from gateway.graphql.document_lookup import Lookup
from gateway.graphql.documents import CannotRunError, Documents
from gateway.graphql.limits import exceeded_by
from gateway.graphql.persisted_queries import Persisted
from gateway.graphql.requests import COST_HEADER, Asked, idempotency_key
from gateway.graphql.trusted_documents import TrustedDocuments
from gateway.telemetry.request_record import note_operation, operation_span
from resolvers.context import Context
from transport.body import single_header

SECONDS = 30
"""How long an operation may take."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in which request, and under which idempotency key."""

    principal: Principal
    request_id: str
    idempotency_key: str | None = None
    asks_cost: bool = False
    """Whether ``extensions.cost`` shall tell what the operation has cost."""


def caller_of(request: Request, principal: Principal, asked: Asked) -> Caller:
    """The caller of a request, with the idempotency key of its header or its extensions.

    Raises MalformedRequest for a header given twice, and for two keys that differ.
    """
    asks_cost = single_header(request, COST_HEADER) == "1"
    header, extension = single_header(request, "idempotency-key"), idempotency_key(asked)
    if header is not None and extension not in (None, header):
        raise MalformedRequest.of("extensions.idempotencyKey", "Differs from the Idempotency-Key header.")
    key = extension if header is None else header
    return Caller(principal, request.state.request_id, key, asks_cost)


@dataclass(frozen=True, slots=True)
class Done:
    """An answer; ``replayed`` when it was given before, under the same idempotency key."""

    answer: Answer
    replayed: bool = False

    def with_cost(self) -> Done:
        """The same, its cost told in ``extensions``; as it is, when nothing was executed for it."""
        answer = self.answer
        if answer.cost is None:
            return self
        actual = answer.cost.actual(orjson.loads(answer.body).get("data"))
        told = orjson.dumps({"cost": {"requested": answer.cost.requested, "actual": actual}})
        return replace(self, answer=replace(answer, body=answer.body[:-1] + b',"extensions":' + told + b"}"))

    @property
    def marked_body(self) -> bytes:
        """The body as it is sent where there are no headers to say that it was given before: in ``extensions``."""
        body = self.answer.body
        if not self.replayed or b'"extensions":' in body:
            return body
        return body[:-1] + b',"extensions":{"idempotentReplayed":true}}'


def failures_of(error: Exception, request_id: str) -> Sequence[Failure]:
    """What is told when ``prepare`` or ``run`` raised."""
    if isinstance(error, CannotRunError):
        return error.failures
    failure = failure_of(error, request_id)
    return [replace(failure, code=Code.BAD_REQUEST) if isinstance(error, MalformedRequest) else failure]


class _RefusedError(Exception):
    """Rolls the transaction back, and carries the answer that says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Operations:
    """Prepares and runs operations."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        engine: Engine,
        log: EventLog,
        *,
        seconds: float = SECONDS,
        lookup: Lookup | None = None,
    ) -> None:
        """``log``: what subscriptions follow; ``lookup``: finds documents that are named."""
        self._database = database
        self._log = log
        self._keyring = keyring
        self._engine = engine
        self._documents = Documents(engine.schema)
        self._lookup = lookup or Lookup(TrustedDocuments(database), Persisted())
        self._seconds = seconds

    async def prepare(self, asked: Asked, principal: Principal) -> Operation:
        """The operation that is meant. Raises CannotRunError; MalformedRequest for a name of another document than the
        one that is sent; Unavailable when a document that is named cannot be looked up.
        """
        text = await self._lookup.text(asked, principal.store)
        operation = self._documents.operation(text, asked.operation_name)
        await self._lookup.keep(asked)
        note_operation(operation.kind, operation.name)
        failures = exceeded_by(asked.variables)
        if failures:
            raise CannotRunError(failures)
        return operation

    async def run(self, operation: Operation, asked: Asked, caller: Caller) -> Done:
        """Its answer. Raises CannotRunError beyond the time limit; Conflict for a repeat in flight or of another
        request; MalformedRequest for an unusable idempotency key; Unavailable without the database.
        """
        try:
            async with asyncio.timeout(self._seconds) as limit:
                if operation.writes:
                    done = await self._change(operation, asked, caller)
                else:
                    done = Done(await self._execute(operation, asked, caller))
                return done.with_cost() if caller.asks_cost else done
        except TimeoutError:
            if not limit.expired():
                raise
            message = f"The limit of time is {self._seconds:g} s; this operation asks for more."
            raise CannotRunError(
                [Failure(Code.TIMEOUT, message, {"limit": "time", "maximum": self._seconds})]
            ) from None

    def follow(
        self, operation: Operation, asked: Asked, caller: Caller, resume_after: str | None = None
    ) -> AsyncGenerator[Streamed]:
        """The responses of a subscription, for as long as they are asked for; then close it.

        ``resume_after``: a cursor that replaces the one the operation itself gives.
        """

        def open_context() -> Context:
            return Context(
                caller.principal, self._database, caller.request_id, log=self._log, resume_after=resume_after
            )

        return self._engine.subscribe(operation, asked.variables, open_context)

    async def _change(self, operation: Operation, asked: Asked, caller: Caller) -> Done:
        """All in one transaction, the rendering of the answer too; an answer with errors undoes it."""
        try:
            async with self._database.writing(caller.principal, caller.request_id) as work:
                return await self._once(operation, asked, caller, work)
        except _RefusedError as refused:
            return Done(undone(refused.answer, caller.request_id))

    async def _once(self, operation: Operation, asked: Asked, caller: Caller, work: Work) -> Done:
        repeats = self._repeats(operation, asked, caller, work)
        stored = None if repeats is None else await repeats.replayed()
        if stored is not None:
            return Done(Answer(stored.body, executed=True, has_data=True), replayed=True)
        context = Context(caller.principal, self._database, caller.request_id, work)
        answer = await self._executed(operation, asked, context)
        if answer.failures:
            raise _RefusedError(answer)
        if repeats is not None and context.changed:
            await repeats.keep(StoredAnswer(200, {}, answer.body))
        return Done(answer)

    async def _execute(self, operation: Operation, asked: Asked, caller: Caller) -> Answer:
        return await self._executed(operation, asked, Context(caller.principal, self._database, caller.request_id))

    async def _executed(self, operation: Operation, asked: Asked, context: Context) -> Answer:
        try:
            with operation_span():
                return await self._engine.execute(operation, asked.variables, context)
        finally:
            await context.close()

    def _repeats(self, operation: Operation, asked: Asked, caller: Caller, work: Work) -> Repeats | None:
        if caller.idempotency_key is None:
            return None
        request = request_bytes(print_ast(operation.document), asked.operation_name, asked.variables)
        return Repeats(work, self._keyring, caller.idempotency_key, request)
