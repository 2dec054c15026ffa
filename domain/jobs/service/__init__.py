"""Use cases of jobs."""

from domain.jobs.service.bulk_mutations import start_bulk_mutation
from domain.jobs.service.exports import start_bulk_export, start_event_export
from domain.jobs.service.imports import start_import
from domain.jobs.service.jobs import JobRequest, cancel_job, queue_job

__all__ = [
    "JobRequest",
    "cancel_job",
    "queue_job",
    "start_bulk_export",
    "start_bulk_mutation",
    "start_event_export",
    "start_import",
]
