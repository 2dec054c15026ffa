"""Running a bulk mutation: one transaction for each line, in the order of the file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from domain.jobs.execution import JobBatch, JobRun
from domain.jobs.execution.run import API_CHANNEL
from domain.jobs.exports.export_file import ResultFile, writing_result
from domain.jobs.imports.records import JsonLinesReader
from domain.jobs.imports.source_file import SourceFile, uploaded_file
from domain.jobs.operations import BulkOperations, LineOutcome
from domain.jobs.service.import_reports import append_outcome
from domain.jobs.service.mutation_lines import append_line, forget_lines, result_lines
from domain.jobs.service.results import ErasedMeanwhileError, attach_result, count_erased
from domain.kernel.errors import Unavailable

MAX_LINE_ATTEMPTS = 5
"""Attempts at a line that the database does not finish; a deadlock is over at the next."""
RETRY_SECONDS = 0.2
SUCCEEDED, REFUSED = "succeeded", "refused"
READ_AHEAD = 100
"""Lines that are read at a time."""
_UNFINISHED = LineOutcome(
    b'{"errors":[{"message":"The database did not finish this line in time.","extensions":{"code":"UNAVAILABLE"}}]}',
    is_refused=True,
    reason="The database did not finish this line in time.",
)

log = logging.getLogger("gateway.jobs")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, and the byte and the line behind it."""

    number: int
    text: str
    end: tuple[int, int]


async def run_bulk_mutation(run: JobRun) -> None:
    """Execute the lines from where they were left, then write the result.

    Raises JobFailedError (the file), JobLostError, Unavailable.
    """
    if run.resume_point is None or "start" in run.resume_point:
        async with uploaded_file(run) as path:
            await _execute_all(run, path)
    if "is_done" not in (run.resume_point or {}):
        await _write_result(run)


async def _execute_all(run: JobRun, path: Path) -> None:
    if run.resume_point is None:
        total = await asyncio.to_thread(_count, path)
        async with run.batch() as batch:
            batch.total, batch.resume_point = total, {"start": [0, 0]}
    start = (run.resume_point or {})["start"]
    lines = _lines(await asyncio.to_thread(SourceFile, path), tuple(start))
    while found := await asyncio.to_thread(_take, lines):
        for line in found:
            await _execute(run, line)
    async with run.batch() as batch:
        batch.resume_point = {"is_executed": True}


async def _execute(run: JobRun, line: _Line) -> None:
    """Execute one line in one transaction with its outcome and the progress. Raises JobLostError, Unavailable."""
    operations: BulkOperations = run.database.dependency(BulkOperations)
    for attempt in range(1, MAX_LINE_ATTEMPTS + 1):
        try:
            async with run.batch(API_CHANNEL) as batch:
                outcome = await operations.mutations.execute(
                    run.parameters["mutation"], line.text, run.principal, run.request_id or run.id, batch.work
                )
                _record(run, batch, line, outcome)
            return
        except Unavailable as away:
            log.warning("line %d of the job %s, attempt %d: %s", line.number, run.id, attempt, away)
            await asyncio.sleep(RETRY_SECONDS * attempt)
    async with run.batch(API_CHANNEL) as batch:  # fails as well if it is the database that is away
        _record(run, batch, line, _UNFINISHED)


def _record(run: JobRun, batch: JobBatch, line: _Line, outcome: LineOutcome) -> None:
    word = REFUSED if outcome.is_refused else SUCCEEDED
    append_line(batch.work, run.id, line.number, outcome.response)
    append_outcome(batch.work, run.id, line.number, word, outcome.reason)
    batch.counts[word] += 1
    batch.done += 1
    batch.resume_point = {"start": list(line.end)}


async def _write_result(run: JobRun) -> None:
    """Write the outcomes of all lines to a file, and give it to the job."""
    while True:
        try:
            async with run.database.read_connection(run.principal.store, scopes=run.principal.scopes) as db:
                erased = await count_erased(db)
            async with writing_result(run) as file:
                await _copy_lines(run, file)
                await file.close()
                async with run.batch() as batch:
                    await attach_result(batch.work, run.id, file, erased)
                    await forget_lines(batch.work, run.id)
                    batch.resume_point = {"is_done": True}
        except ErasedMeanwhileError:
            continue
        return


async def _copy_lines(run: JobRun, file: ResultFile) -> None:
    async with (
        run.database.read_connection(run.principal.store, scopes=run.principal.scopes) as db,
        aclosing(result_lines(db, run.id)) as lines,
    ):
        async for each in lines:
            await file.write(each)


def _count(path: Path) -> int:
    """Read the whole file; how many lines it has that are not empty. Blocks. Raises SourceFileError."""
    return sum(1 for _ in JsonLinesReader(path).records(None))


def _lines(source: SourceFile, start: tuple[int, int]) -> Iterator[_Line]:
    for text in source.lines(*start):
        if not text.isspace():
            yield _Line(source.line, text, (source.offset, source.line))


def _take(lines: Iterator[_Line]) -> list[_Line]:
    """The next lines; none at the end. Blocks."""
    return list(islice(lines, READ_AHEAD))
