"""Declared reads: one SELECT with its key and order, run for one key or for many at once.

Every read starts from the caller's store: the executor sets it, and row-level security enforces it. The
dataloaders, the REST routes and the compiled plans run the same reads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Table, Text, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.kernel.reads.json_objects import JsonRow, json_object
from domain.kernel.sql.executor import CompiledStatement, Executor, Row, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import is_wide

LIKELY_LIST_SIZE = 10
"""Rows per key, if a read declares no estimate."""


class KnownRows(ABC):
    """Rows that the present transaction has written, and knows to be stored so."""

    @abstractmethod
    def rows_of(self, table: str, column: str, key: str) -> Sequence[Any] | None:
        """All rows of a table with this key in a column, their columns as attributes; None if others may exist."""


class Read:
    """A SELECT keyed by one column.

    ``statement`` selects ``key``; ``store`` restricts its rows to the store. With ``many``, each key has a list of rows
    in ``order``, otherwise one row or None. ``scope`` is required of the caller; None if it depends on the row.
    """

    def __init__(
        self,
        name: str,
        statement: Select[Any],
        *,
        scope: str | None,
        store: ColumnElement[int],
        key: ColumnElement[str],
        order: Sequence[ColumnElement[Any]] = (),
        many: bool = False,
        likely: int = LIKELY_LIST_SIZE,
    ) -> None:
        self.name = name
        self.scope = scope
        self.many = many
        self.likely = likely
        """With ``many``, how many rows a key has as a rule: what they are counted as before they are read."""
        self.statement = statement
        self._store = store
        self._key = key
        self._order = tuple(order)
        self._lean: dict[frozenset[str], Read] = {}
        self._tables: dict[str, Subquery] = {}

    def __repr__(self) -> str:
        return f"Read({self.name})"

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scope, as a group of which one is needed."""
        return () if self.scope is None else (self.scope,)

    @cached_property
    def compiled(self) -> CompiledStatement:
        """The statement for many keys (one is a list of one), as it is run."""
        keys = bindparam("keys", type_=ARRAY(Text))
        narrowed = self.rows_of_store.where(self._key == any_(keys))
        return compile_select(narrowed.order_by(*self._order) if self._order else narrowed, self.name)

    @property
    def keyed_by(self) -> str:
        """The name of the column that is the key."""
        return str(self._key.key)

    @property
    def ordered_by(self) -> tuple[str, ...]:
        """The columns that order the rows of one key."""
        return tuple(str(column.key) for column in self._order if column is not self._key)

    def known_rows(self, known: KnownRows, key: str) -> Any:
        """What the read would find for a key, by rows that were just written; None if they do not tell."""
        table = self._plain_table
        rows = None if table is None else known.rows_of(table, self.keyed_by, key)
        if not rows:
            return None
        return sorted(rows, key=attrgetter(*self.ordered_by)) if self.many and self.ordered_by else rows[0]

    @cached_property
    def _plain_table(self) -> str | None:
        """The table whose rows it reads as they are; None if it reads others, or JSON, which is not stored as sent."""
        (source, *others) = self.statement.get_final_froms()
        columns = self.statement.selected_columns
        if others or not isinstance(source, Table) or self.statement.whereclause is not None:
            return None
        as_they_are = all(getattr(each, "table", None) is source for each in columns)
        return str(source.name) if as_they_are and not any(isinstance(each.type, JSONB) for each in columns) else None

    @property
    def rows_of_store(self) -> Select[Any]:
        """All rows of the read, of any key."""
        return self.statement.where(self._store == STORE)

    def table(self, name: str) -> Subquery:
        """All rows of the read, under a name in a larger statement. Remembered, since it costs a third of a statement
        that has many of them.
        """
        known = self._tables.get(name)
        if known is None:
            known = self._tables[name] = self.rows_of_store.subquery(name)
        return known

    def projected(self, columns: Collection[str]) -> Read:
        """The same with the key and these columns alone. Raises KeyError for one that it does not have."""
        selected = self.statement.selected_columns
        wanted = [selected[name] for name in selected.keys() if name in columns or name == self.keyed_by]  # noqa: SIM118
        if len(wanted) - 1 < len(set(columns) - {self.keyed_by}):
            raise KeyError(f"{self.name} has not all of {sorted(columns)}")
        return self._selecting(wanted)

    def lean(self, columns: Collection[str]) -> Read:
        """The same read without the wide columns that are not in ``columns``. There are few such reads; each is created
        once.
        """
        selected = self.statement.selected_columns
        wide = {name for name in selected.keys() if is_wide(selected[name])}  # noqa: SIM118 - a ColumnCollection
        wanted = frozenset(wide.intersection(columns))
        if wanted == wide:
            return self
        if wanted not in self._lean:
            names = set(selected.keys()) - wide | wanted
            self._lean[wanted] = self.projected(names)
        return self._lean[wanted]

    def as_json(self, members: JsonRow, beside: Collection[str] = ()) -> Read:
        """The same, each row written as an object in the column ``document``, with the columns ``beside`` as they are.
        Raises NotPushableError.
        """
        selected = self.statement.selected_columns
        plain = [selected[name] for name in beside if name != self.keyed_by]
        return self._selecting([self._key, json_object(members, selected), *plain])

    def _selecting(self, columns: Sequence[ColumnElement[Any]]) -> Read:
        """The same read with these columns."""
        statement = self.statement.with_only_columns(*columns, maintain_column_froms=True)
        return Read(
            self.name,
            statement,
            scope=self.scope,
            store=self._store,
            key=self._key,
            order=self._order,
            many=self.many,
            likely=self.likely,
        )

    @cached_property
    def _key_column(self) -> int:
        names = [column.name for column in self.statement.selected_columns]
        return names.index(self.keyed_by)

    async def for_keys(self, db: Executor, keys: Sequence[str]) -> list[Any]:
        """The rows of the keys, in the order of ``keys``: a row or None per key; with ``many``, a list of rows."""
        rows = await self.all_for_keys(db, keys)
        index = self._key_column
        if not self.many:
            found = {row[index]: row for row in rows}
            return [found.get(key) for key in keys]
        lists: dict[str, list[Row]] = {key: [] for key in keys}
        for row in rows:
            lists[row[index]].append(row)
        return [lists[key] for key in keys]

    async def all_for_keys(self, db: Executor, keys: Sequence[str]) -> list[Row]:
        """All rows of the keys, in the order of the read."""
        return await db.rows(self.compiled, {"keys": list(keys)})

    async def for_key(self, db: Executor, key: str) -> Any:
        """The row or rows of one key."""
        return (await self.for_keys(db, [key]))[0]
