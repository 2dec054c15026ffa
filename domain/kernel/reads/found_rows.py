"""Rows within a larger statement that a row leads to: what is said of one of them, or of each in a list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

from domain.kernel.reads.json_sql import RowColumns, column_of

if TYPE_CHECKING:
    from domain.kernel.reads.read import Read

EMPTY_LIST = literal_column("'[]'::json", JSON)


class FoundRows(ABC):
    """The rows that were found, under a name of their own."""

    columns: RowColumns
    order: Sequence[ColumnElement[Any]] = ()
    """What they are sorted by; nothing if they come in their order."""

    @abstractmethod
    def one(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value of the row, or of an aggregate of the rows; null if there is none."""

    def listed(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The list of the value of each row."""
        each = aggregate_order_by(value, *self.order) if self.order else value
        return self.one(func.coalesce(func.json_agg(each), EMPTY_LIST))


class TableRows(FoundRows):
    """The rows of a read that have this key."""

    def __init__(self, read: Read, key: ColumnElement[Any], name: str) -> None:
        self._table = read.table(name)
        self._is_mine = column_of(self._table.c, read.keyed_by) == key
        self.columns = self._table.c
        self.order = [column_of(self._table.c, column) for column in read.ordered_by]

    def one(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value of the row."""
        found: ColumnElement[Any] = select(value).where(self._is_mine).correlate_except(self._table).scalar_subquery()
        return found
