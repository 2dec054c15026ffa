"""Conditions that are counted before they narrow a list, since how best to narrow it depends on how many there are.

A few rows are named by their ids, whatever the list's order; of many, the list's own index is walked, and soon meets a
page of them. Without looking, the database would guess: the plan that a connection turns to after five runs is made for
any value, and would read and sort half of a table to show fifty, or walk a million rows to find three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    false,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.listing.query import FilterClause, JointFilter
from domain.kernel.sql.executor import CompiledStatement, Executor, compile_select
from domain.kernel.sql.statements import STORE

MAX_COUNTED_MATCHES = 1_000
"""Maximum ids that are passed to a list."""


class CountedFilter:
    """Rows under a condition, found by ``found``: the ids of at most one more than MAX_COUNTED_MATCHES, by an
    index.

    ``name`` begins the names of its parameters. ``sorts`` are those whose index the condition is a range of.
    """

    def __init__(
        self,
        name: str,
        found: Select[Any],
        condition: ColumnElement[bool],
        *,
        id: ColumnElement[str],
        sorts: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._found = found
        ids = bindparam(f"{name}_ids", type_=ARRAY(Text))
        self._few = FilterClause(lambda statement: statement.where(id == any_(ids)))
        self._many = FilterClause(
            # Behind CASE the planner can neither use an index for the condition nor think it rare: it walks the list's.
            lambda statement: statement.where(case((condition, true()), else_=false())),
            plain=lambda statement: statement.where(condition),
            plain_sorts=frozenset(sorts),
        )

    @cached_property
    def compiled(self) -> CompiledStatement:
        """The statement that counts."""
        return compile_select(self._found.limit(literal(MAX_COUNTED_MATCHES + 1, Integer)), f"{self._name}_found")

    async def choose(self, db: Executor, values: Mapping[str, Any]) -> tuple[FilterClause, Mapping[str, Any]]:
        """How to narrow a list by the condition, whose parameters are ``values``."""
        rows = await db.rows(self.compiled, values)
        if len(rows) <= MAX_COUNTED_MATCHES:
            return self._few, {f"{self._name}_ids": [row[0] for row in rows]}
        return self._many, values


def within(low: str, high: str, table: FromClause, name: str, *, sort: str) -> dict[str, JointFilter]:
    """The filters ``low`` and ``high``: from one value of the column ``name`` to another, both inclusive.

    The table needs an index (store, column, id), which ``sort`` walks.
    """
    store, id, column = table.c.store_id, table.c.id, table.c[name]
    ends = {low: column >= bindparam(low, type_=column.type), high: column <= bindparam(high, type_=column.type)}
    ranges: dict[tuple[str, ...], CountedFilter] = {
        names: CountedFilter(
            "_".join(names),
            select(id).where(store == STORE, *(ends[name] for name in names)).order_by(column, id),
            and_(*(ends[name] for name in names)),
            id=id,
            sorts=(sort,),
        )
        for names in ((low,), (high,), (low, high))
    }

    async def choose(db: Executor, given: Mapping[str, Any]) -> tuple[FilterClause, Mapping[str, Any]]:
        return await ranges[tuple(given)].choose(db, {name: _plain(value) for name, value in given.items()})

    return JointFilter((low, high), choose).filters


def _plain(value: Any) -> Any:
    """An amount of money as a column holds it."""
    return getattr(value, "minor_units", value)
