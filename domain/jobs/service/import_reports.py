"""The report of an import: the outcome of each row, written with the rows themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from domain.jobs.imports.items import ImportItem, RowOutcome
from domain.jobs.imports.records import Record
from domain.jobs.model import ImportReportPart
from domain.kernel.sql.statements import RowStatement
from domain.kernel.use_cases.unit_of_work import UnitOfWork

REPORT_LIFETIME = timedelta(days=7)
"""How long reports are kept after the end of their jobs."""
_OTHER_ROW = "Another row of the same object was refused."


class ReportRow(NamedTuple):
    """The outcome of a row of the file; of a refused one there is a row for each reason."""

    line: int
    outcome: str
    object_id: str | None
    column: str | None
    reason: str | None


_PARTS = RowStatement.insert_into(ImportReportPart)


def append_report(work: UnitOfWork, job_id: str, items: Sequence[ImportItem]) -> None:
    """Write the rows of a batch with the next message that writes."""
    rows = [row for item in items for row in _report_rows(item)]
    part = {"store_id": work.store.number, "job_id": job_id, "first_line": items[0].records[0].line, "rows": rows}
    work.append(_PARTS, part)


def append_outcome(work: UnitOfWork, job_id: str, line: int, outcome: str, reason: str | None) -> None:
    """Write the outcome of one line with the next message that writes."""
    row = list(ReportRow(line, outcome, None, None, reason))
    work.append(_PARTS, {"store_id": work.store.number, "job_id": job_id, "first_line": line, "rows": [row]})


def _report_rows(item: ImportItem) -> list[list[Any]]:
    """The rows of one item, in the order of its lines, each with the members of ``ReportRow``."""
    if item.outcome == RowOutcome.REFUSED:
        return [list(row) for record in item.records for row in _refused_rows(item, record)]
    outcome = str(item.outcome)
    return [[record.line, outcome, item.object_id, None, None] for record in item.records]


def _refused_rows(item: ImportItem, record: Record) -> list[ReportRow]:
    """A row for each reason to refuse a record."""
    own = [refusal for line, refusal in item.refusals if line == record.line]
    if not own:
        return [ReportRow(record.line, RowOutcome.REFUSED, None, None, _OTHER_ROW)]
    return [ReportRow(record.line, RowOutcome.REFUSED, None, each.column, each.reason) for each in own]
