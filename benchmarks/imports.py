"""``python -m benchmarks.imports FILE [TIMES]``: how fast order lines are imported, and how far reports are behind.

FILE has the columns of "Online Retail"; it is repeated TIMES times (by default 5), each time with invoices of its own.
A process of its own runs the job, as a worker does. What was imported is then folded into reports and recounted.
"""

from __future__ import annotations

import asyncio
import csv
import os
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from benchmarks.environment import BenchEnvironment, ground
from benchmarks.shop import Size
from domain import access, analytics, jobs
from domain.jobs.commands import ImportKind, StartImport
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import Sequencer
from domain.signal_handlers import SIGNAL_HANDLERS

DEFAULT_REPETITIONS = 5
_EMPTY = Size(products=1, customers=1, orders=0)


def repeat(source: Path, target: Path, times: int) -> int:
    """Write the repetitions; returns the number of lines."""
    with source.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for turn in range(times):
            writer.writerows([f"{number}-{turn}", *cells] for number, *cells in rows)
    return len(rows) * times


async def start(stand: BenchEnvironment, database: Database, files: jobs.ImportFiles, source: Path, times: int) -> str:
    """Start the import. Returns the id of the job."""
    id, part = await files.new(stand.store.number)
    await asyncio.to_thread(repeat, source, part, times)
    await files.keep(stand.store.number, id)
    caller = access.system_principal(stand.store)
    async with database.transaction(caller) as work:
        command = StartImport(kind=ImportKind.ORDERS, media_type="text/csv", file_id=id)
        return (await jobs.start_import(work, caller, command)).id


async def run_job(stand: BenchEnvironment, database: Database, directory: Path, id: str) -> tuple[asyncpg.Record, str]:
    """The job once it has finished, and by how many MB its process has grown."""
    command = ("-m", "tests.jobs.job_process", stand.database_url, str(directory), id)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, env={**os.environ, "JOB_LEASE_SECONDS": "30"}
    )
    grown, _ = await process.communicate()
    async with database.system_connection() as connection:
        job = await connection.fetchrow("SELECT * FROM job WHERE id = $1", id)
    return job, grown.decode().strip()


async def fold(stand: BenchEnvironment, database: Database) -> tuple[int, float, int]:
    """The events that were folded, the seconds that took, and the differences of a recount."""
    await Sequencer(database, lambda: None).assign_all()
    begun = time.perf_counter()
    events = await analytics.SalesFolder(database).fold_all()
    seconds = time.perf_counter() - begun
    return events, seconds, len([each async for each in analytics.recount(database, stand.store.number)])


async def main() -> None:
    """Measure and print."""
    source, times = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DEFAULT_REPETITIONS
    async with ground(_EMPTY) as stand:
        database = Database(DatabaseOptions(stand.database_url, reactions=SIGNAL_HANDLERS))
        await database.open()
        with tempfile.TemporaryDirectory() as folder:
            files = jobs.ImportFiles(Path(folder))
            database.provide(files)
            job, grown = await run_job(
                stand, database, files.directory, await start(stand, database, files, source, times)
            )
        seconds = (job["finished_at"] - job["started_at"]).total_seconds()
        rate = job["done"] / seconds * 60
        sys.stdout.write(f"{job['status']}: {job['counts']} lines in {seconds:.1f} s, {rate:,.0f} a minute")
        sys.stdout.write(f"; its process grew by {float(grown):.0f} MB\n")
        events, seconds, differences = await fold(stand, database)
        sys.stdout.write(f"{events:,} events folded in {seconds:.1f} s; {differences} differences\n")
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
