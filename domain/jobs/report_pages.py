"""Pages of the report of an import."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.jobs import reads
from domain.jobs.imports.items import RowOutcome
from domain.jobs.service.import_reports import ReportRow
from domain.kernel.errors import MalformedRequest
from domain.kernel.sql.executor import Executor

MAX_REPORT_ROWS = 100
"""Of one page."""
_CURSOR = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class ImportReportPage:
    """Rows of a report in the order in which they were tried."""

    rows: list[ReportRow]
    has_next_page: bool
    """Whether there are rows after these now; a job that runs adds more."""
    end_cursor: str | None
    """Where the next page begins. None without rows."""


async def import_report_page(
    db: Executor, job_id: str, first: int | None = None, after: str | None = None
) -> ImportReportPage:
    """The ``first`` rows (at most ``MAX_REPORT_ROWS``, the default) of a report after the cursor of another page.

    Raises MalformedRequest (no such cursor).
    """
    count = first or MAX_REPORT_ROWS
    part, done = (0, 0) if after is None else _position(after)
    found: list[tuple[str, ReportRow]] = []
    stored = await reads.report_part(db, job_id, part - 1)
    while stored is not None and len(found) <= count:
        skipped = done if stored.first_line == part else 0
        for index, row in enumerate(stored.rows[skipped : skipped + count + 1 - len(found)], start=skipped + 1):
            outcome, *rest = row[1:]
            found.append((f"{stored.first_line}-{index}", ReportRow(row[0], RowOutcome(outcome), *rest)))
        stored = await reads.report_part(db, job_id, stored.first_line)
    page = found[:count]
    return ImportReportPage([row for _, row in page], len(found) > count, page[-1][0] if page else None)


def _position(cursor: str) -> tuple[int, int]:
    """The first line of a part, and how many of its rows were shown."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise MalformedRequest.of("after", "Invalid cursor.")
    return int(match[1]), int(match[2])
