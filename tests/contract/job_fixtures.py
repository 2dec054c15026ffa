"""A job that waits, for tests that look at every table, route and field, and a file to import."""

from __future__ import annotations

from datetime import timedelta

from domain import jobs
from domain.jobs.model import ImportReportPart
from domain.jobs.service.mutation_lines import append_line
from domain.jobs.service.results import attach_result, count_erased
from domain.kernel.database import Database
from domain.kernel.principal import Principal

CSV = b"sku,quantity\nMUG,5\n"


async def queue(database: Database, principal: Principal) -> dict[str, str]:
    """A job of products that no process runs (``job``), with a part of its report and a line."""
    async with database.transaction(principal) as work:
        request = jobs.JobRequest(jobs.JobKind.IMPORT_PRODUCTS, {}, "rows", 10)
        job = await jobs.queue_job(work, principal, request)
        job.due_at = work.now + timedelta(days=365)  # runners of gateways of the same database must not lease it
        rows = [[2, "created", None, None, None]]
        work.add(ImportReportPart(store_id=work.store.number, job_id=job.id, first_line=2, rows=rows))
        append_line(work, job.id, 1, b"{}")
    return {"job": job.id}


async def give_result(database: Database, principal: Principal, job_id: str) -> None:
    """Give a job a result of one line."""
    file = await database.dependency(jobs.ResultFiles).new(principal.store.number)
    await file.write(b"{}")
    await file.close()
    async with database.transaction(principal) as work:
        await attach_result(work, job_id, file, await count_erased(work.reader))


async def upload(database: Database, principal: Principal) -> dict[str, str]:
    """A file that was uploaded (``upl``). Copies of stores have none."""
    files: jobs.ImportFiles = database.dependency(jobs.ImportFiles)
    id, part = await files.new(principal.store.number)
    part.write_bytes(CSV)
    await files.keep(principal.store.number, id)
    return {"upl": id}
