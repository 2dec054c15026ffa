"""One run of an export: from a snapshot to a file that the job then has.

A file cannot be continued in another snapshot, so a process that goes on with an export begins it anew.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from domain.jobs.execution import JobFailedError, JobRun
from domain.jobs.exports.export_file import ResultFile, writing_result
from domain.jobs.operations import ExportedObject
from domain.jobs.service.results import ErasedMeanwhileError, attach_result, count_erased
from domain.kernel.sql.executor import Executor

MAX_EXPORT_SECONDS = 3_600.0
"""How long a snapshot may be open: the database keeps for it whatever is deleted meanwhile."""
GRACE_SECONDS = 60.0
"""After which the server ends a snapshot that its process has not."""
MAX_BEGINNINGS = 10
"""How often an export is begun before it is given up."""
OBJECTS_PER_SAVE = 1_000
"""Objects between two times that the progress is saved."""

FindObjects = Callable[[Executor], AsyncGenerator[ExportedObject]]


async def export_from_snapshot(run: JobRun, objects: FindObjects) -> None:
    """Write the objects to a file, and give it to the job.

    Raises JobFailedError, JobLostError, Unavailable; then no file is left.
    """
    if run.resume_point is not None and run.resume_point.get("is_done"):
        return  # the process died before it could say so
    while True:
        await _begin(run)
        try:
            await _export(run, objects)
        except ErasedMeanwhileError:
            continue
        return


async def _begin(run: JobRun) -> None:
    """Count the beginning. Raises JobFailedError if there were too many."""
    begun = 1 if run.resume_point is None else run.resume_point["begun"] + 1
    if begun > MAX_BEGINNINGS:
        raise JobFailedError(
            f"The export was restarted {MAX_BEGINNINGS} times without finishing. Export less at a time, by filters or "
            "fields."
        )
    async with run.batch() as batch:
        batch.done, batch.counts, batch.resume_point = 0, Counter(), {"begun": begun}


async def _export(run: JobRun, objects: FindObjects) -> None:
    async with writing_result(run) as file:
        erased, counts = await _write(run, objects, file)
        await file.close()
        async with run.batch() as batch:
            await attach_result(batch.work, run.id, file, erased)
            batch.done, batch.counts = counts.total(), counts
            batch.total, batch.resume_point = batch.done, {**(batch.resume_point or {}), "is_done": True}


async def _write(run: JobRun, objects: FindObjects, file: ResultFile) -> tuple[int, Counter[str]]:
    """Write all objects. Returns how many customers were erased before the snapshot, and the counts."""
    counts: Counter[str] = Counter()
    written = 0
    try:
        async with (
            asyncio.timeout(MAX_EXPORT_SECONDS),
            run.database.snapshot(
                run.principal.store, MAX_EXPORT_SECONDS + GRACE_SECONDS, run.principal.scopes
            ) as snapshot,
        ):
            erased = await count_erased(snapshot)  # the first statement: from here on nothing changes
            async with aclosing(objects(snapshot)) as found:
                async for each in found:
                    await file.write(each.line)
                    counts[each.group] += 1
                    written += 1
                    if written % OBJECTS_PER_SAVE == 0:
                        await _save(run, written, counts)
    except TimeoutError:
        raise JobFailedError(
            f"The export took longer than {MAX_EXPORT_SECONDS / 60:.0f} minutes. Export less at a time, by filters or "
            "fields."
        ) from None
    return erased, counts


async def _save(run: JobRun, written: int, counts: Counter[str]) -> None:
    async with run.batch() as batch:
        batch.done, batch.counts = written, Counter(counts)
