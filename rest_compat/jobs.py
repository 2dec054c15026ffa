"""REST endpoints of jobs and imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from domain import jobs
from domain.jobs.commands import IMPORT_KINDS, JobFilter
from domain.jobs.documents import JobDocument
from domain.jobs.imports import MAX_FILE_BYTES, REPORT_LIFETIME, ReportRow
from domain.kernel.errors import NotFound
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, PageAction, ReportAction, WriteAction
from rest_compat.downloads import DownloadAction, StoredFile
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.file_sources import ReportPart
from rest_compat.objects import RestObject
from rest_compat.uploads import StreamedUploadAction

reads = jobs.reads


def _may_see(principal: Principal, job: Row) -> bool:
    return jobs.may_see_job(principal, job)


JOB = RestObject(
    path="/jobs/{id}",
    noun="job",
    prefix="job",
    read=reads.job_by_id,
    document=JobDocument,
    sees=_may_see,
    seen_by=("kind", "scopes"),
)


class ImportReport:
    """The report of an import."""

    async def require(self, db: Executor, principal: Principal, ids: Mapping[str, str]) -> None:
        """Raises NotFound."""
        await JOB.fetch(db, principal, ids)

    async def part(self, db: Executor, ids: Mapping[str, str], after: int) -> ReportPart | None:
        """The rows of the next batch, and its first line; None at the end."""
        found = await reads.report_part(db, ids["id"], after)
        return None if found is None else (found.first_line, found.rows)


class JobResult:
    """The file with the result of a job."""

    async def find(
        self, db: Executor, principal: Principal, ids: Mapping[str, str], dependency: Callable[[type[Any]], Any]
    ) -> StoredFile:
        """Raises NotFound: no such job, or it has no result."""
        await JOB.fetch(db, principal, ids)
        found = await reads.result_of_job(db, ids["id"])
        if found is None:
            raise NotFound("result")
        files: jobs.ResultFiles = dependency(jobs.ResultFiles)
        opened = partial(files.open, principal.store.number, found.result_file_id)
        return StoredFile(opened, found.result_file_id, found.result_bytes)


def _check_mutation(principal: Principal, _: Mapping[str, Any]) -> None:
    """Raises Forbidden without any scope that a mutation requires."""
    writing = [scope for scope in SCOPES if scope.endswith(":write")]
    if not any(map(principal.has_scope, writing)):
        raise principal.lacks(*writing, purpose=", to change anything")


def _check_kind(principal: Principal, given: Mapping[str, Any]) -> None:
    """Raises Forbidden without the scope of what is imported."""
    if "kind" in given:  # otherwise the command refuses it
        jobs.require_start(principal, IMPORT_KINDS[given["kind"]])


ENDPOINTS = tagged(
    "Jobs",
    Endpoint(
        method="GET",
        path="/jobs",
        name="listJobs",
        summary="List jobs",
        description="Jobs, newest first. Contains only jobs of whose area the API key has a scope. Finished jobs are "
        "listed for 90 days.",
        action=PageAction(
            listing=reads.jobs, document=JobDocument, filters=JobFilter, check_filters=jobs.check_job_filters
        ),
    ),
    Endpoint(
        method="GET",
        path="/jobs/{id}",
        name="getJob",
        summary="Get a job",
        description="Requires a scope of the area that the job moves.",
        action=ItemAction(source=JOB),
        ids={"id": JOB.id_in_path()},
    ),
    Endpoint(
        method="POST",
        path="/jobs/{id}/cancel",
        name="cancelJob",
        summary="Cancel a job",
        description="What the job has done so far stays. A running job ends within about a second; until then its "
        "status is `running`. Requires the write scope of the area that the job moves.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(jobs.cancel_job),
            returns=JOB,  # whole: whoever may cancel it may see it
        ),
        ids={"id": JOB.id_in_path()},
    ),
    Endpoint(
        method="GET",
        path="/jobs/{id}/report",
        name="getJobReport",
        summary="Get the report of an import or a bulk mutation",
        description="The outcome of each row so far, by line: `created`, `updated`, `unchanged` or `refused`, with the "
        "id of the object, or the column and the reason; of a bulk mutation `succeeded` or `refused`. A row that was "
        "refused for several reasons is listed for each. Reports are kept for "
        f"{REPORT_LIFETIME.days} days after the end of the job, then they are empty. Requires a scope of the area "
        "that the job moves; of a bulk mutation, the scopes that it needed.",
        action=ReportAction(source=ImportReport(), columns=ReportRow._fields),
        ids={"id": JOB.id_in_path()},
    ),
    Endpoint(
        method="GET",
        path="/jobs/{id}/result",
        name="getJobResult",
        summary="Download the result of a job",
        description="The result of an export, or the response to each line of a bulk mutation, as JSON Lines; ready "
        "when the job has succeeded. A download that was interrupted is resumed with `Range`; with `If-Range`, the "
        f"file is sent from the beginning if it is another. It is never compressed. Results are kept for "
        f"{jobs.RESULT_LIFETIME.days} days after the end of the job, and removed when a customer is erased whom they "
        "may show. The audit log has each download. Requires the scopes that the job needed.",
        action=DownloadAction(source=JobResult(), audited="job.result_read", media_types=("application/x-ndjson",)),
        ids={"id": JOB.id_in_path()},
    ),
    Endpoint(
        method="POST",
        path="/exports",
        name="startBulkExport",
        summary="Export the result of a query",
        description="A job writes what the query selects, with all pages of its connections, as JSON Lines. It sees "
        "the store as it was at one moment. Each node of a connection is a line, with the connection as "
        "`__connection`; those of connections within it follow, with its id as `__parentId`. Requires the scopes of "
        "the query.",
        action=WriteAction(
            use_case=use_case_of(jobs.start_bulk_export), returns=JOB, is_background=True, described=False
        ),
    ),
    Endpoint(
        method="POST",
        path="/exports/events",
        name="startEventExport",
        summary="Export events",
        description="A job writes a range of the event log as JSON Lines, oldest first: on each line an event as "
        "`GET /v2/events/{id}` returns it. Contains only events that the API key may read. Requires the read scopes "
        "of the types of events.",
        action=WriteAction(
            use_case=use_case_of(jobs.start_event_export), returns=JOB, is_background=True, described=False
        ),
    ),
    Endpoint(
        method="POST",
        path="/bulk_mutations",
        name="startBulkMutation",
        summary="Execute a mutation many times",
        description="The body is a file of JSON Lines and `Content-Type` its media type: each line has the variables "
        "of one execution. A job executes the lines one after the other, each in a transaction of its own, and none "
        "twice. Its report has the outcome of each line so far, its result the response to each. Webhooks receive the "
        "events as of any other request. Files are kept for 7 days. Requires the scopes of the mutation.",
        action=StreamedUploadAction(
            use_case=use_case_of(jobs.start_bulk_mutation),
            returns=JOB,
            is_background=True,
            max_size=MAX_FILE_BYTES,
            body="The file: JSON Lines in UTF-8, or in UTF-16 with a byte order mark.",
            check_parameters=_check_mutation,
        ),
    ),
    Endpoint(
        method="POST",
        path="/imports",
        name="startImport",
        summary="Import a file",
        description="The body is the file itself and `Content-Type` its media type. The file is checked and imported "
        "by a job. Objects that are in the store already stay as they are; quantities of stock are set. Files are kept "
        "for 7 days. Requires the write scope of what is imported: products, inventory or customers; of orders, those "
        "of orders, customers and products.",
        action=StreamedUploadAction(
            use_case=use_case_of(jobs.start_import),
            returns=JOB,
            is_background=True,
            max_size=MAX_FILE_BYTES,
            body="The file: CSV with a header, or JSON Lines; in UTF-8, or in UTF-16 with a byte order mark.",
            check_parameters=_check_kind,
        ),
    ),
)
