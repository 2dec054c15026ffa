"""GraphQL types and operations of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

import resolvers.jobs
from domain import jobs
from domain.jobs import JobKind, JobStatus
from domain.jobs.commands import JobFilter
from domain.jobs.imports.items import RowOutcome
from resolvers.types import Id
from schema.fields import attribute, computed, listing, root, subscription
from schema.mutation_fields import created_row, mutation
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned
from schema.scalars import BigInt, Json

reads = jobs.reads


def _itself(row: Any) -> Any:
    return row


@strawberry.type(description="The progress of a job.")
class JobProgress:
    """Columns of a job."""

    done: BigInt = attribute("The amount done and committed, in `unit`.")
    total: BigInt | None = attribute("The total amount, in `unit`. Null if not known.")
    unit: str = attribute("The unit: `bytes`, `rows`, `objects`, `events` or `lines`.")


@strawberry.type(
    description="A job: work in the background. Jobs of a store run one after the other, in the order of their "
    "creation."
)
class Job(Node, Versioned, prefix="job"):
    """A row of the reads of jobs."""

    kind: JobKind = attribute("The type of the job.")
    status: JobStatus = attribute("The status of the job.")
    progress: JobProgress = computed(_itself, columns=("done", "total", "unit"), description="The progress of the job.")
    counts: Json = attribute(
        "How many rows had which outcome so far, by outcome; of exports, how many objects by connection, or events by "
        "type."
    )
    file_id: Id | None = attribute("The id of the uploaded file that the job reads. Null if it reads none.")
    dry_run: bool = attribute("Whether the job writes nothing but its report.")
    result_url: str | None = attribute(
        "The path of the result, to be downloaded with an API key: JSON Lines. Null if there is none, or no longer."
    )
    result_bytes: BigInt | None = attribute("The length of the result, in bytes. Null without one.")
    error: str | None = attribute("Why the job failed. Null if it did not.")
    created_by: Id = attribute("The id of the API key or grant that started the job, or `system`.")
    cancel_requested_at: datetime | None = attribute("When its cancellation was requested. Null if it was not.")
    started_at: datetime | None = attribute("When the job was started. Null while it waits.")
    finished_at: datetime | None = attribute("When the job succeeded, failed or was cancelled. Null until then.")


@strawberry.type(description="A page of jobs.")
class JobConnection(Connection[Job]):
    """A page of jobs."""


@strawberry.type(
    description="The outcome of a row of an import. A row that was refused for several reasons is listed for each."
)
class ImportReportRow:
    """Describes the domain's own ReportRow."""

    line: int = attribute("The line of the file on which the row begins, starting at 1.")
    outcome: RowOutcome = attribute("The outcome of the row.")
    object_id: Id | None = attribute("The id of the object. Null if the row was refused, and in a dry run.")
    column: str | None = attribute("The column that is wrong. Null if it is about the whole row, or none is.")
    reason: str | None = attribute("Why the row was refused. Null if it was not.")


@strawberry.type(description="A page of the report of an import.")
class ImportReportPage:
    """Describes the domain's own ImportReportPage."""

    rows: list[ImportReportRow] = attribute("The rows, in the order in which they were validated.")
    has_next_page: bool = attribute("Whether there are rows after this page. A running job adds more.")
    end_cursor: str | None = attribute("The cursor for the next page. Null if the page is empty.")


@strawberry.type
class JobsQuery:
    """Queries of jobs."""

    job: Job | None = root(
        resolvers.jobs.job,
        description="Fetch a job. Null if it does not exist or the API key has no scope of its area.",
    )
    import_report: ImportReportPage | None = root(
        resolvers.jobs.import_report,
        description="Fetch rows of the report of an import. Reports are kept for 7 days after the end of the job, then "
        "they are empty. Null if the job does not exist or the API key has no scope of its area.",
    )
    jobs: JobConnection = listing(
        reads.jobs,
        description="List jobs, newest first. Contains only jobs of whose area the API key has a scope.",
        filter=JobFilter,
        check_filters=jobs.check_job_filters,
    )


@strawberry.type(description="Result of `startImport`.")
class StartImportPayload(Payload):
    """A MutationResult with a job."""

    job: Job | None = created_row(reads.job_by_id, key="id", description="The job that imports the file.")


@strawberry.type(description="Result of `startBulkExport`.")
class StartBulkExportPayload(Payload):
    """A MutationResult with a job."""

    job: Job | None = created_row(reads.job_by_id, key="id", description="The job that writes the export.")


@strawberry.type(description="Result of `startEventExport`.")
class StartEventExportPayload(Payload):
    """A MutationResult with a job."""

    job: Job | None = created_row(reads.job_by_id, key="id", description="The job that writes the export.")


@strawberry.type(description="Result of `startBulkMutation`.")
class StartBulkMutationPayload(Payload):
    """A MutationResult with a job."""

    job: Job | None = created_row(reads.job_by_id, key="id", description="The job that executes the mutation.")


@strawberry.type(description="Result of `cancelJob`.")
class CancelJobPayload(Payload):
    """A MutationResult with a job."""

    # Whole, as if it were created: whoever may cancel a job may see it.
    job: Job | None = created_row(reads.job_by_id, key="id", description="The job after the change.")


@strawberry.type
class JobsMutation:
    """Mutations of jobs."""

    start_import: StartImportPayload = mutation(jobs.start_import)
    start_bulk_export: StartBulkExportPayload = mutation(jobs.start_bulk_export)
    start_event_export: StartEventExportPayload = mutation(jobs.start_event_export)
    start_bulk_mutation: StartBulkMutationPayload = mutation(jobs.start_bulk_mutation)
    cancel_job: CancelJobPayload = mutation(jobs.cancel_job)


@strawberry.type
class JobsSubscription:
    """Subscriptions to jobs."""

    job: Job = subscription(
        resolvers.jobs.follow,
        description="Receive a job as it is, then again when it changes. Completes when the job has finished.",
    )
