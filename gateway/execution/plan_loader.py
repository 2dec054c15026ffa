"""Loads the values of a plan, level by level: the keys of all rows of a level, then one read for each batch of them.

Loaded values are in tables, one per loaded field: by the column that led to them, or by the row itself. A load that
fails leaves its error in its table; the level is completed, and no further level is loaded.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from graphql.execution.values import VariableValues

from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection
from resolvers.context import Context
from resolvers.loaders import BatchRead, LoadRequest
from resolvers.sources import BatchedSource, RelatedColumnSource, RelatedSource

Table = dict[Any, Any]
"""The values of a field; one that could not be had is an Exception."""
KeysByBatch = dict[BatchRead, dict[str, None]]
"""The keys of each batch on a level, in the order of their rows."""
LoadedValues = Mapping[BatchRead, Mapping[str, Any] | Exception]


class LoadedTables:
    """The loaded values of one plan: a table for each of its loaded fields, None until it is loaded."""

    __slots__ = ("failed", "tables")

    def __init__(self, plan: QueryPlan) -> None:
        self.tables: list[Table | Exception | None] = [None] * len(plan.slots)
        self.failed = False
        """Whether any value could not be had."""

    def value(self, field: Field, row: Any) -> Any:
        """The loaded value of a field for a row. Raises KeyError if there is none, and the error of the load."""
        assert field.slot is not None  # noqa: S101 - only loaded fields are asked for
        table = self.tables[field.slot]
        if table is None:
            raise KeyError(field.key)
        if isinstance(table, Exception):
            raise table
        key = getattr(row, field.name) if field.way is FieldKind.BY_COLUMN else id(row)
        value = table[key]
        if isinstance(value, Exception):
            raise value
        return value


class PlanLoader:
    """Fills the tables of a plan."""

    def __init__(self, plan: QueryPlan, context: Context, variables: VariableValues) -> None:
        self.loaded = LoadedTables(plan)
        self._plan = plan
        self._context = context
        self._variables = variables
        self._instead = plan.read_overrides

    def root_tables(self) -> list[Table | Exception | None]:
        """The tables of the loaded fields of the root."""
        slots = [field.slot for field in self._plan.selection.loading]
        return [self.loaded.tables[slot] for slot in slots if slot is not None]

    async def load_alone(self, field: Field, row: Any) -> None:
        """The one field of the root that is all there is to load: without the steps that bring many together."""
        value: Any
        try:
            value = await self._found(field, row)
        except Exception as error:
            value, self.loaded.failed = error, True
        self.loaded.tables[0] = {id(row): value}

    async def _found(self, field: Field, row: Any) -> Any:
        source, arguments = field.source, field.arguments(self._variables)
        assert source is not None  # noqa: S101 - it is loaded
        if not isinstance(source, BatchedSource):
            return await source.resolve(row, self._context, arguments)
        wanted = source.request_factory(self._context, arguments)(row)
        if type(wanted) is not LoadRequest:
            return wanted
        return await self._context.load_now(wanted._replace(batch=self._instead.get(wanted.batch, wanted.batch)))

    async def load(self, fields: Iterable[Field], row: Any) -> None:
        """Everything below these fields of the root."""
        level = self._gathered(_reached(fields, [row]))
        while level and not self.loaded.failed:
            below = await self._level(level)
            level = self._gathered(each for field, rows in below for each in _children(field, rows))

    def _gathered(self, reached: Iterable[tuple[Field, Sequence[Any]]]) -> list[tuple[Field, Sequence[Any]]]:
        try:
            return list(reached)
        except Exception:  # a value does not fit its type; rendering reports which
            self.loaded.failed = True
            return []

    async def _level(self, level: Sequence[tuple[Field, Sequence[Any]]]) -> list[tuple[Field, Iterable[Any]]]:
        asked: KeysByBatch = {}
        steps = [_STEPS[field.way](field, rows, self._context, self._variables, asked) for field, rows in level]
        found = await self._read(asked, [step for step in steps if isinstance(step, _Call)])
        below: list[tuple[Field, Iterable[Any]]] = []
        for step in steps:
            assert step.field.slot is not None  # noqa: S101 - only loaded fields have steps
            table = self.loaded.tables[step.field.slot] = step.table(found)
            if isinstance(table, Exception) or any(isinstance(value, Exception) for value in table.values()):
                self.loaded.failed = True
            else:
                below.append((step.field, table.values()))
        return below

    async def _read(self, asked: KeysByBatch, calls: Sequence[_Call]) -> LoadedValues:
        found: dict[BatchRead, Mapping[str, Any] | Exception] = {}

        async def read(batch: BatchRead, keys: Mapping[str, None]) -> None:
            try:
                found[batch] = await self._context.load_many(self._instead.get(batch, batch), list(keys))
            except Exception as error:
                found[batch] = error

        work: list[Awaitable[None]] = [read(batch, keys) for batch, keys in asked.items()]
        work += [call.run() for call in calls]
        if len(work) == 1:
            await work[0]
        elif work:
            await asyncio.gather(*work)
        return found


def _reached(fields: Iterable[Field], rows: Sequence[Any]) -> Iterable[tuple[Field, Sequence[Any]]]:
    """The first loaded fields below these, with the rows they are loaded for."""
    for field in fields:
        if field.slot is not None:
            yield field, rows
        elif field.way is FieldKind.EVENT:
            yield from _children(field, rows)
        elif field.way is FieldKind.ATTRIBUTE:
            name = field.name
            yield from _children(field, [getattr(row, name) for row in rows])


def _children(field: Field, values: Iterable[Any]) -> Iterable[tuple[Field, Sequence[Any]]]:
    """As ``_reached``, below a field that has these values."""
    if not any(selection.loading for selection in field.selections.values()):
        return
    rows = [value for value in values if value is not None]
    for _ in range(field.shape.depth):
        rows = [item for items in rows for item in items if item is not None]
    if not field.abstract:
        (selection,) = field.selections.values()
        groups: dict[str, tuple[Selection, list[Any]]] = {selection.type_name: (selection, rows)}
    else:
        groups = {}
        type_of: Callable[..., Any] = field.type.resolve_type  # type: ignore[attr-defined]  # an abstract type's
        for row in rows:
            name = type_of(row, None, field.type)
            groups.setdefault(name, (field.selections[name], []))[1].append(row)
    for selection, members in groups.values():
        if members:
            yield from _reached(selection.loading, members)


class _Step(ABC):
    """One field of a level: its load requests, and its table once it is loaded."""

    def __init__(
        self, field: Field, rows: Sequence[Any], context: Context, variables: VariableValues, asked: KeysByBatch
    ) -> None:
        self.field = field
        self._rows = rows
        self._error: Exception | None = None
        try:
            self._ask(context, variables, asked)
        except Exception as error:
            self._error = error

    def table(self, found: LoadedValues) -> Table | Exception:
        """The field's values, or why it has none."""
        if self._error is not None:
            return self._error
        try:
            return self._table(found)
        except Exception as error:
            return error

    @abstractmethod
    def _ask(self, context: Context, variables: VariableValues, asked: KeysByBatch) -> None:
        """Collect the keys to read."""

    @abstractmethod
    def _table(self, found: LoadedValues) -> Table:
        """The field's values, from what was read."""


