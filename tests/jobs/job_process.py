"""A process that runs jobs and can be killed: ``python -m tests.jobs.job_process URL DIRECTORY [JOB]``.

Its leases last one second, or ``JOB_LEASE_SECONDS``. With the id of a job it ends with it, and prints by how many MB
its memory has grown at most.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from domain import jobs
from domain.jobs import JobFunction, JobKind, JobRunner
from domain.jobs.imports import IMPORTERS
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.memory_release import keep_memory_small
from domain.signal_handlers import SIGNAL_HANDLERS

LEASE = timedelta(seconds=float(os.environ.get("JOB_LEASE_SECONDS", "1")))
Functions = Mapping[JobKind, JobFunction]
IMPORTS: Functions = dict.fromkeys(IMPORTERS, jobs.run_import)
Provide = Callable[[Database, Path], None]


def peak_megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def run(
    url: str, directory: Path, until: str | None, functions: Functions = IMPORTS, provide: Provide = lambda *_: None
) -> None:
    """Run jobs until killed, or until one has finished. ``provide``: provides what else the functions need."""
    database = Database(DatabaseOptions(url, reactions=SIGNAL_HANDLERS))
    database.provide(jobs.ImportFiles(directory))
    provide(database, directory)
    await database.open()
    runner = JobRunner(database, functions, poll=0.05, lease=LEASE)
    keep_memory_small()  # as a worker does
    before = peak_megabytes()
    running = asyncio.create_task(runner.run())
    while not await _is_finished(database, until):
        await asyncio.sleep(0.1)
    print(peak_megabytes() - before)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()


async def _is_finished(database: Database, id: str | None) -> bool:
    async with database.system_connection() as connection:
        return bool(await connection.fetchval("SELECT finished_at IS NOT NULL FROM job WHERE id = $1", id))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None))
