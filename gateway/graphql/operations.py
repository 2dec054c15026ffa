"""Runs operations of all transports: time limit, transaction, idempotency."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import orjson
from starlette.requests import Request

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest
from domain.kernel.event_log import EventLog
from domain.kernel.outbound_execution import OutboundExecution
from domain.kernel.principal import Principal
from domain.kernel.use_cases.idempotency import IdempotentRequest, StoredResponse, request_bytes
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from gateway.execution import Code, Engine, Failure, GraphQLResponse, Operation, StreamedResponse, failure_of
from gateway.execution.engine import rolled_back_response
from gateway.graphql.document_lookup import DocumentLookup
from gateway.graphql.documents import DocumentCache, RejectedDocumentError, refuse_hidden
from gateway.graphql.limits import check_variables
from gateway.graphql.persisted_queries import PersistedQueries
from gateway.graphql.requests import COST_HEADER, GraphQLRequest, idempotency_key
from gateway.graphql.trusted_documents import TrustedDocumentCache
from gateway.telemetry.request_record import operation_span, record_operation
from resolvers.context import ChargePoints, Context, free_of_charge
from transport.body import single_header

OPERATION_TIMEOUT = 30
"""The time limit of an operation."""


ChargeCaller = Callable[[Principal, int], Awaitable[None]]
"""Counts an operation of a caller by its points. Raises RateLimited."""


async def free_for_caller(principal: Principal, points: int) -> None:
    """Counts nothing."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of an operation: principal, request id and idempotency key."""

    principal: Principal
    request_id: str
    idempotency_key: str | None = None
    asks_cost: bool = False
    """Whether to return the cost in ``extensions.cost``."""
    charge: ChargePoints = free_of_charge
    """Counts the operation by its cost, once."""


def caller_of(
    request: Request, principal: Principal, asked: GraphQLRequest, charge: ChargePoints = free_of_charge
) -> Caller:
    """The caller of a request, with the idempotency key of its header or its extensions.

    Raises MalformedRequest for a repeated header, and for two different keys.
    """
    asks_cost = single_header(request, COST_HEADER) == "1"
    header, extension = single_header(request, "idempotency-key"), idempotency_key(asked)
    if header is not None and extension not in (None, header):
        raise MalformedRequest.of("extensions.idempotencyKey", "Does not match the Idempotency-Key header.")
    key = extension if header is None else header
    return Caller(principal, request.state.request_id, key, asks_cost, charge)


@dataclass(frozen=True, slots=True)
class OperationResult:
    """A response; ``stored_response`` if it is the stored one of an earlier request with the same idempotency key."""

    answer: GraphQLResponse
    replayed: bool = False

    def with_cost(self) -> OperationResult:
        """The response with its cost in ``extensions``; unchanged if nothing was executed."""
        answer = self.answer
        if answer.cost is None:
            return self
        actual = answer.cost.actual(orjson.loads(answer.body).get("data"))
        extensions = orjson.dumps({"cost": {"requested": answer.cost.requested, "actual": actual}})
        return replace(self, answer=replace(answer, body=answer.body[:-1] + b',"extensions":' + extensions + b"}"))

    @property
    def marked_body(self) -> bytes:
        """The body for transports without headers: a stored response is marked in ``extensions``."""
        body = self.answer.body
        if not self.replayed or b'"extensions":' in body:
            return body
        return body[:-1] + b',"extensions":{"idempotentReplayed":true}}'


def failures_of(error: Exception, request_id: str) -> Sequence[Failure]:
    """The response if ``prepare`` or ``run`` raised."""
    if isinstance(error, RejectedDocumentError):
        return error.failures
    failure = failure_of(error, request_id)
    return [replace(failure, code=Code.BAD_REQUEST) if isinstance(error, MalformedRequest) else failure]


