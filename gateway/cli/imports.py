"""Importing a file on the machine itself: ``gateway import``."""

from __future__ import annotations

import asyncio
import csv
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from domain import access, jobs
from domain.jobs.commands import IMPORT_FORMATS, ImportKind, StartImport
from domain.jobs.imports import FileFormat, ReportRow
from domain.kernel.database import Database
from domain.kernel.memory_release import keep_memory_small
from domain.kernel.principal import Mode, Principal
from domain.kernel.sql.executor import Row
from gateway.cli.console import err, out, run, stores_or_exit
from gateway.jobs import JOB_FUNCTIONS, import_files, object_store
from gateway.settings import load_settings

LOOK_INTERVAL = 0.2
"""Seconds between two looks at the progress."""
SHOWN_REFUSALS = 10
_SUFFIXES = {".jsonl": FileFormat.JSON_LINES, ".ndjson": FileFormat.JSON_LINES}

app = typer.Typer()


class _Rate(TextColumn):
    """Rows per second."""

    def render(self, task: Task) -> Text:
        """The rate of the last seconds."""
        return Text("" if task.speed is None else f"{task.speed:,.0f} rows/s")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to import.")],
    *,
    account: Annotated[str, typer.Option(help="The name of the account.")],
    kind: Annotated[ImportKind, typer.Option(help="The type of the rows of the file.")],
    mode: Annotated[Mode, typer.Option(help="The store of the account.")] = Mode.TEST,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Validate all rows without writing them.")] = False,
    format: Annotated[
        FileFormat | None, typer.Option(help="The format. Default: JSON Lines for .jsonl and .ndjson, else CSV.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the outcome of each row into this file, as CSV.")] = None,
) -> None:
    """Import a file into a store. Existing objects stay unchanged; the same file can be imported again."""
    chosen = format or _SUFFIXES.get(file.suffix.lower(), FileFormat.CSV)

    async def work(database: Database) -> Row:
        operator = access.system_principal((await stores_or_exit(database, account))[mode])
        id = await _start(database, operator, file, kind, chosen, dry_run=dry_run)
        job = await _follow(database, operator, id)
        await _report(database, operator, id, report)
        return job

    job = run(work)
    out.print(", ".join(f"{count:,} {outcome}" for outcome, count in sorted(_counts(job).items())) or "nothing to do")
    if job.status != jobs.JobStatus.SUCCEEDED:
        err.print(job.error or f"The job {job.id} was {job.status}.")
        raise typer.Exit(1)


async def _start(
    database: Database, operator: Principal, file: Path, kind: ImportKind, format: FileFormat, *, dry_run: bool
) -> str:
    """Copy the file to where jobs read it, and start the job. Returns its id."""
    settings = load_settings()
    files, store = import_files(settings, object_store(settings)), operator.store.number
    database.provide(files)
    id, part = await files.new(store)
    await asyncio.to_thread(shutil.copyfile, file, part)
    await files.keep(store, id)
    media = next(media for media, each in IMPORT_FORMATS.items() if each is format)
    command = StartImport(kind=kind, dry_run=dry_run, media_type=media, file_id=id)
    async with database.transaction(operator) as work:
        return (await jobs.start_import(work, operator, command)).id


async def _follow(database: Database, operator: Principal, id: str) -> Row:
    """Run the job here, unless a worker has it already, and show its progress until it has finished."""
    keep_memory_small()
    running = asyncio.create_task(jobs.JobRunner(database, JOB_FUNCTIONS, only=id).run())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(""), TimeRemainingColumn())
    try:
        with Progress(*columns, console=err, transient=True) as progress:
            bar = progress.add_task("waiting for earlier jobs", total=None)
            while (job := await _job(database, operator, id)).finished_at is None:
                text = "waiting for earlier jobs" if job.started_at is None else "importing"
                progress.update(bar, description=text, completed=job.done, total=job.total)
                await asyncio.sleep(LOOK_INTERVAL)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return job


async def _job(database: Database, operator: Principal, id: str) -> Row:
    async with database.read_connection(operator.store) as db:
        (row,) = await jobs.reads.job_by_id.for_keys(db, [id])
    assert row is not None  # noqa: S101 - this process has queued it
    return row


async def _report(database: Database, operator: Principal, id: str, path: Path | None) -> None:
    """Print the first refusals, and write the whole report if it is wanted."""
    after, shown = -1, 0
    with (path or Path("/dev/null")).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(ReportRow._fields)
        while True:
            async with database.read_connection(operator.store) as db:
                part = await jobs.reads.report_part(db, id, after)
            if part is None:
                return
            after = part.first_line
            table.writerows(part.rows)
            for row in map(ReportRow._make, part.rows):
                if row.reason is not None and shown < SHOWN_REFUSALS:
                    err.print(f"line {row.line}: {row.column + ': ' if row.column else ''}{row.reason}")
                    shown += 1


def _counts(job: Row) -> dict[str, int]:
    counts: dict[str, int] = job.counts
    return counts