class _ByColumn(_Step):
    """A relation of rows that were read: by the key in their column."""

    def _ask(self, context: Context, variables: VariableValues, asked: KeysByBatch) -> None:
        source, name = self.field.source, self.field.name
        assert isinstance(source, RelatedSource | RelatedColumnSource)  # noqa: S101 - the plan says so
        keys = [getattr(row, name) for row in self._rows]
        self._keys = dict.fromkeys(key for key in keys if key is not None)
        self._source = source
        if self._keys:
            asked.setdefault(source.read, {}).update(self._keys)

    def _table(self, found: LoadedValues) -> Table:
        if not self._keys:
            return {}
        known = _known(found, self._source.read)
        source = self._source
        if isinstance(source, RelatedColumnSource) or source.otherwise is not None:
            return {key: source.transform(known[key]) for key in self._keys}
        return {key: known[key] for key in self._keys}


class _ByRow(_Step):
    """The load requests of a source, one per row."""

    def _ask(self, context: Context, variables: VariableValues, asked: KeysByBatch) -> None:
        source = self.field.source
        assert isinstance(source, BatchedSource)  # noqa: S101 - the plan says so
        asking = source.request_factory(context, self.field.arguments(variables))
        self._wanted: list[tuple[Any, Any]] = [(row, asking(row)) for row in self._rows]
        for _, wanted in self._wanted:
            if type(wanted) is LoadRequest:
                asked.setdefault(wanted.batch, {})[wanted.key] = None

    def _table(self, found: LoadedValues) -> Table:
        return {id(row): _value(wanted, found) for row, wanted in self._wanted}


class _CalledFunction(_Step):
    """A function of the row whose value leads to loads."""

    def _ask(self, context: Context, variables: VariableValues, asked: KeysByBatch) -> None:
        """Nothing is read for it."""

    def _table(self, found: LoadedValues) -> Table:
        function = self.field.function
        assert function is not None  # noqa: S101 - the plan says so
        return {id(row): function(row) for row in self._rows}


class _Call(_Step):
    """A resolver, a list of the store's, or a use case: called once for its row."""

    def _ask(self, context: Context, variables: VariableValues, asked: KeysByBatch) -> None:
        self._values: Table = {}
        source = self.field.source
        assert source is not None  # noqa: S101 - the plan says so
        arguments = self.field.arguments(variables)
        self._calls = [(row, source.resolve(row, context, arguments)) for row in self._rows]

    async def run(self) -> None:
        """Wait for the values."""
        if self._error is not None:
            return
        for row, call in self._calls:
            try:
                self._values[id(row)] = await call
            except Exception as error:
                self._values[id(row)] = error

    def _table(self, found: LoadedValues) -> Table:
        return self._values


_STEPS: Mapping[FieldKind, type[_Step]] = {
    FieldKind.BY_COLUMN: _ByColumn,
    FieldKind.BY_ROW: _ByRow,
    FieldKind.CALLED: _Call,
    FieldKind.FUNCTION: _CalledFunction,
}


def _known(found: LoadedValues, batch: BatchRead) -> Mapping[str, Any]:
    known = found[batch]
    if isinstance(known, Exception):
        raise known
    return known


def _value(wanted: Any, found: LoadedValues) -> Any:
    if type(wanted) is not LoadRequest:
        return wanted
    known = found[wanted.batch]
    if isinstance(known, Exception):
        return known
    value = known[wanted.key]
    return value if wanted.transform is None else wanted.transform(value)
