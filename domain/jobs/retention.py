"""The retention of jobs that have finished."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from domain.jobs.exports import RESULT_LIFETIME, ResultFiles
from domain.jobs.imports import REPORT_LIFETIME, ImportFiles
from domain.kernel.database import Database

JOB_LIFETIME = timedelta(days=90)
"""How long finished jobs are listed."""
DELETE_BATCH_SIZE = 1_000

_DELETE_REPORTS = """
DELETE FROM import_report_part WHERE ctid = ANY (ARRAY(
    SELECT part.ctid FROM job JOIN import_report_part AS part ON part.store_id = job.store_id AND part.job_id = job.id
    WHERE job.finished_at <= $1 LIMIT $2
))
"""
_DELETE_LINES = """
DELETE FROM bulk_mutation_line WHERE ctid = ANY (ARRAY(
    SELECT line.ctid FROM job JOIN bulk_mutation_line AS line ON line.store_id = job.store_id AND line.job_id = job.id
    WHERE job.finished_at <= $1 LIMIT $2
))
"""
_EXPIRE_RESULTS = """
UPDATE job SET result_file_id = NULL, result_bytes = NULL, version = version + 1
WHERE finished_at <= $1 AND result_file_id IS NOT NULL
"""
_USED_RESULTS = "SELECT result_file_id FROM job WHERE result_file_id IS NOT NULL"
_USED_FILES = "SELECT file_id FROM job WHERE due_at IS NOT NULL AND file_id IS NOT NULL"
_DELETE = """
DELETE FROM job WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM job WHERE finished_at <= $1 ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""


async def delete_old_jobs(connection: asyncpg.Connection, now: datetime, most: int = DELETE_BATCH_SIZE) -> bool:
    """Remove the oldest jobs past their lifetime, ``most`` at a time; returns whether there may be more.

    ``connection``: of the gateway's own role.
    """
    done: str = await connection.execute(_DELETE, now - JOB_LIFETIME, most)
    return done == f"DELETE {most}"


async def delete_old_reports(connection: asyncpg.Connection, now: datetime, most: int = DELETE_BATCH_SIZE) -> bool:
    """As ``delete_old_jobs``, for parts of reports of imports."""
    done: str = await connection.execute(_DELETE_REPORTS, now - REPORT_LIFETIME, most)
    return done == f"DELETE {most}"


async def remove_old_files(database: Database, files: ImportFiles, now: datetime) -> int:
    """Remove uploaded files past their lifetime that no unfinished job reads. Returns their number.

    Raises Unavailable (the object store).
    """
    async with database.system_connection() as connection:
        used = {row["file_id"] for row in await connection.fetch(_USED_FILES)}
    return await files.remove_old(now, used)


async def expire_results(database: Database, files: ResultFiles, now: datetime) -> int:
    """Take their results from jobs past the lifetime of results, and remove files that no job has. Returns how many
    files were removed. Raises Unavailable (the object store).
    """
    async with database.system_connection() as connection:
        await connection.execute(_EXPIRE_RESULTS, now - RESULT_LIFETIME)
        used = {row["result_file_id"] for row in await connection.fetch(_USED_RESULTS)}
    return await files.remove_orphans(now, used)


async def delete_old_lines(connection: asyncpg.Connection, now: datetime, most: int = DELETE_BATCH_SIZE) -> bool:
    """As ``delete_old_jobs``, for lines of bulk mutations that have not come to their end."""
    done: str = await connection.execute(_DELETE_LINES, now - RESULT_LIFETIME, most)
    return done == f"DELETE {most}"


async def remove_files(database: Database, _: timedelta) -> None:
    """Remove the files of imports and results past their lifetime, where this process has their store.

    Raises Unavailable (the object store).
    """
    if database.provides(ImportFiles):
        await remove_old_files(database, database.dependency(ImportFiles), database.clock())
    if database.provides(ResultFiles):
        await expire_results(database, database.dependency(ResultFiles), database.clock())
