"""The record of the current request: filled in by the transports, reported when the request ends.

Authenticating, parsing and responding happen far apart; the record is in the kernel's context variable for watchers, so
it need not be passed on. Code below the gateway does not know the record: REST leaves its values in ``request.state``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple, Protocol

from starlette.requests import HTTPConnection

from domain.kernel.principal import Principal
from domain.kernel.rate_limits import RateLimitUsage
from domain.kernel.sql.instrumentation import query_observer
from gateway.request_queue import RequestSlot
from gateway.telemetry.masking import make_masker

MAX_NAME_LENGTH = 100
"""Characters of an operation's name that are reported: the client chooses it, and may have chosen a key."""
_redact = make_masker()


class Spans(Protocol):
    """Makes spans of the trace that the request belongs to."""

    trace_id: str

    def operation(self, kind: str, name: str | None) -> AbstractContextManager[None]:
        """A span around the execution of a GraphQL operation."""

    def statement(self, text: str, begun: float, ended: float) -> None:
        """A span for a statement that has ended; times are ``perf_counter`` seconds."""

    def end(self, facts: RequestRecord) -> None:
        """The response was sent."""


class RouteLabels(NamedTuple):
    """Where a request went: of few values, unlike its path."""

    route: str
    """A template, such as ``/v2/products/{id}``."""
    surface: str
    """``graphql``, ``rest``, ``probe`` or ``other``."""


NO_ROUTE = RouteLabels("none", "other")


@dataclass(slots=True, eq=False)
class RequestRecord:
    """One request, or one operation of a WebSocket. The kernel's Watcher of its statements, too."""

    request_id: str
    method: str
    waits: list[tuple[str, float]] = field(default_factory=list)
    """Shared by all requests: waits for connections, until they are counted."""
    begun: float = field(default_factory=perf_counter)
    """``perf_counter`` seconds, as is ``ended``."""
    ended: float = 0.0
    place: RouteLabels = NO_ROUTE
    status: int | None = None
    """None until the response starts."""
    principal: Principal | None = None
    operation_kind: str | None = None
    """``query``, ``mutation`` or ``subscription``, once it is known."""
    operation_name: str | None = None
    errors: tuple[str, ...] = ()
    """The error codes of the response, as the surface names them."""
    replayed: bool = False
    fell_back: str | None = None
    """Why graphql-core has executed the operation, or the rest of it; None when its plan has."""
    statements: int = 0
    database_seconds: float = 0.0
    """Summed over statements, which may overlap."""
    rate_limit: RateLimitUsage | None = None
    """What its caller has used of its limits; None where none apply, or before it is known."""
    spans: Spans | None = None
    slot: RequestSlot | None = None
    """In which it runs; None before it is admitted, and for requests that need none."""

    def begin_response(self) -> None:
        """Release the slot, unless the request still works: slow readers, streams and downloads hold none."""
        if self.slot is not None and not self.slot.outlives_start:
            self.slot.release()

    def release_slot(self) -> None:
        """Release the slot, if there is one. May be called repeatedly."""
        if self.slot is not None:
            self.slot.release()

    def statement(self, text: str, begun: float, ended: float) -> None:
        """See the kernel's Watcher."""
        self.statements += 1
        self.database_seconds += ended - begun
        if self.spans is not None:
            self.spans.statement(text, begun, ended)

    def waited(self, pool: str, seconds: float) -> None:
        """See the kernel's Watcher."""
        self.waits.append((pool, seconds))


def current() -> RequestRecord | None:
    """The facts of the request that the current task works for."""
    found = query_observer.get()
    return found if isinstance(found, RequestRecord) else None


def record_principal(
    identify: Callable[[HTTPConnection], Awaitable[Principal]],
) -> Callable[[HTTPConnection], Awaitable[Principal]]:
    """``identify``, with its result recorded."""

    async def identified(connection: HTTPConnection) -> Principal:
        principal = await identify(connection)
        facts = current()
        if facts is not None:
            facts.principal = principal
        return principal

    return identified


def record_operation(kind: str, name: str | None) -> None:
    """The request turned out to ask for this operation."""
    facts = current()
    if facts is not None:
        facts.operation_kind = kind
        facts.operation_name = None if name is None else _shown(name)


def _shown(name: str) -> str:
    return _redacted(name) if len(name) <= MAX_NAME_LENGTH else _redact(name)[:MAX_NAME_LENGTH]


@lru_cache(maxsize=1_000)
def _redacted(name: str) -> str:
    return _redact(name)


def record_rate_limit(usage: RateLimitUsage | None) -> None:
    """The caller of the request has used so much of its limits."""
    facts = current()
    if facts is not None:
        facts.rate_limit = usage


def record_errors(codes: Iterable[str]) -> None:
    """Record the error codes of the response."""
    facts = current()
    if facts is not None:
        facts.errors = tuple(dict.fromkeys(codes))


def keep_slot() -> None:
    """Keep the slot of the request when its response begins; ``release_slot`` must follow."""
    facts = current()
    if facts is not None and facts.slot is not None:
        facts.slot.outlives_start = True


def release_slot() -> None:
    """Release the slot of the request, if it still has one."""
    facts = current()
    if facts is not None:
        facts.release_slot()


def record_replay() -> None:
    """Record that the response is the stored one of an earlier request."""
    facts = current()
    if facts is not None:
        facts.replayed = True


def record_fallback(reason: str) -> None:
    """graphql-core executes the operation, for this reason."""
    facts = current()
    if facts is not None:
        facts.fell_back = reason


def operation_span() -> AbstractContextManager[None]:
    """A span around the execution of the recorded operation; nothing without tracing."""
    facts = current()
    if facts is None or facts.spans is None or facts.operation_kind is None:
        return nullcontext()
    return facts.spans.operation(facts.operation_kind, facts.operation_name)
