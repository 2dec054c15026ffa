"""The records of a file: rows of CSV, lines of JSON Lines. Each knows its line, and where the next one begins."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from domain.jobs.imports.source_file import SourceFile, SourceFileError

MAX_COLUMNS = 200
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row is refused. ``column``: None if it is about the whole row."""

    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """A row. ``values``: of CSV the texts of its cells that are not empty, by column; of JSON Lines an object."""

    line: int
    """The line on which it begins, counted from 1."""
    end: tuple[int, int]
    """The byte and the line behind it: where reading goes on."""
    values: Mapping[str, Any]
    refusal: RowRefusal | None = None


class RecordReader(Protocol):
    """Reads the records of one file."""

    def records(self, start: tuple[int, int] | None) -> Generator[Record]:
        """The records from a position on, by default from the first. Raises SourceFileError."""


class CsvReader:
    """Reads CSV (RFC 4180), delimited by commas, semicolons or tabs, whichever its header has most of."""

    def __init__(self, path: Path) -> None:
        """Raises SourceFileError for a header that is missing, has too many columns or one twice."""
        self._source = SourceFile(path)
        self.header = self._read_header()
        _check_header(self.header)

    def _read_header(self) -> list[str]:
        first = next(self._source.lines(), "")
        self._delimiter = max(DELIMITERS, key=first.count)
        rows = self._rows(self._source.lines())
        header = [cell.strip() for cell in next(rows, [])]
        self._start = self._source.offset, self._source.line
        return header

    def _rows(self, lines: Iterable[str]) -> Generator[list[str]]:
        """Raises SourceFileError for what is no CSV, such as a quotation mark that is never closed."""
        rows = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise SourceFileError(f"The file is not CSV: line {self._source.line:,}: {error}.") from None
            if row is None:
                return
            yield row

    def records(self, start: tuple[int, int] | None) -> Generator[Record]:
        """See the protocol. Empty lines are skipped."""
        offset, line = start or self._start
        rows = self._rows(self._source.lines(offset, line))
        self._source.line = line
        while True:
            first = self._source.line + 1
            row = next(rows, None)
            if row is None:
                return
            if row:
                yield self._record(row, first)

    def _record(self, row: list[str], line: int) -> Record:
        end, width = (self._source.offset, self._source.line), len(self.header)
        if len(row) != width:
            return Record(line, end, {}, RowRefusal(None, f"The row has {len(row)} cells, the header {width}."))
        cells = zip(self.header, map(str.strip, row), strict=True)
        return Record(line, end, {column: cell for column, cell in cells if cell})


def _check_header(header: list[str]) -> None:
    if not any(header):
        raise SourceFileError("The file is empty. The first line must be the header with the names of the columns.")
    if len(header) > MAX_COLUMNS:
        raise SourceFileError(f"The header has {len(header):,} columns; at most {MAX_COLUMNS} are possible.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise SourceFileError(f"The header has columns twice: {', '.join(map(repr, twice))}.")


def check_columns(header: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> None:
    """``columns``: those that are known; of one that ends in a dot, all that begin with it.

    Raises SourceFileError for a header with unknown columns, or one that lacks ``required``.
    """
    groups = tuple(name for name in columns if name.endswith("."))
    known = {name for name in columns if not name.endswith(".")}
    unknown = [name for name in header if name not in known and not (name.startswith(groups) and name not in groups)]
    if unknown:
        names = ", ".join(repr(name[:64]) for name in unknown[:5])
        raise SourceFileError(f"The header has unknown columns: {names}. Known are: {', '.join(columns)}.")
    missing = [name for name in required if name not in header]
    if missing:
        raise SourceFileError(f"The header lacks the columns {', '.join(missing)}. Is the first line the header?")


class JsonLinesReader:
    """Reads JSON Lines: an object on each line."""

    def __init__(self, path: Path) -> None:
        """Raises SourceFileError if the first line that is not empty is not an object."""
        self._source = SourceFile(path)
        first = next(self.records(None), None)
        if first is None:
            raise SourceFileError("The file is empty.")
        if first.refusal is not None:
            raise SourceFileError(f"The file is not JSON Lines: line {first.line:,}: {first.refusal.reason}")

    def records(self, start: tuple[int, int] | None) -> Generator[Record]:
        """See the protocol. Empty lines are skipped."""
        for text in self._source.lines(*(start or (0, 0))):
            if not text.isspace():
                end = self._source.offset, self._source.line
                values, refusal = _object_of(text)
                yield Record(self._source.line, end, values, refusal)


def _object_of(text: str) -> tuple[dict[str, Any], RowRefusal | None]:
    try:
        value = _DECODER.decode(text)
    except (ValueError, ArithmeticError, RecursionError) as error:
        return {}, RowRefusal(None, f"The line is not valid JSON: {str(error)[:200] or 'it is nested too deeply'}.")
    if not isinstance(value, dict):
        return {}, RowRefusal(None, "The line must be a JSON object.")
    return value, None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the member {name[:64]!r} occurs twice")
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique)
