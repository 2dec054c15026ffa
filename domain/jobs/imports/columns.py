"""Columns of CSV files, and the members of a command that their cells become."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.kernel.errors import Path

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_BOOLEANS: Mapping[str, bool] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def text(cell: str) -> Any:
    """The cell as it is."""
    return cell


def number(cell: str) -> Any:
    """A decimal number; a cell that is none stays text, which the rule of its field refuses."""
    return Decimal(cell) if _NUMBER.fullmatch(cell) else cell


def integer(cell: str) -> Any:
    """As ``number``, for integers."""
    return int(cell) if _INTEGER.fullmatch(cell) else cell


def boolean(cell: str) -> Any:
    """As ``number``, for `true` and `false`, `yes` and `no`, `1` and `0`."""
    return _BOOLEANS.get(cell.lower(), cell)


def words(cell: str) -> Any:
    """Parts between semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def addresses(cell: str) -> Any:
    """URLs between spaces."""
    return cell.split()


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``member``: the path in the command that it fills."""

    member: Path
    read: Callable[[str], Any] = text


def members_of(values: Mapping[str, str], columns: Mapping[str, Column]) -> dict[str, Any]:
    """The members that the cells of a row fill: nested as their paths are.

    A column that ends in a dot stands for all that begin with it: each fills one member below.
    """
    found: dict[Any, Any] = {}
    for name, cell in values.items():
        column = columns.get(name)
        path = () if column is None else column.member
        if column is None:
            head, _, tail = name.partition(".")
            column = columns[f"{head}."]
            path = (*column.member, tail)
        inner = found
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = column.read(cell)
    return found


def column_of(path: Path, columns: Mapping[str, Column]) -> str | None:
    """The column that fills a path of the command, whose last parts may be indexes; None if none does."""
    for length in range(len(path), 0, -1):
        for name, column in columns.items():
            if column.member == path[:length]:
                return name + (str(path[length]) if name.endswith(".") and length < len(path) else "")
    return None
