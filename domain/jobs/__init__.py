"""Jobs: work in the background that a caller has started, with its progress and its cancellation."""

from domain.jobs import commands, documents, reads
from domain.jobs.bulk_mutations import run_bulk_mutation
from domain.jobs.commands import (
    MUTATION_MEDIA_TYPES,
    StartBulkExport,
    StartBulkMutation,
    StartEventExport,
    check_job_filters,
)
from domain.jobs.execution import JobBatch, JobFailedError, JobFunction, JobLostError, JobRun, JobRunner
from domain.jobs.exports import RESULT_LIFETIME, ResultFiles, run_bulk_export, run_event_export
from domain.jobs.feed import JobFeed
from domain.jobs.imports import ImportFiles, run_import
from domain.jobs.kinds import may_see_job, require_start, write_scope
from domain.jobs.model import Job, JobKind, JobStatus
from domain.jobs.object_store import ObjectStore, StoredObject
from domain.jobs.operations import BulkMutations, BulkOperations, BulkQueries, ExportedObject, LineOutcome
from domain.jobs.report_pages import ImportReportPage, import_report_page
from domain.jobs.retention import (
    delete_old_jobs,
    delete_old_lines,
    delete_old_reports,
    expire_results,
    remove_old_files,
)
from domain.jobs.service import (
    JobRequest,
    ResultsErased,
    cancel_job,
    queue_job,
    start_bulk_export,
    start_bulk_mutation,
    start_event_export,
    start_import,
)
from domain.jobs.signals import JobQueued

__all__ = [
    "MUTATION_MEDIA_TYPES",
    "RESULT_LIFETIME",
    "BulkMutations",
    "BulkOperations",
    "BulkQueries",
    "ExportedObject",
    "ImportFiles",
    "ImportReportPage",
    "Job",
    "JobBatch",
    "JobFailedError",
    "JobFeed",
    "JobFunction",
    "JobKind",
    "JobLostError",
    "JobQueued",
    "JobRequest",
    "JobRun",
    "JobRunner",
    "JobStatus",
    "LineOutcome",
    "ObjectStore",
    "ResultFiles",
    "ResultsErased",
    "StartBulkExport",
    "StartBulkMutation",
    "StartEventExport",
    "StoredObject",
    "cancel_job",
    "check_job_filters",
    "commands",
    "delete_old_jobs",
    "delete_old_lines",
    "delete_old_reports",
    "documents",
    "expire_results",
    "import_report_page",
    "may_see_job",
    "queue_job",
    "reads",
    "remove_old_files",
    "require_start",
    "run_bulk_export",
    "run_bulk_mutation",
    "run_event_export",
    "run_import",
    "start_bulk_export",
    "start_bulk_mutation",
    "start_event_export",
    "start_import",
    "write_scope",
]
