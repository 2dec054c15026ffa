"""Declared reads: one SELECT with its key and order, run for one key or for many at once.

Every read starts from the caller's store: the reader brings it, and row-level security stands behind it. The
dataloaders, the REST routes and the compiled plans run the same reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.sql import Compiled, Reader, Row, compile_select

STORE: ColumnElement[int] = bindparam("store", type_=Integer())


class Read:
    """A SELECT keyed by one column.

    ``statement`` selects ``key``; its rows are narrowed to the store by ``store``. With ``many`` each key has a list
    of rows in ``order``, else one row or None. ``scope`` is what the caller must hold; None where the row decides.
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
    ) -> None:
        self.name = name
        self.scope = scope
        self.many = many
        self.statement = statement
        self._store = store
        self._key = key
        self._order = tuple(order)

    def __repr__(self) -> str:
        return f"Read({self.name})"

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scope, as a group of which one is needed."""
        return () if self.scope is None else (self.scope,)

    @cached_property
    def compiled(self) -> Compiled:
        """The statement for many keys (one is a list of one), as it is run."""
        keys = bindparam("keys", type_=ARRAY(Text))
        narrowed = self.statement.where(self._store == STORE, self._key == any_(keys))
        return compile_select(narrowed.order_by(*self._order) if self._order else narrowed, self.name)

    @cached_property
    def _key_column(self) -> int:
        names = [column.name for column in self.statement.selected_columns]
        return names.index(str(self._key.key))

    async def for_keys(self, reader: Reader, keys: Sequence[str]) -> list[Any]:
        """What belongs to each key, in the order of ``keys``: a row or None, with ``many`` a list of rows."""
        rows = await reader.rows(self.compiled, {"keys": list(keys)})
        index = self._key_column
        if not self.many:
            found = {row[index]: row for row in rows}
            return [found.get(key) for key in keys]
        lists: dict[str, list[Row]] = {key: [] for key in keys}
        for row in rows:
            lists[row[index]].append(row)
        return [lists[key] for key in keys]

    async def for_key(self, reader: Reader, key: str) -> Any:
        """What belongs to one key."""
        return (await self.for_keys(reader, [key]))[0]
