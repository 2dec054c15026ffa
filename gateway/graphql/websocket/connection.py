"""One WebSocket connection: it is let in, its operations run side by side, and it ends with a code that says why.

Nothing is queued for a client. Each subscription reads the log at its own pace and goes on when its last event has been
taken, so one that is slow slows only itself and holds no more than its place; whoever takes nothing at all is cut off
by ``gateway/protocols.py``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

import orjson
from starlette.types import Receive, Send

from domain.kernel.errors import DomainError, RateLimited, Unavailable
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from gateway.execution import Failure, Operation
from gateway.graphql.answering import status_of
from gateway.graphql.limits import too_much
from gateway.graphql.live import Ending, Live
from gateway.graphql.operations import Caller, Operations, failures_of
from gateway.graphql.websocket.conversation import Conversation
from gateway.graphql.websocket.messages import (
    ACK,
    CloseCode,
    ClosingError,
    Complete,
    ConnectionInit,
    Message,
    Ping,
    Subscribe,
    Writer,
    idempotency_key,
    pong,
    read,
)
from gateway.telemetry.facts import Facts, note_errors
from gateway.telemetry.recorder import Recorder

INIT_SECONDS = 5.0
"""How long a client may take to say who it is."""
SUBSCRIPTIONS = 100
"""Live at the same time on one connection (contract, 8)."""
OPERATIONS = 200
"""Of any kind at the same time: queries do not wait for each other."""
CHARACTERS = 2_097_152
"""Of the messages of operations under way: their variables are kept."""

ABANDONED = 499
"""How an operation is counted that its client did not wait for; no standard has a number for it."""

Identify = Callable[[Mapping[str, Any]], Awaitable[Principal]]
"""Who presents these parameters of ``connection_init``. Raises Unauthenticated, Forbidden, Unavailable."""

log = logging.getLogger(__name__)


class _GoneError(Exception):
    """The socket is closed, by whichever side."""


class _Running:
    """An operation under way."""

    __slots__ = ("cursor", "follows", "size", "task")

    def __init__(self, size: int) -> None:
        self.size = size
        self.follows = False
        self.cursor: str | None = None
        """Where it can be resumed, being a subscription: after the last event that was sent."""
        self.task: asyncio.Task[None] | None = None


class SocketConnection:
    """Serves an accepted socket."""

    __slots__ = (
        "__weakref__", "_closed", "_conversation", "_ending", "_identify", "_live", "_operations", "_receive",
        "_recorder", "_running", "_send", "_turn", "principal",
    )  # fmt: skip
    principal: Principal

    def __init__(
        self,
        receive: Receive,
        send: Send,
        *,
        operations: Operations,
        live: Live,
        recorder: Recorder,
        identify: Identify,
    ) -> None:
        self._receive = receive
        self._send = send
        self._operations = operations
        self._live = live
        self._recorder = recorder
        self._identify = identify
        self._conversation = Conversation()
        self._running: dict[str, _Running] = {}
        self._turn = asyncio.Lock()
        self._closed = False
        self._ending: asyncio.Task[None] | None = None

    async def run(self, init_seconds: float = INIT_SECONDS) -> None:
        """Serve until it is closed."""
        try:
            await self._let_in(init_seconds)
            try:
                while True:
                    await self._answer(await self._hear())
            finally:
                self._live.leave(self)
        except _GoneError:
            pass
        except ClosingError as closing:
            await self._close(closing)
        except Exception:
            log.exception("a socket failed")
            await self._close(ClosingError(CloseCode.INTERNAL_ERROR, "Internal server error"))
        finally:
            if self._ending is not None:
                self._ending.cancel()
            await _stop(self._running.values())

    def end(self, why: Ending) -> None:
        """See ``live.Connection``."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._leave(why))

    async def _let_in(self, init_seconds: float) -> None:
        """Wait for ``connection_init``, and see who it is. Raises ClosingError: 4408, 4403, 1013."""
        try:
            async with asyncio.timeout(init_seconds):
                while not isinstance(message := await self._hear(), ConnectionInit):
                    await self._answer(message)
        except TimeoutError:
            raise ClosingError(CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout") from None
        try:
            self.principal = await self._identify(message.params)
        except (Unavailable, RateLimited) as later:
            raise ClosingError(CloseCode.TRY_AGAIN_LATER, later.message) from None
        except DomainError as refused:
            raise ClosingError(CloseCode.FORBIDDEN, f"Forbidden: {refused.message}") from None
        self._live.enter(self)
        self._conversation.acknowledge()
        await self._say(ACK)

    async def _hear(self) -> Message:
        """The next message. Raises ClosingError when it breaks a rule."""
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise _GoneError
        message = read(event.get("text"))
        self._conversation.hear(message)
        return message

    async def _answer(self, message: Message) -> None:
        match message:
            case Ping():
                await self._say(pong(message))
            case Subscribe():
                await self._begin(message)
            case Complete():
                running = self._running.pop(message.id, None)
                if running is not None and running.task is not None:
                    running.task.cancel()

    async def _begin(self, message: Subscribe) -> None:
        refused = self._too_much(message)
        if refused is not None:
            self._conversation.finish(message.id)
            await self._say(Writer(message.id).error([refused.body(new_id("req"))]))
        elif self._ending is None:
            self._running[message.id] = running = _Running(message.size)
            running.task = asyncio.create_task(self._perform(message, running))

    def _too_much(self, message: Subscribe) -> Failure | None:
        count = len(self._running) + 1
        if count > OPERATIONS:
            return too_much("operations at once", OPERATIONS, count)
        characters = message.size + sum(running.size for running in self._running.values())
        if characters > CHARACTERS:
            return too_much("characters of operations at once", CHARACTERS, characters)
        return None

    async def _perform(self, message: Subscribe, running: _Running) -> None:
        """Run an operation and say its last word, after its id may be used again."""
        writer = Writer(message.id)
        try:
            last = await self._run(message, writer, running)
        except _GoneError:
            return
        finally:
            if self._running.get(message.id) is running:  # else the client has completed it, and may use the id again
                del self._running[message.id]
                self._conversation.finish(message.id)
        with suppress(_GoneError):
            await self._say(last)

    async def _run(self, message: Subscribe, writer: Writer, running: _Running) -> str:
        """The last word of an operation of any kind."""
        with self._recorder.socket_operation(self.principal) as facts:
            facts.status = ABANDONED
            try:
                operation = self._operations.prepare(message.asked)
                if not operation.subscribes:
                    return await self._ask(operation, message, writer, facts)
            except _GoneError:
                raise
            except Exception as error:
                return _refused(failures_of(error, facts.request_id), writer, facts)
            facts.status = 101  # it goes on; how long says nothing, and is not counted
        try:
            return await self._follow(operation, message, writer, running, facts.request_id)
        except _GoneError:
            raise
        except Exception as error:
            return _refused(failures_of(error, facts.request_id), writer, facts)

    async def _ask(self, operation: Operation, message: Subscribe, writer: Writer, facts: Facts) -> str:
        caller = Caller(self.principal, facts.request_id, idempotency_key(message.asked))
        done = await self._operations.run(operation, message.asked, caller)
        if not done.answer.executed:
            return _refused(done.answer.failures, writer, facts)
        note_errors(failure.code for failure in done.answer.failures)
        facts.status, facts.replayed = 200, done.replayed
        await self._say(writer.next(done.marked_body))
        return writer.complete()

    async def _follow(
        self, operation: Operation, message: Subscribe, writer: Writer, running: _Running, request_id: str
    ) -> str:
        if self._ending is not None:
            raise _GoneError
        live = sum(each.follows for each in self._running.values())
        if live >= SUBSCRIPTIONS:
            return writer.error([too_much("live subscriptions", SUBSCRIPTIONS, live + 1).body(request_id)])
        running.follows = True
        stream = self._operations.follow(operation, message.asked, Caller(self.principal, request_id))
        async with aclosing(stream) as responses:
            async for each in responses:
                if not each.executed:
                    return writer.error(orjson.loads(each.body)["errors"])
                if each.body:
                    await self._say(writer.next(each.body))
                running.cursor = each.cursor
                await asyncio.sleep(0)  # while one catches up, the others have their turn
        return writer.complete()

    async def _say(self, text: str) -> None:
        """Send a message, when the client has taken those before. Raises _GoneError."""
        async with self._turn:
            if self._closed:
                raise _GoneError
            try:
                await self._send({"type": "websocket.send", "text": text})
            except OSError:
                raise _GoneError from None

    async def _close(self, closing: ClosingError) -> None:
        await _stop(self._running.values())
        async with self._turn:
            if not self._closed:
                self._closed = True
                with suppress(OSError):
                    await self._send({"type": "websocket.close", "code": closing.code.value, "reason": closing.reason})

    async def _leave(self, why: Ending) -> None:
        """End from our side: at once, or when queries and mutations are answered and subscriptions know their place."""
        if why is Ending.REVOKED:
            await self._close(ClosingError(CloseCode.FORBIDDEN, "Forbidden: the credential was revoked or has expired"))
            return
        everything = list(self._running.values())
        following = [running for running in everything if running.follows]
        await _stop(following)
        answering = [running.task for running in everything if not running.follows and running.task is not None]
        if answering:
            await asyncio.wait(answering)
        place = following[0].cursor if len(following) == 1 else None
        reason = f"cursor:{place}" if place is not None else "The server restarts: connect again"
        await self._close(ClosingError(CloseCode.SERVICE_RESTART, reason))


def _refused(failures: Sequence[Failure], writer: Writer, facts: Facts) -> str:
    facts.errors = tuple(dict.fromkeys(failure.code for failure in failures))
    facts.status = status_of(failures)
    return writer.error([failure.body(facts.request_id) for failure in failures])


async def _stop(operations: Iterable[_Running]) -> None:
    tasks = [running.task for running in operations if running.task is not None]
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
