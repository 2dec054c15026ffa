"""The context of the resolvers of one operation: principal, connections, loaders, and the transaction of a mutation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import orjson

from domain.kernel.database import Database
from domain.kernel.errors import Conflict, Forbidden, NotFound, ValidationFailed
from domain.kernel.event_log import EventLog
from domain.kernel.listing import Listing, Query
from domain.kernel.outbound_execution import OutboundExecution
from domain.kernel.principal import Principal
from domain.kernel.reads.read import KnownRows
from domain.kernel.sql.executor import Executor, orm_errors_as_unavailable
from domain.kernel.use_cases.bulk import BulkResult
from domain.kernel.use_cases.calculations import CalculationContext
from domain.kernel.use_cases.exports import Export, ExportAccess
from domain.kernel.use_cases.outbound import OutboundUseCase
from domain.kernel.use_cases.registry import UseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from resolvers.connection_turns import ConnectionTurns
from resolvers.loaders import BatchRead, Loaders, LoadRequest
from resolvers.pages import ListResult
from resolvers.pinned_connection import PinnedConnection
from resolvers.types import MutationResult

CONNECTIONS = 4
"""Read connections that one operation uses at the same time: one greedy query must not empty the pool."""


ChargePoints = Callable[[int], Awaitable[None]]
"""Counts an operation of so many points. Raises RateLimited."""


async def free_of_charge(points: int) -> None:
    """Counts nothing: the operation is counted elsewhere, or is nobody's request."""


