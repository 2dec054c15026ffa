"""Personal data, declared once per area: an erasure blanks exactly what an export shows (GDPR 15, 17, 20).

An area declares its tables with personal data (``PersonalTable``) and the objects whose events have some
(``PersonalObjects``). An erasure runs one statement per table, for any number of rows; the export reads the same rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.kernel.documents import Document
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork

PERSON_PARAMETER: ColumnElement[str] = bindparam("person", type_=KEY_TEXT)
"""The id of the person, in conditions of personal tables."""
ERASED = "(erased)"
"""Stands where a text must stand."""


class Replacement(StrEnum):
    """The replacement of a personal value. In JSON, ``gateway_blank`` of the database sets it."""

    NULL = "null"
    TEXT = "text"
    """``(erased)``; null stays null."""
    OBJECT = "object"
    """The empty object."""
    LIST = "list"
    """The empty list."""
    ADDRESS = "address"
    """The same country and state, which determined the tax, without the person; null stays null."""
    EMAIL = "email"
    """``<id>@erased.invalid``: a reserved domain (RFC 2606), and unique."""


@dataclass(frozen=True, eq=False)
class PersonalTable:
    """The rows of one table that belong to a person.

    Raises TypeError where the export would not show a column that erasing blanks.
    """

    table: FromClause
    theirs: ColumnElement[bool]
    """Which rows: a condition with ``PERSON_PARAMETER``. Rows of other stores are left out by themselves."""
    blanks: Mapping[str, Replacement]
    """The effect of an erasure on each column, by name."""
    shown: Select[Any]
    """The SELECT of the area that the export reads."""
    order: tuple[ColumnElement[Any], ...]
    document: type[Document]
    """What the export shows of a row."""
    scope: str
    """The scope that an export requires."""
    derived: Mapping[str, Replacement] = field(default_factory=dict)
    """Search columns derived from blanked ones: blanked as well, and not exported."""
    keeps: frozenset[str] = frozenset()
    """Texts that stay, because they contain no personal data: names of the catalog, texts of the gateway."""

    def __post_init__(self) -> None:
        for names, where in ((self.shown.selected_columns.keys(), "SELECT"), (self.document.members, "document")):
            if missing := self.blanks.keys() - set(names):
                raise TypeError(f"{self.name}: erased and not exported, for want of the {where}: {sorted(missing)}")

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.table.name)  # type: ignore[attr-defined]  # of a Table, which models declare as FromClause

    @cached_property
    def _blanking(self) -> Statement:
        columns = {**self.blanks, **self.derived}
        values = {self.table.c[name]: _blanked(self.table, name, blank) for name, blank in columns.items()}
        statement = update(self.table).where(self.table.c.store_id == STORE, self.theirs).values(values)  # type: ignore[arg-type]
        return Statement(f"redact_{self.name}", statement)

    @cached_property
    def _reading(self) -> Statement:
        statement = self.shown.where(self.table.c.store_id == STORE, self.theirs).order_by(*self.order)
        return Statement(f"export_{self.name}", statement)

    async def redact(self, work: UnitOfWork, person_id: str) -> None:
        """Blank the person's rows, in one statement."""
        await self._blanking.rows(work.reader, person=person_id)

    async def export(self, db: Executor, principal: Principal, person_id: str) -> list[Any]:
        """The person's rows, as documents."""
        rows = await self._reading.rows(db, person=person_id)
        return await self.document.of_rows(db, principal, rows)


@dataclass(frozen=True, eq=False)
class PersonalObjects:
    """A kind of object about a person; its events and deliveries contain personal data, too."""

    ids: Select[Any]
    """Selects the ids of those of ``PERSON_PARAMETER`` and ``STORE``, in order."""
    blanks: Mapping[str, Replacement]
    """The effect of an erasure on the members of the snapshots."""
    scope: str
    """The scope that an export requires."""
    locks: FromClause | None = None
    """The table of ``ids`` whose rows writers of the objects lock; None: that of the objects."""

    @cached_property
    def _reading(self) -> Statement:
        return Statement("personal_objects", self.ids)

    @cached_property
    def _locking(self) -> Statement:
        return Statement("lock_personal_objects", self.ids.with_for_update(key_share=True, of=self.locks))

    async def find(self, db: Executor, person_id: str) -> list[str]:
        """Their ids."""
        return [row.id for row in await self._reading.rows(db, person=person_id)]

    async def lock(self, work: UnitOfWork, person_id: str) -> list[str]:
        """The ids of the objects, locked until the transaction ends."""
        return [row.id for row in await self._locking.rows(work.reader, person=person_id)]


@dataclass(frozen=True, eq=False)
class PersonalSection:
    """A member of the export: the rows of one table."""

    table: PersonalTable
    description: str


@dataclass(frozen=True, eq=False, kw_only=True)
class PersonalData:
    """What one area stores of a person."""

    sections: Mapping[str, PersonalSection] = field(default_factory=dict)
    """The tables beside the customer's own, by the member of the export that shows them."""
    objects: PersonalObjects | None = None
    """Whose events and deliveries are about the person."""
    reads: tuple[Read, ...] = ()
    """What the export reads of it."""
    removed: frozenset[str] = frozenset()
    """Tables whose rows erasing removes."""
    retained: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Columns of text that are not the person's, by table: erasing leaves them, and the export need not show them."""
    after_redaction: Callable[[UnitOfWork, str], Awaitable[None]] | None = None
    """Brings derived rows in line, with the person's id."""


def _blanked(table: FromClause, name: str, blank: Replacement) -> ColumnElement[Any]:
    column = table.c[name]
    match blank:
        case Replacement.NULL:
            return null()
        case Replacement.TEXT:
            return case((column.is_not(None), literal_column(f"'{ERASED}'", Text)))
        case Replacement.EMAIL:
            return table.c.id + literal_column("'@erased.invalid'", Text)
        case Replacement.LIST if isinstance(column.type, ARRAY):
            return literal_column("'{}'::text[]")
        case _:
            kind = literal_column(f"'{blank}'", Text)
            return case((column.is_not(None), func.gateway_blank(kind, cast(column, JSONB), table.c.id, type_=JSONB)))
