"""The watcher of the database work of a request: its statements, and its waits for a connection.

The watcher is a context variable, because statements run far below the code that observes them, and many requests run
at once. Without a watcher, a statement costs about a third of a microsecond more.
"""

from __future__ import annotations

from contextvars import ContextVar
from time import perf_counter
from typing import Any, Protocol

from sqlalchemy import Engine, event


class QueryObserver(Protocol):
    """Told of database work when it is done. Times are ``time.perf_counter`` seconds."""

    def statement(self, text: str, begun: float, ended: float) -> None:
        """A statement succeeded or failed. ``text`` has ``$1`` in place of a value, never the value."""

    def waited(self, pool: str, seconds: float) -> None:
        """A connection of ``pool`` was acquired or refused. Opening a new one counts as waiting."""


query_observer: ContextVar[QueryObserver | None] = ContextVar("watcher", default=None)
"""Of the current task and of the tasks it starts."""


class observe_statement:  # noqa: N801 - reads as a phrase: `with watched(text):`
    """Tells the watcher of the one statement that runs inside."""

    __slots__ = ("_begun", "_text")

    def __init__(self, text: str) -> None:
        self._text = text

    def __enter__(self) -> None:
        self._begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        watching = query_observer.get()
        if watching is not None:
            watching.statement(self._text, self._begun, perf_counter())


class observe_pool_wait:  # noqa: N801 - reads as a phrase: `with waiting("reads"):`
    """Report to the watcher how long it took to acquire a connection of the pool."""

    __slots__ = ("_begun", "_pool")

    def __init__(self, pool: str) -> None:
        self._pool = pool

    def __enter__(self) -> None:
        self._begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        watching = query_observer.get()
        if watching is not None:
            watching.waited(self._pool, perf_counter() - self._begun)


def instrument_engine(engine: Engine) -> None:
    """Report every statement that SQLAlchemy sends to the watcher. Failed ones are only in the log of PostgreSQL."""

    @event.listens_for(engine, "before_cursor_execute")
    def begin(_1: Any, _2: Any, _3: str, _4: Any, context: Any, _5: bool) -> None:
        context.begun = perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def end(_1: Any, _2: Any, text: str, _3: Any, context: Any, _4: bool) -> None:
        watching = query_observer.get()
        if watching is not None:
            watching.statement(text, context.begun, perf_counter())