class Context:
    """Created for every operation, and for every event of a subscription. ``close`` it after the response is built.

    With ``work``, everything is read and written in that one transaction, whose connection runs one statement at a
    time.
    """

    def __init__(
        self,
        principal: Principal,
        database: Database,
        request_id: str,
        work: UnitOfWork | None = None,
        *,
        log: EventLog | None = None,
        resume_after: str | None = None,
        outbound: OutboundExecution | None = None,
        alone: bool = False,
        charge: ChargePoints = free_of_charge,
        snapshot: Executor | None = None,
    ) -> None:
        """``log``: the event log for subscriptions; ``resume_after``: the cursor of the last event that the caller has
        received, which overrides the arguments of the operation; ``outbound``: the transactions of an operation that
        calls out; ``alone``: the operation changes one thing, so that its refusal may end the transaction; ``charge``:
        counts the operation by its cost, before anything of it runs; ``snapshot``: what everything is read with.
        """
        self.charge = charge
        self.principal = principal
        self.request_id = request_id
        self.resume_after = resume_after
        self._log = log
        self.changed = False
        """Whether a use case has succeeded."""
        self.refused = False
        """Whether a use case that is ``alone`` was refused: the transaction must be rolled back."""
        self._alone = alone
        self._database = database
        self._work = work if outbound is None else outbound.work
        self._outbound = outbound
        self._snapshot = snapshot
        is_pooled = self._work is None and snapshot is None
        self._turns = ConnectionTurns(CONNECTIONS if is_pooled else 1, self._has_spare)
        self._held: PinnedConnection | None = None
        self._waived: frozenset[Sequence[str]] = frozenset()
        self._loaders = Loaders(self.connection)

    async def close(self) -> None:
        """Cancel the reads that are still running or waiting, and forget what was read."""
        self._turns.close()
        await self._loaders.close()

    @property
    def log(self) -> EventLog:
        """The event log that subscriptions follow."""
        if self._log is None:
            raise RuntimeError("only subscriptions follow the log")
        return self._log

    def require(self, scopes: Sequence[str]) -> None:
        """Require one of ``scopes``; an empty list requires nothing. Raises Forbidden."""
        if scopes and scopes not in self._waived and not any(map(self.principal.has_scope, scopes)):
            raise self.principal.lacks(*scopes)

    def require_reading(self, name: str, scopes: Sequence[str]) -> None:
        """Raises Forbidden unless the caller may read ``name`` of something that they only change."""
        if not any(map(self.principal.has_scope, scopes)):
            message = (
                f"{name} requires the scope {' or '.join(scopes)}. Without it, a mutation returns only the id, the "
                "version and the members of its input."
            )
            raise Forbidden(message, missing_scope=scopes[0])

    def waive(self, scopes: Iterable[tuple[str, ...]]) -> None:
        """Ask for none of these while the operation runs: what it needs was checked before, path by path."""
        self._waived = frozenset(scopes)

    def connection(self) -> AbstractAsyncContextManager[Executor]:
        """An executor for one read at a time, on a pooled connection or on that of the transaction."""
        return _LimitedConnection(self._turns, self._opened)

    def _has_spare(self) -> bool:
        return self._database.has_spare_connections(self.principal.storefront)

    def _opened(self) -> AbstractAsyncContextManager[Executor]:
        if self._work is not None:
            return nullcontext(self._work.reader)
        if self._snapshot is not None:
            return nullcontext(self._snapshot)
        held = self._held
        if held is not None and not held.busy:
            return held.reading()
        if held is not None:
            held.missed = True
        return self._read_connection()

    def _read_connection(self) -> AbstractAsyncContextManager[Executor]:
        return self._database.read_connection(self.principal.store, self.principal.storefront, self.principal.scopes)

    @asynccontextmanager
    async def pinned_connection(self) -> AsyncGenerator[None]:
        """One connection for several reads, one after the other. Concurrent reads use another connection.

        Acquiring a pooled connection and releasing it costs as much as a small read.
        """
        if self._work is not None or self._snapshot is not None:
            yield
            return
        held = self._held = PinnedConnection(self._read_connection)
        try:
            yield
        finally:
            self._held = None
            await held.close()

    def calculation_context(self) -> CalculationContext:
        """What a calculation may use."""
        return CalculationContext(
            self.connection, self._database.dependency, self._database.clock(), self._report_connection
        )

    def _report_connection(self) -> AbstractAsyncContextManager[Executor]:
        if self._work is not None or not self._database.has_replica:
            return self.connection()
        return _LimitedConnection(
            self._turns, lambda: self._database.report_connection(self.principal.store, self.principal.scopes)
        )

    async def export(self, wanted: Export, object_id: str) -> Any:
        """The JSON of an export, recorded in the audit log; None if there is no such object. Raises as the export."""
        document = await wanted(ExportAccess(self.connection, self._recording), self.principal, object_id)
        return None if document is None else orjson.loads(orjson.dumps(document))

    def _recording(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """The transaction in which a read is recorded: that of the operation, if it has one."""
        if self._work is not None:
            return nullcontext(self._work)
        return self._database.transaction(self.principal, self.request_id)

    def load(self, read: BatchRead, key: str) -> asyncio.Future[Any]:
        """The row that ``read`` finds for ``key``, loaded in one statement with those of sibling fields."""
        return self._loaders.load(read, key)

    async def load_now(self, wanted: LoadRequest) -> Any:
        """The value of a load request, read at once in a statement of its own."""
        # No other read of this operation runs meanwhile, so this one need not wait for its turn.
        async with self._opened() as db:
            (found,) = await wanted.batch.for_keys(db, [wanted.key])
        return found if wanted.transform is None else wanted.transform(found)

    async def load_many(self, read: BatchRead, keys: Sequence[str]) -> Mapping[str, Any]:
        """The rows that ``read`` finds for ``keys``, loaded in one statement. The mapping also contains rows loaded
        before.
        """
        return await self._loaders.load_many(read, keys)

    async def page(self, listing: Listing, query: Query) -> ListResult:
        """The page of ``listing`` for ``query``. Raises MalformedRequest for a bad cursor."""
        async with self.connection() as db:
            return ListResult(listing, query, await listing.page(db, query))

    async def change(self, use_case: UseCase, command: Any) -> MutationResult:
        """Run a use case in a savepoint of the transaction of the operation; without one if it is alone there.

        Errors that the caller can correct (NotFound, Conflict, ValidationFailed) roll back the savepoint and are
        reported in the result; of one that is alone the caller rolls back the transaction: see ``refused``. Any other
        error is raised, and the whole transaction is rolled back.
        """
        if self._work is None:
            raise RuntimeError("a change needs the transaction of a mutation")
        async with self._turns:
            try:
                if use_case.outbound is not None:
                    result = await self._call_out(use_case.outbound, command)
                else:
                    result = await self._execute(self._work, use_case, command)
            except (NotFound, Conflict, ValidationFailed) as refusal:
                self.refused = self._alone
                return MutationResult(None, refusal.problems)
            finally:
                self._loaders.clear()
        self.changed = True
        if self._alone and isinstance(result, KnownRows):
            self._loaders.know(result)
        return MutationResult(result, result.user_errors if isinstance(result, BulkResult) else ())

    async def _execute(self, work: UnitOfWork, use_case: UseCase, command: Any) -> Any:
        if self._alone:
            with orm_errors_as_unavailable():
                result = await use_case.execute(work, self.principal, command)
                await work.defer_flush()
                return result
        async with work.savepoint():
            return await use_case.execute(work, self.principal, command)

    async def _call_out(self, use_case: OutboundUseCase[Any, Any], command: Any) -> Any:
        """Run the first half in a savepoint and call out; from then on everything is read in the second transaction.

        Of a repeat of an operation whose process died, the result as it is.
        """
        execution = self._outbound
        if execution is None:
            raise RuntimeError("a use case that calls out needs the transactions of its operation")
        if execution.is_repeat:
            return await execution.current_result(use_case)
        async with execution.work.savepoint():
            call = await use_case(execution.work, self.principal, command)
        result = await execution.call(use_case, call)
        self._work = execution.work
        await self._work.flush()
        return result


class _LimitedConnection:
    """An executor, after waiting for a turn."""

    __slots__ = ("_open", "_opened", "_turns")

    def __init__(self, turns: ConnectionTurns, open: Callable[[], AbstractAsyncContextManager[Executor]]) -> None:
        self._turns = turns
        self._open = open

    async def __aenter__(self) -> Executor:
        await self._turns.acquire()
        try:
            self._opened = self._open()
            return await self._opened.__aenter__()
        except BaseException:
            self._turns.release()
            raise

    async def __aexit__(self, *failure: Any) -> bool | None:
        try:
            return await self._opened.__aexit__(*failure)
        finally:
            self._turns.release()
