"""The operations of one connection, side by side: their limits, and the final message of each.

Little is queued for a client: a response waits until the previous ones are sent, at most 32 MiB of them, and while more
than 1 MiB waits no query starts. Each subscription reads the log at its own pace and continues when its last event has
been sent, so a slow one delays only itself and keeps only its position; a client that reads nothing at all is cut off
by ``transport/protocols``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

import orjson

from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.request_slot import leave_slot
from gateway.execution import Failure, Operation
from gateway.execution.failures import limit_exceeded
from gateway.graphql.operations import Caller, Operations, failures_of
from gateway.graphql.requests import idempotency_key
from gateway.graphql.responses import status_of
from gateway.graphql.websocket.messages import Subscribe, Writer
from gateway.graphql.websocket.protocol import ProtocolState
from gateway.graphql.websocket.sender import MAX_QUEUED_BYTES, MessageSender, SocketClosedError
from gateway.telemetry.recorder import Recorder
from gateway.telemetry.request_record import RequestRecord, record_errors

MAX_SUBSCRIPTIONS = 100
"""Live at the same time on one connection."""
MAX_OPERATIONS = 200
"""Operations of any kind at the same time: queries do not wait for each other."""
MAX_RUNNING_CHARACTERS = 2_097_152
"""Characters of the messages of running operations: their variables are kept."""

TURN = 10
"""Responses of a subscription in a row, before the others have a turn. A live one waits for each event anyway; another
iteration of the loop for each of them took a tenth of the whole sending time.
"""

CLIENT_CLOSED_REQUEST = 499
"""How an operation is counted that its client did not wait for; no standard has a number for it."""


class SocketThrottle(Protocol):
    """Throttles the operations of sockets."""

    def refuse_exhausted(self, principal: Principal) -> None:
        """Raises RateLimited if it is known that the caller has no request left."""

    async def enter(self, principal: Principal) -> None:
        """Give the operation a slot, or let it wait for one; it is released with its record. Raises Overloaded."""

    async def charge(self, principal: Principal, points: int = 0) -> None:
        """Count an operation of this cost, or one whose cost is not known. Raises RateLimited."""


class _RunningOperation:
    """A running operation."""

    __slots__ = ("cursor", "follows", "size", "task")

    def __init__(self, size: int) -> None:
        self.size = size
        self.follows = False
        self.cursor: str | None = None
        """Where it can be resumed, being a subscription: after the last event that was sent."""
        self.task: asyncio.Task[None] | None = None


class RunningOperations:
    """The running operations of one client."""

    __slots__ = ("_conversation", "_operations", "_recorder", "_running", "_throttle", "_wire", "is_closed")

    def __init__(
        self,
        operations: Operations,
        recorder: Recorder,
        conversation: ProtocolState,
        wire: MessageSender,
        throttle: SocketThrottle,
    ) -> None:
        """``conversation``: is notified of ids that may be used again."""
        self._throttle = throttle
        self._operations = operations
        self._recorder = recorder
        self._conversation = conversation
        self._wire = wire
        self._running: dict[str, _RunningOperation] = {}
        self.is_closed = False
        """Once set, nothing begins any more, and what runs may finish."""

    async def begin(self, message: Subscribe, principal: Principal) -> None:
        """Start an operation, or refuse it above a limit. Raises GoneError."""
        refused = self._too_much(message)
        if refused is not None:
            self._conversation.finish(message.id)
            await self._wire.say(Writer(message.id).error([refused.body(new_id("req"))]))
        elif not self.is_closed:
            self._running[message.id] = running = _RunningOperation(message.size)
            running.task = asyncio.create_task(self._perform(message, principal, running))

    def complete(self, id: str) -> None:
        """The client has no more interest in it."""
        running = self._running.pop(id, None)
        if running is not None and running.task is not None:
            running.task.cancel()

    async def stop(self) -> None:
        """Break off everything."""
        await _stop(self._running.values())

    async def wind_down(self) -> str | None:
        """Cancel the subscriptions, and wait until queries and mutations are completed.

        Returns the cursor of the only subscription; None if there are several or none.
        """
        everything = list(self._running.values())
        following = [running for running in everything if running.follows]
        await _stop(following)
        answering = [running.task for running in everything if not running.follows and running.task is not None]
        if answering:
            await asyncio.wait(answering)
        return following[0].cursor if len(following) == 1 else None

    def _too_much(self, message: Subscribe) -> Failure | None:
        count = len(self._running) + 1
        if count > MAX_OPERATIONS:
            return limit_exceeded("operations at once", MAX_OPERATIONS, count)
        characters = message.size + sum(running.size for running in self._running.values())
        if characters > MAX_RUNNING_CHARACTERS:
            return limit_exceeded("characters of operations at once", MAX_RUNNING_CHARACTERS, characters)
        return None

    async def _perform(self, message: Subscribe, principal: Principal, running: _RunningOperation) -> None:
        """Run an operation and send its final message, after its id may be used again."""
        writer = Writer(message.id)
        try:
            last = await self._run(message, principal, writer, running)
        except SocketClosedError:
            return
        finally:
            if self._running.get(message.id) is running:  # else the client has completed it, and may use the id again
                del self._running[message.id]
                self._conversation.finish(message.id)
        with suppress(SocketClosedError):
            await self._wire.say(last)

    async def _run(self, message: Subscribe, principal: Principal, writer: Writer, running: _RunningOperation) -> str:
        """The final message of an operation of any kind."""
        with self._recorder.socket_operation(principal) as facts:
            facts.status = CLIENT_CLOSED_REQUEST
            caller = Caller(principal, facts.request_id, charge=partial(self._throttle.charge, principal))
            try:
                operation = await self._prepared(message, principal)
                if not operation.subscribes:
                    return await self._ask(operation, message, caller, writer, facts)
                caller = await self._operations.charged(operation, message.asked, caller)
            except SocketClosedError:
                raise
            except Exception as error:
                return _refused(failures_of(error, facts.request_id), writer, facts)
            facts.status = 101  # it is open-ended; its duration means nothing and is not counted
        try:
            return await self._follow(operation, message, caller, writer, running)
        except SocketClosedError:
            raise
        except Exception as error:
            return _refused(failures_of(error, facts.request_id), writer, facts)

    async def _prepared(self, message: Subscribe, principal: Principal) -> Operation:
        self._throttle.refuse_exhausted(principal)
        await self._throttle.enter(principal)
        try:
            return await self._operations.prepare(message.asked, principal)
        except Exception:
            await self._throttle.charge(principal)  # its cost is not known
            raise

    async def _ask(
        self, operation: Operation, message: Subscribe, caller: Caller, writer: Writer, facts: RequestRecord
    ) -> str:
        asks_cost = message.asked.extensions.get("queryCost") is True
        caller = replace(caller, idempotency_key=idempotency_key(message.asked), asks_cost=asks_cost)
        with leave_slot():
            await self._wire.room()
        done = await self._operations.run(operation, message.asked, caller)
        facts.release_slot()  # its client may be slow to read
        if not done.answer.executed:
            return _refused(done.answer.failures, writer, facts)
        body = done.marked_body
        if not operation.writes and not self._wire.has_room_for(body):
            waiting = self._wire.queued + len(body)
            return _refused([limit_exceeded("bytes waiting on a connection", MAX_QUEUED_BYTES, waiting)], writer, facts)
        record_errors(failure.code for failure in done.answer.failures)
        facts.status, facts.replayed = 200, done.replayed
        await self._wire.answer(writer, body)
        return writer.complete()

    async def _follow(
        self, operation: Operation, message: Subscribe, caller: Caller, writer: Writer, running: _RunningOperation
    ) -> str:
        if self.is_closed:
            raise SocketClosedError
        live = sum(each.follows for each in self._running.values())
        if live >= MAX_SUBSCRIPTIONS:
            return writer.error(
                [limit_exceeded("live subscriptions", MAX_SUBSCRIPTIONS, live + 1).body(caller.request_id)]
            )
        running.follows = True
        stream, sent = self._operations.follow(operation, message.asked, caller), 0
        async with aclosing(stream) as responses:
            async for each in responses:
                if not each.executed:
                    return writer.error(orjson.loads(each.body)["errors"])
                if each.body:
                    await self._wire.answer(writer, each.body)
                running.cursor = each.cursor
                sent += 1
                if sent % TURN == 0:
                    await asyncio.sleep(0)  # while one catches up, the others have theirs
        return writer.complete()


def _refused(failures: Sequence[Failure], writer: Writer, facts: RequestRecord) -> str:
    facts.errors = tuple(dict.fromkeys(failure.code for failure in failures))
    facts.status = status_of(failures)
    return writer.error([failure.body(facts.request_id) for failure in failures])


async def _stop(operations: Iterable[_RunningOperation]) -> None:
    tasks = [running.task for running in operations if running.task is not None]
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
