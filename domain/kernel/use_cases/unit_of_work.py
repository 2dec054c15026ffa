"""The unit of work: one transaction of one store, through which use cases write. Transports open and commit it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.base import ExecutableOption

from domain.kernel.errors import NotFound
from domain.kernel.events import Event, EventRow
from domain.kernel.fields import UNSET, Unset
from domain.kernel.fields.versions import require_version
from domain.kernel.ids import new_id
from domain.kernel.principal import Store
from domain.kernel.sql.executor import Executor, Row, orm_errors_as_unavailable
from domain.kernel.sql.row_copy import MIN_COPIED_ROWS, RowCopy
from domain.kernel.sql.statements import RowStatement, Statement, Write, run_together
from domain.kernel.sql.tables import StoreOwned

_EVENTS, _COPIED_EVENTS = RowStatement.insert_into(EventRow), RowCopy(EventRow)
A = TypeVar("A", bound=StoreOwned)
P = TypeVar("P")
Rows = Sequence[Mapping[str, Any]]


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


class SessionTransaction(Protocol):
    """A transaction whose session is created by its first use."""

    @property
    def session(self) -> AsyncSession:
        """The session."""

    @property
    def has_session(self) -> bool:
        """Whether the session was used."""

    async def flush(self) -> None:
        """Send what waits in the session, if there is one."""

    def discard(self) -> None:
        """Let the session forget its entities: their state may be outdated."""


class UnitOfWork:
    """A session, the store it writes, and the events it will announce if it commits."""

    def __init__(
        self,
        opened: SessionTransaction,
        reader: Executor,
        *,
        store: Store,
        origin: Origin,
        now: datetime,
        reactions: SignalHandlers,
        parts: Dependencies,
    ) -> None:
        self._opened = opened
        self.reader = reader
        """Runs declared reads inside this transaction. They see what was given to ``write``, but not what waits in the
        session or was appended: flush first where that matters.
        """
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
        self._waiting: dict[Statement, list[Mapping[str, Any]]] = {}
        self._postponed: list[Callable[[], Awaitable[None]]] = []

    @property
    def session(self) -> AsyncSession:
        """The ORM's session of this transaction. Statements compiled once need none, and cost less."""
        return self._opened.session

    async def lock(
        self,
        entity: type[A],
        id: str,
        *,
        noun: str,
        version: int | Unset = UNSET,
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
        require_version(found, noun, version)
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

    def append(self, statement: RowStatement, *rows: Mapping[str, Any]) -> None:
        """Insert rows with the next message that writes. Nothing of this transaction reads them before a flush."""
        if rows:
            self._waiting.setdefault(statement, []).extend(rows)

    async def copy(self, statement: RowStatement, copied: RowCopy, rows: Rows) -> None:
        """Insert many rows now, after all that waits: by COPY, or by ``statement`` if they are few."""
        async with self.copying(statement, copied, rows):
            pass

    @asynccontextmanager
    async def copying(self, statement: RowStatement, copied: RowCopy, rows: Rows) -> AsyncGenerator[None]:
        """As ``copy``. The database inserts the rows during the block, which must not use it."""
        if len(rows) < MIN_COPIED_ROWS:
            self.append(statement, *rows)
            rows = ()
        await self.send()
        async with copied.writing(self.reader, rows) if rows else nullcontext():
            yield

    async def write(self, statement: Statement, many: Sequence[Mapping[str, Any]], *, apart: bool = False) -> None:
        """Run a statement for these rows or values with the next message that writes, at the latest before a read.

        What waits is sent first if it is about the same table, since statements of one message do not see each other,
        unless its rows are others (``apart``). Many values are sent at once, in their order.
        """
        if not many:
            return
        if len(many) > 1 and not isinstance(statement, RowStatement):
            await self.send()
            await statement.each(self.reader, many)
            return
        if statement in self._waiting or (not apart and any(each.table == statement.table for each in self._waiting)):
            await self.send()
        self._waiting[statement] = list(many)
        self.reader.settle = self.send

    async def write_now(self, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        """Run a statement in one message with all that waits; the rows that it returns. It does not see the others."""
        return await run_together(self.reader, [*self._take(), (statement, values)])

    async def send(self) -> None:
        """Send the writes that wait, in one message; events wait for the flush."""
        writes = self._take()
        if writes:
            await run_together(self.reader, writes)

    def _take(self) -> list[Write]:
        """The writes that wait; none does any longer."""
        waiting, self._waiting, self.reader.settle = self._waiting, {}, None
        writes: list[Write] = []
        for statement, many in waiting.items():
            if isinstance(statement, RowStatement):
                writes.append((statement, statement.values(many)))
            else:
                writes += [(statement, values) for values in many]
        return writes

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

    async def defer_flush(self) -> None:
        """Let what is pending wait for the next read, or for the commit; flush now what waits in a session."""
        if self._opened.has_session:
            await self.flush()
        elif self._waiting or self._pending:
            self.reader.settle = self.flush

    async def flush(self) -> None:
        """Send what is pending to the database, events last: their ``seq`` is drawn after the row locks."""
        await self._gather()
        await self.send()

    async def flush_with(self, statement: RowStatement, row: Mapping[str, Any]) -> list[Row]:
        """As ``flush``, in one message with a statement for a row; what it returns. It does not see the others."""
        await self._gather()
        return await self.write_now(statement, statement.values([row]))

    async def _gather(self) -> None:
        """Flush the session, and add the events to what waits."""
        await self._opened.flush()
        if self._pending:
            pending, self._pending = self._pending, []
            rows = [self._event_row(event) for event in pending]
            if len(rows) < MIN_COPIED_ROWS:
                self.append(_EVENTS, *rows)
            else:
                await self.copy(_EVENTS, _COPIED_EVENTS, rows)
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
                self._opened.discard()
                self._pending.clear()
                self._take()
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
