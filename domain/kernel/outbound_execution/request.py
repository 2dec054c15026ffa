"""One request that calls out: first transaction, call, second transaction. Both doors run theirs through it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from domain.kernel.database import Database
from domain.kernel.principal import Principal, Store
from domain.kernel.request_slot import leave_slot
from domain.kernel.use_cases.idempotency import IdempotentRequest, PendingResponse, StoredResponse, in_flight
from domain.kernel.use_cases.outbound import (
    AttemptState,
    Call,
    NoCall,
    OutboundAttempt,
    OutboundPort,
    OutboundUseCase,
    Outcome,
    Unknown,
    begin_attempt,
    lock_attempt,
    settle_attempt,
)
from domain.kernel.use_cases.unit_of_work import UnitOfWork

log = logging.getLogger("gateway.outbound")

IdempotencyFactory = Callable[[UnitOfWork], IdempotentRequest | None]
"""Makes the idempotency of the request, in its first transaction; None without a key."""


class OutboundExecution:
    """The transactions of one request, one after the other: ``work`` is the present one.

    As a context manager it opens the first, and ends the present one: committed, or rolled back on an exception.
    """

    work: UnitOfWork

    def __init__(self, database: Database, principal: Principal, request_id: str, repeats: IdempotencyFactory) -> None:
        self._database = database
        self._principal = principal
        self._request_id = request_id
        self._repeats_in = repeats
        self._repeats: IdempotentRequest | None = None
        self._transaction: AbstractAsyncContextManager[UnitOfWork] | None = None
        self._attempt_id: str | None = None
        self._settled: OutboundAttempt | None = None
        self._is_complete = False

    async def __aenter__(self) -> OutboundExecution:
        await self._begin()
        try:
            self._repeats = self._repeats_in(self.work)
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.__aexit__(kind, error, trace)

    async def stored_response(self) -> StoredResponse | None:
        """The answer given before; None where the request is still to be run, or ``is_repeat``.

        Raises as ``IdempotentRequest.stored_response``: Conflict also while the call is in flight, or its process has
        died and the reconciler does not know the outcome yet.
        """
        found = None if self._repeats is None else await self._repeats.find()
        if not isinstance(found, PendingResponse):
            return found
        attempt = await lock_attempt(self.work, found.attempt_id)
        if attempt.state != AttemptState.SETTLED:
            raise in_flight()
        self._attempt_id, self._settled = attempt.id, attempt
        return None

    @property
    def is_repeat(self) -> bool:
        """Whether the request was run before, by a process that died unanswered: its answer is the object as it is."""
        return self._settled is not None

    async def current_result(self, use_case: OutboundUseCase[Any, Any]) -> Any:
        """The result of the earlier run of a repeat, as it is now."""
        assert self._settled is not None, "only of a repeat"  # noqa: S101 - a programming error, not a condition
        return await use_case.current_result(self.work, self._settled)

    async def call(self, use_case: OutboundUseCase[Any, Any], call: Call[Any] | NoCall[Any]) -> Any:
        """Commit the first transaction, make the call, and settle it in the second, which stays open for the answer.

        Answers what the second half returned; where the outcome is unknown, the result as it is. Without a call, the
        first transaction stays open for the answer. Raises LookupError, before anything is committed, where no adapter
        is provided for the request.
        """
        if self._attempt_id is not None:
            raise RuntimeError("a request makes one call")
        if isinstance(call, NoCall):
            self._is_complete = True
            return call.result
        port: OutboundPort[Any] = self._database.dependency(use_case.request)
        self._attempt_id = call.attempt_id
        await begin_attempt(self.work, use_case, call)
        if self._repeats is not None:
            await self._repeats.reserve(call.attempt_id)
        await self._commit()
        with leave_slot():
            outcome = await send(port, use_case, call, self._principal.store)
        await self._begin()
        after = None if self._repeats is None else self._repeats.resume(self.work)
        return await settle_attempt(self.work, call.attempt_id, outcome, after=after)

    async def store(self, answer: StoredResponse) -> None:
        """Store the answer for repeats, to commit with the second half, or with the first where nothing was called."""
        if self._repeats is None:
            return
        if self._attempt_id is not None:
            await self._repeats.complete(self._attempt_id, answer)
        elif self._is_complete:
            await self._repeats.store(answer)

    async def _begin(self) -> None:
        transaction = self._database.transaction(self._principal, self._request_id)
        self.work = await transaction.__aenter__()
        self._transaction = transaction

    async def _commit(self) -> None:
        transaction, self._transaction = self._transaction, None
        assert transaction is not None, "a transaction is open"  # noqa: S101 - as above
        await transaction.__aexit__(None, None, None)


async def send(port: OutboundPort[Any], use_case: OutboundUseCase[Any, Any], call: Call[Any], store: Store) -> Outcome:
    """Make the call. Whatever goes wrong with it, the outside may have done it: the outcome is unknown then."""
    try:
        async with asyncio.timeout(use_case.timeout):
            return await port.send(call.request, call.attempt_id, store)
    except OSError as error:  # TimeoutError is one
        log.warning("%s: no outcome of the call %s: %r", use_case.name, call.attempt_id, error)
    except Exception:  # a fault of the adapter's, perhaps after the call was made
        log.exception("%s: the call %s failed", use_case.name, call.attempt_id)
    return Unknown()
