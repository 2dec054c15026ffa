"""One transaction of one store: what use cases write through. The door opens and commits it; services never do."""

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
    """Events were written: once they are committed, they want positions."""


SignalHandler = Callable[["UnitOfWork", Any], Awaitable[None]]
SignalHandlers = Mapping[type[Signal], Sequence[SignalHandler]]
Dependencies = Mapping[type[Any], Any]
"""What an area's use cases are handed of the world outside, by its class."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence a change comes: the credential that asked, the request it came in, ``api`` or ``import``."""

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
        """What was signalled so far; listeners hear of it once the transaction is committed."""
        self.people: set[str] = set()
        """The ids of the people whose data the answer to this change may show."""
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
        """What was handed in of this class. Raises LookupError when nothing was."""
        part: P = self._parts[kind]
        return part

    def note_person(self, person_id: str) -> None:
        """Note that this change is about a person: should they be erased, the stored answer to it is too."""
        self.people.add(person_id)

    def add(self, entity: Any) -> None:
        """Insert the entity with the next flush."""
        self.session.add(entity)

    def append(self, statement: Statement, row: Mapping[str, Any]) -> None:
        """Insert a row with the next flush, after what the session holds, that nobody looks at again."""
        self._appended.setdefault(statement, []).append(row)

    def record(self, event: Event) -> None:
        """Announce a fact. It is written with the next flush and becomes visible if the transaction commits."""
        self._pending.append(event)

    def postpone(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do ``step`` when all else of the transaction is done, right before the commit: what locks many rows, or what
        others wait for. In the order in which they were postponed."""
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
        """Let the areas that care act on the news, now and in this transaction."""
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
        """A part that can be refused alone: on an exception its writes and its events are undone.

        Raises Unavailable when the database goes away meanwhile: who runs the part has an answer to give for it.
        """
        with orm_errors_as_unavailable():
            await self.flush()
            heard, postponed = len(self.signals), len(self._postponed)
            await self.reader.command("SAVEPOINT part")
            try:
                yield
                await self.flush()
            except Exception:  # at a cancellation the whole transaction is rolled back
                self.session.expunge_all()  # whatever it knows may not be so any more
                self._pending.clear()
                self._appended.clear()
                del self.signals[heard:], self._postponed[postponed:]
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
