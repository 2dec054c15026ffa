"""Running an import: the whole file is checked first, so a bad one changes nothing; then it is written in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

from domain.jobs.execution import JobRun
from domain.jobs.imports.batches import BatchWriter
from domain.jobs.imports.items import ImportItem, read_items
from domain.jobs.imports.layouts import open_file
from domain.jobs.imports.source_file import uploaded_file
from domain.jobs.model import FileFormat, JobKind
from domain.jobs.service.import_reports import append_report
from domain.kernel.database.statistics import analyze_grown_tables


async def run_import(run: JobRun) -> None:
    """Run an import from where it was left. Raises JobFailedError (the file), JobLostError, Unavailable."""
    async with uploaded_file(run) as path:
        await _import(run, path)


async def _import(run: JobRun, path: Path) -> None:
    file_format = FileFormat(run.parameters["format"])
    if run.resume_point is None:
        total = await asyncio.to_thread(_count, path, file_format, run.kind)
        async with run.batch() as batch:
            batch.total, batch.resume_point = total, {"start": None}
    start = run.resume_point["start"] if run.resume_point else None
    is_csv = file_format is FileFormat.CSV
    reader, importer = await asyncio.to_thread(open_file, path, file_format, run.kind)
    items = read_items(reader, importer, None if start is None else tuple(start), run.id, is_csv=is_csv)
    writer = BatchWriter(importer, run.principal, is_csv, run.parameters["dry_run"])
    analyzed_at = 0
    async with aclosing(_read_ahead(writer, items)) as batches:
        async for found in batches:
            if run.done >= 2 * analyzed_at:
                analyzed_at = run.done
                await _analyze_grown_tables(run)
            async with run.batch() as batch:
                await writer.write(batch.work, found)
                append_report(batch.work, run.id, found)
                for item in found:
                    batch.counts[str(item.outcome)] += len(item.records)
                    batch.done += len(item.records)
                batch.resume_point = {"start": list(found[-1].end)}


async def _analyze_grown_tables(run: JobRun) -> None:
    """Let later batches be planned for what earlier ones have written. Raises Unavailable."""
    async with run.database.system_connection() as connection:
        await analyze_grown_tables(connection)


async def _read_ahead(writer: BatchWriter, items: Iterator[ImportItem]) -> AsyncGenerator[list[ImportItem]]:
    """The batches of a file: the next one is read while the database writes the one before. Raises SourceFileError."""
    reading = asyncio.create_task(asyncio.to_thread(writer.next_batch, items))
    try:
        while found := await reading:
            reading = asyncio.create_task(asyncio.to_thread(writer.next_batch, items))
            yield found
    finally:
        await asyncio.wait([reading])  # a thread cannot be stopped, and must not read a file that is closed
        if not reading.cancelled():
            reading.exception()


def _count(path: Path, file_format: FileFormat, kind: JobKind) -> int:
    """Read the whole file; how many rows it has. Blocks: a second for 50 MB. Raises SourceFileError."""
    reader, _ = open_file(path, file_format, kind)
    return sum(1 for _ in reader.records(None))
