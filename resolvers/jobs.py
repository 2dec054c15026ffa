"""Resolvers of jobs: one job, and the subscription to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from domain import jobs
from domain.jobs.report_pages import MAX_REPORT_ROWS
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.fields import Integer, LookupText
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from resolvers.context import Context
from resolvers.types import Id

_ID = "The id of the job (`job_…`)."


async def job(context: Context, *, id: Annotated[Id, _ID]) -> Row | None:
    """Load one job. None if it does not exist or the caller may not see its kind."""
    row = await context.load(jobs.reads.job_by_id, id) if is_id("job", id) else None
    return row if row is not None and jobs.may_see_job(context.principal, row) else None


async def import_report(
    context: Context,
    *,
    id: Annotated[Id, _ID],
    first: Annotated[
        int | None, Integer(min=1, max=MAX_REPORT_ROWS, description=f"The number of rows. Default: {MAX_REPORT_ROWS}.")
    ] = None,
    after: Annotated[str | None, LookupText(max=64, description="The `endCursor` of the page before.")] = None,
) -> jobs.ImportReportPage | None:
    """Load rows of the report of an import. None if the caller may not see the job. Raises MalformedRequest."""
    if await job(context, id=id) is None:
        return None
    async with context.connection() as db:
        return await jobs.import_report_page(db, id, first, after)


async def follow(context: Context, *, id: Annotated[Id, _ID]) -> AsyncGenerator[Row]:
    """Yield a job as it is, and again when it has changed, until it has finished.

    Raises ValidationFailed (no such job).
    """
    row = await job(context, id=id)
    if row is None:
        raise ValidationFailed.of(("id",), ErrorCode.NOT_FOUND, "There is no job with this id.")
    yield row
    feed: jobs.JobFeed = context.calculation_context().dependency(jobs.JobFeed)
    async with aclosing(feed.versions(context.principal.store.number, id, row.version)) as versions:
        while row.finished_at is None:
            version = await anext(versions, None)
            found = await _read(context, id)
            if version is None or found is None:
                return
            if found.version != row.version:
                row = found
                yield row


async def _read(context: Context, id: str) -> Row | None:
    """The job as it is now; loaders would return what they have read before."""
    async with context.connection() as db:
        (found,) = await jobs.reads.job_by_id.for_keys(db, [id])
    return found