class _RolledBackError(Exception):
    """Rolls the transaction back, and carries the response."""

    def __init__(self, answer: GraphQLResponse) -> None:
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
        seconds: float = OPERATION_TIMEOUT,
        lookup: DocumentLookup | None = None,
    ) -> None:
        """``log``: what subscriptions follow; ``lookup``: finds documents that are named."""
        self._database = database
        self._log = log
        self._keyring = keyring
        self._engine = engine
        self._documents = DocumentCache(engine.schema)
        self._lookup = lookup or DocumentLookup(TrustedDocumentCache(database), PersistedQueries())
        self._seconds = seconds

    async def prepare(self, asked: GraphQLRequest, principal: Principal) -> Operation:
        """The operation of a request.

        Raises RejectedDocumentError; MalformedRequest if the sent document is not the named one; Unavailable if a named
        document cannot be looked up.
        """
        text = await self._lookup.text(asked, principal)
        operation = self._documents.operation(text, asked.operation_name)
        await self._lookup.keep(asked, principal)
        if principal.storefront is not None:
            refuse_hidden(operation)  # it was public when it was registered; the schema may have changed since
        record_operation(operation.kind, operation.name)
        failures = check_variables(asked.variables)
        if failures:
            raise RejectedDocumentError(failures)
        return operation

    async def prepare_document(self, text: str) -> None:
        """Prepare a document that is expected to come often; one that is invalid or has several operations is not."""
        try:
            operation = self._documents.operation(text, None)
        except RejectedDocumentError:
            return
        await self._engine.prepare(operation)

    async def run(self, operation: Operation, asked: GraphQLRequest, caller: Caller) -> OperationResult:
        """The response. Raises RateLimited; RejectedDocumentError after the time limit; Conflict for a repeat in flight
        or a different request; MalformedRequest for an unusable idempotency key; Unavailable without the database.
        """
        try:
            async with asyncio.timeout(self._seconds) as limit:
                if operation.writes:
                    done = await self._change(operation, asked, await self.charged(operation, asked, caller))
                else:
                    done = OperationResult(await self._execute(operation, asked, caller))
                return done.with_cost() if caller.asks_cost else done
        except TimeoutError:
            if not limit.expired():
                raise
            message = f"The operation took longer than {self._seconds:g} s and was stopped."
            raise RejectedDocumentError(
                [Failure(Code.TIMEOUT, message, {"limit": "time", "maximum": self._seconds})]
            ) from None

    async def charged(self, operation: Operation, asked: GraphQLRequest, caller: Caller) -> Caller:
        """The caller, after the operation was counted by its cost: before a response is begun, or a transaction. The
        events of a subscription are free. Raises RateLimited.
        """
        await caller.charge(self._engine.cost(operation, asked.variables))
        return replace(caller, charge=free_of_charge)

    def follow(
        self, operation: Operation, asked: GraphQLRequest, caller: Caller, resume_after: str | None = None
    ) -> AsyncGenerator[StreamedResponse]:
        """The responses of a subscription, until the iterator is closed.

        ``resume_after``: a cursor that replaces the one in the operation.
        """

        def open_context() -> Context:
            return Context(
                caller.principal, self._database, caller.request_id, log=self._log, resume_after=resume_after
            )

        return self._engine.subscribe(operation, asked.variables, open_context)

    async def _change(self, operation: Operation, asked: GraphQLRequest, caller: Caller) -> OperationResult:
        """Run everything in one transaction, including rendering; a response with errors rolls it back."""
        try:
            if operation.calls_out:
                return await self._call_out(operation, asked, caller)
            async with self._opened(operation, caller) as work:
                return await self._once(operation, asked, caller, work)
        except _RolledBackError as ended:
            answer = ended.answer
            return OperationResult(rolled_back_response(answer, caller.request_id) if answer.failures else answer)

    def _opened(self, operation: Operation, caller: Caller) -> AbstractAsyncContextManager[UnitOfWork]:
        """The transaction of an operation; none for one that is buffered, unless its response is to be stored."""
        if operation.is_buffered and caller.idempotency_key is None:
            return self._database.without_transaction(caller.principal, caller.request_id)
        return self._database.transaction(caller.principal, caller.request_id)

    async def _once(
        self, operation: Operation, asked: GraphQLRequest, caller: Caller, work: UnitOfWork
    ) -> OperationResult:
        repeats = self._repeats(operation, asked, caller, work)
        stored = None if repeats is None else await repeats.stored_response()
        if stored is not None:
            return OperationResult(GraphQLResponse(stored.body, executed=True, has_data=True), replayed=True)
        context = Context(caller.principal, self._database, caller.request_id, work, alone=operation.is_single)
        answer = await self._executed(operation, asked, context)
        if answer.failures or context.refused:
            raise _RolledBackError(answer)
        if repeats is not None and context.changed:
            await repeats.store(StoredResponse(200, {}, answer.body))
        return OperationResult(answer)

    async def _call_out(self, operation: Operation, asked: GraphQLRequest, caller: Caller) -> OperationResult:
        """In two transactions around the call, the answer rendered in the second; errors in it undo that one alone.

        The attempt is then in flight, and the reconciler settles it. A repeat of an operation whose process died is
        executed again with the object as it is in place of the mutation.
        """

        def repeats(work: UnitOfWork) -> IdempotentRequest | None:
            return self._repeats(operation, asked, caller, work)

        async with OutboundExecution(self._database, caller.principal, caller.request_id, repeats) as execution:
            stored = await execution.stored_response()
            if stored is not None:
                return OperationResult(GraphQLResponse(stored.body, executed=True, has_data=True), replayed=True)
            context = Context(caller.principal, self._database, caller.request_id, outbound=execution)
            answer = await self._executed(operation, asked, context)
            if answer.failures:
                raise _RolledBackError(answer)
            await execution.store(StoredResponse(200, {}, answer.body))
        return OperationResult(answer, replayed=execution.is_repeat)

    async def _execute(self, operation: Operation, asked: GraphQLRequest, caller: Caller) -> GraphQLResponse:
        context = Context(caller.principal, self._database, caller.request_id, charge=caller.charge)
        return await self._executed(operation, asked, context)

    async def _executed(self, operation: Operation, asked: GraphQLRequest, context: Context) -> GraphQLResponse:
        try:
            with operation_span():
                return await self._engine.execute(operation, asked.variables, context)
        finally:
            await context.close()

    def _repeats(
        self, operation: Operation, asked: GraphQLRequest, caller: Caller, work: UnitOfWork
    ) -> IdempotentRequest | None:
        if caller.idempotency_key is None:
            return None
        request = request_bytes(operation.printed, asked.operation_name, asked.variables)
        return IdempotentRequest(work, self._keyring, caller.idempotency_key, request)
