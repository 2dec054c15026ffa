"""The unit of work: one transaction of one store, through which use cases write. The transport opens and commits it;
services never do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.base import ExecutableOption

from domain.kernel.errors import Conflict, ErrorCode, NotFound
from domain.kernel.events import Event, EventRow
from domain.kernel.ids import new_id
from domain.kernel.principal import Store
from domain.kernel.sql.executor import Executor, orm_errors_as_unavailable
from domain.kernel.sql.statements import Statement
from domain.kernel.sql.tables import StoreOwned

_EVENTS = Statement.insert_into(EventRow)
A = TypeVar("A", bound=StoreOwned)
P = TypeVar("P")


class Signal:
    """News inside one transaction that another area may have to act on; see ``domain/signal_handlers.py``."""


class EventsWritten(Signal):
    """Events were written. Once committed, they need positions."""


SignalHandler = Callable[["UnitOfWork", Any], Awaitable[None]]
SignalHandlers = Mapping[type[Signal], Sequence[SignalHandler]]
Dependencies = Mapping[type[Any], Any]
"""The dependencies of use cases (adapters of an area), by class."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a change: the credential, the request, ``api`` or ``import``."""

    actor: str
    request_id: str | None = None
    channel: str = "api"


class UnitOfWork:
    """A session, the store it writes, and the events it will announce if it commits."""

    def __init__(
        self,
        session: AsyncSession,
        reader: Executor,
        *,
        store: Store,
        origin: Origin,
        now: datetime,
        reactions: SignalHandlers,
        parts: Dependencies,
    ) -> None:
        self.session = session
        self.reader = reader
        """Runs declared reads inside this transaction. Flush first: it does not see pending writes."""
        self.store = store
        self.origin = origin
        self.now = now
        """The instant of the whole transaction (UTC, milliseconds)."""
        self.signals: list[Signal] = []
        """The signals so far. Listeners outside the transaction receive them after the commit."""
        self.people: set[str] = set()
        """The ids of the customers whose data the response to this change may show."""
        self._reactions = reactions
        self._parts = parts
        self._pending: list[Event] = []
        self._appended: dict[Statement, list[Mapping[str, Any]]] = {}
        self._postponed: list[Callable[[], Awaitable[None]]] = []

    async def lock(
        self,
        entity: type[A],
        id: str,
        *,
        noun: str,
        version: int | None = None,
        options: Sequence[ExecutableOption] = (),
    ) -> A:
        """The entity, locked against other writers until the transaction ends.

        ``version``: what the caller believes it to be. Raises NotFound (in this store), Conflict (stale version).
        """
        statement = (
            select(entity)
            .where(entity.store_id == self.store.number, entity.id == id)
            .with_for_update(of=entity, key_share=True)  # keys never change: rows that refer to it need not wait
            .execution_options(populate_existing=True)
            .options(*options)
        )
        found = (await self.session.execute(statement)).scalar_one_or_none()
        if found is None:
            raise NotFound(noun)
        current = getattr(found, "version", None)
        if version is not None and version != current:
            message = (
                f"The {noun} was changed by another request: it is at version {current}, not {version}. Read it again "
                "and retry."
            )
            raise Conflict(message, ErrorCode.VERSION_MISMATCH, ("expected_version",))
        return found

    def dependency(self, kind: type[P]) -> P:
        """The dependency of this class. Raises LookupError if there is none."""
        part: P = self._parts[kind]
        return part

    def note_person(self, person_id: str) -> None:
        """Record that this change is about a customer: after an erasure, its stored response is erased, too."""
        self.people.add(person_id)

    def add(self, entity: Any) -> None:
        """Insert the entity with the next flush."""
        self.session.add(entity)

    def append(self, statement: Statement, row: Mapping[str, Any]) -> None:
        """Insert a row with the next flush, after the pending changes of the session. Nothing reads it again."""
        self._appended.setdefault(statement, []).append(row)

    def record(self, event: Event) -> None:
        """Announce a fact. It is written with the next flush and becomes visible if the transaction commits."""
        self._pending.append(event)

    def postpone(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run ``step`` at the end of the transaction, right before the commit: for steps that lock many rows, or that
        others wait for. Steps run in the order in which they were postponed.
        """
        self._postponed.append(step)

    async def finish(self) -> None:
        """Send what is pending, then do what was postponed. To be called once, before the commit."""
        await self.flush()
        postponed, self._postponed = self._postponed, []
        for step in postponed:
            await step()
        if postponed:
            await self.flush()

    async def emit(self, signal: Signal) -> None:
        """Let the handlers of other areas process a signal, now and in this transaction."""
        self.signals.append(signal)
        for reaction in self._reactions.get(type(signal), ()):
            await reaction(self, signal)

    async def flush(self) -> None:
        """Send what is pending to the database, events last: their ``seq`` is drawn after the row locks."""
        await self.session.flush()
        appended, self._appended = self._appended, {}
        for statement, rows in appended.items():
            await statement.each(self.reader, rows)
        if self._pending:
            pending, self._pending = self._pending, []
            await _EVENTS.each(self.reader, [self._event_row(event) for event in pending])
            self.signals.append(EventsWritten())

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """A savepoint: on an exception, its writes and its events are rolled back.

        Raises Unavailable if the database becomes unavailable meanwhile: the caller must respond to that.
        """
        with orm_errors_as_unavailable():
            await self.flush()
            signal_count, postponed = len(self.signals), len(self._postponed)
            await self.reader.command("SAVEPOINT part")
            try:
                yield
                await self.flush()
            except Exception:  # at a cancellation the whole transaction is rolled back
                self.session.expunge_all()  # its state may be outdated
                self._pending.clear()
                self._appended.clear()
                del self.signals[signal_count:], self._postponed[postponed:]
                # Gone as well: one around it has the same name, and must not find this one in its place.
                await self.reader.command("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
                raise
            await self.reader.command("RELEASE SAVEPOINT part")

    def _event_row(self, event: Event) -> dict[str, Any]:
        return {
            "store_id": self.store.number,
            "id": new_id("evt"),
            "position": None,
            "type": event.type,
            "object_id": event.object_id,
            "sequence": event.sequence,
            "snapshot": event.snapshot,
            "changed_fields": list(event.changed_fields),
            "origin": self.origin.channel,
            "actor": self.origin.actor,
            "request_id": self.origin.request_id,
            "created_at": self.now,
        }
