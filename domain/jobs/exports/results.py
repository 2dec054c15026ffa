"""Giving a job its result: a whole file, unless a person was erased since what it shows was read."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text

from domain.jobs.execution import JobRun
from domain.jobs.exports.erasure import count_erased, lock_results
from domain.jobs.exports.export_file import ResultFile, ResultFiles
from domain.kernel.errors import Unavailable
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_HAS_RESULT = text("UPDATE job SET result_file_id = :file, result_bytes = :bytes WHERE store_id = :store AND id = :job")


class ErasedMeanwhileError(Exception):
    """A person was erased after what the file shows was read: write it again."""


@asynccontextmanager
async def writing_result(run: JobRun) -> AsyncGenerator[ResultFile]:
    """A new file, which is removed if anything fails. Raises JobFailedError if the store has too much already,
    Unavailable.
    """
    files: ResultFiles = run.database.dependency(ResultFiles)
    file = await files.new(run.principal.store.number)
    try:
        yield file
    except Unavailable:
        if not file.is_closed:  # otherwise it may belong to the job: nobody knows whether the commit came through
            await file.discard()
        raise
    except BaseException:
        await file.discard()
        raise


async def attach_result(work: UnitOfWork, job_id: str, file: ResultFile, erased: int) -> None:
    """Give a job its file, with the transaction. ``erased``: how many customers were erased before the file was begun.

    Raises ErasedMeanwhileError.
    """
    await lock_results(work)
    if await count_erased(work.reader) != erased:
        raise ErasedMeanwhileError
    values = {"file": file.id, "bytes": file.size, "store": work.store.number, "job": job_id}
    await work.session.execute(_HAS_RESULT, values)
