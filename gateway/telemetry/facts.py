"""What is known of the request at hand: filled in by the doors as they learn it, told when the request ends.

Identifying, parsing and answering happen far apart; the facts stand in a context variable, so none of them hands the
object through the others. Below the gateway nothing knows of it: REST leaves what it has to say in ``request.state``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from starlette.requests import HTTPConnection

from domain.kernel.principal import Principal

SHOWN_NAME = 100
"""Characters of an operation's name that are told: the client chooses it."""


class Spans(Protocol):
    """Makes spans of the trace that the request belongs to."""

    trace_id: str

    def operation(self, kind: str, name: str | None) -> AbstractContextManager[None]:
        """A span around the execution of a GraphQL operation."""

    def statement(self, text: str, begun: float, ended: float) -> None:
        """A span for a statement that has ended; times are ``perf_counter`` seconds."""


@dataclass(slots=True)
class Facts:
    """One request, or one operation of a WebSocket."""

    request_id: str
    method: str
    begun: float = field(default_factory=perf_counter)
    """``perf_counter`` seconds."""
    status: int | None = None
    """None until the answer begins."""
    principal: Principal | None = None
    operation_kind: str | None = None
    """``query``, ``mutation`` or ``subscription``, once it is known."""
    operation_name: str | None = None
    errors: tuple[str, ...] = ()
    """The codes of what was answered, in the words of the surface."""
    replayed: bool = False
    statements: int = 0
    database_seconds: float = 0.0
    """Summed over statements, which may overlap."""
    spans: Spans | None = None


current: ContextVar[Facts | None] = ContextVar("facts", default=None)
"""Of the request that the current task works for."""


def noting(
    identify: Callable[[HTTPConnection], Awaitable[Principal]],
) -> Callable[[HTTPConnection], Awaitable[Principal]]:
    """``identify``, with its answer noted."""

    async def identified(connection: HTTPConnection) -> Principal:
        principal = await identify(connection)
        facts = current.get()
        if facts is not None:
            facts.principal = principal
        return principal

    return identified


def note_operation(kind: str, name: str | None) -> None:
    """The request turned out to ask for this operation."""
    facts = current.get()
    if facts is not None:
        facts.operation_kind = kind
        facts.operation_name = None if name is None else name[:SHOWN_NAME]


def note_errors(codes: Iterable[str]) -> None:
    """The answer carries these codes."""
    facts = current.get()
    if facts is not None:
        facts.errors = tuple(dict.fromkeys(codes))


def note_replayed() -> None:
    """The answer is the stored one of an earlier request."""
    facts = current.get()
    if facts is not None:
        facts.replayed = True


def operation_span(kind: str, name: str | None) -> AbstractContextManager[None]:
    """A span around the execution of an operation; nothing where nobody traces."""
    facts = current.get()
    return nullcontext() if facts is None or facts.spans is None else facts.spans.operation(kind, name)
