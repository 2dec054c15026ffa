"""Items to import: one or more records that become one command, and the outcome of each record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from domain.jobs.imports.records import Record, RecordReader, RowRefusal
from domain.kernel.errors import Path, Problem
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork

MAX_RECORDS_OF_ITEM = 5_001
"""More than any command may have: it is refused, and memory stays bounded."""


class RowOutcome(StrEnum):
    """The outcome of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    """It is in the store already: as the row says, or as something with the same key, which is left as it is."""
    REFUSED = "refused"


@dataclass(slots=True)
class ImportItem:
    """Records of one object. Either ``command`` or ``refusals`` is set before it is written."""

    records: list[Record]
    job_id: str = ""
    command: Any = None
    refusals: list[tuple[int, RowRefusal]] = field(default_factory=list)
    """By line."""
    outcome: RowOutcome | None = None
    object_id: str | None = None

    @property
    def end(self) -> tuple[int, int]:
        """Where reading goes on behind it."""
        return self.records[-1].end

    def refuse(self, line: int, column: str | None, reason: str) -> None:
        """Refuse all its records, because of this line."""
        self.outcome = RowOutcome.REFUSED
        self.refusals.append((line, RowRefusal(column, reason)))


class Importer(Protocol):
    """Imports objects of one kind, from one form of CSV."""

    @property
    def columns(self) -> Sequence[str]:
        """Those that a CSV file may have."""

    @property
    def required(self) -> Sequence[str]:
        """Those that it must have. The forms of a kind are told apart by them."""

    @property
    def ignores_unknown(self) -> bool:
        """Whether a file may have other columns, which are not read."""

    @property
    def batch_size(self) -> int:
        """Records of one transaction, or a few more."""

    def key(self, record: Record) -> object:
        """Successive records of CSV with an equal key are one item; None for an item of its own."""

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """The members of the command of one item of CSV."""

    def read(self, members: Mapping[str, Any], currency: str) -> Any:
        """The command. Raises ValidationFailed."""

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """The line and column of CSV that a path of the command comes from."""

    async def find_known(self, work: UnitOfWork, items: Sequence[ImportItem]) -> None:
        """Set the outcome of items that are in the store already."""

    async def write(self, work: UnitOfWork, principal: Principal, items: Sequence[ImportItem]) -> None:
        """Write items together. Raises NotFound, Conflict, ValidationFailed; then none of them may be kept."""


def problem_place(item: ImportItem, importer: Importer, problem: Problem, *, is_csv: bool) -> tuple[int, str | None]:
    """The line and the column that a problem is about; in JSON Lines, the path of the member."""
    if is_csv:
        return importer.place(item.records, problem.path)
    return item.records[0].line, ".".join(map(str, problem.path)) or None


def read_items(
    reader: RecordReader, importer: Importer, start: tuple[int, int] | None, job_id: str, *, is_csv: bool
) -> Iterator[ImportItem]:
    """The items of a file from a position on. Raises SourceFileError."""
    waiting: list[Record] = []
    waiting_key: object = None
    for record in reader.records(start):
        key = importer.key(record) if is_csv and record.refusal is None else None
        joins = waiting and key is not None and key == waiting_key and len(waiting) < MAX_RECORDS_OF_ITEM
        if waiting and not joins:
            yield ImportItem(waiting, job_id)
            waiting = []
        waiting.append(record)
        waiting_key = key
    if waiting:
        yield ImportItem(waiting, job_id)
