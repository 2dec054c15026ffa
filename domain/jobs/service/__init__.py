"""Use cases of jobs, and what jobs write with the transactions of their batches.

- ``jobs.py``            queueing and cancelling
- ``imports.py``, ``exports.py``, ``bulk_mutations.py``  starting one
- ``import_reports.py``  the report of an import
- ``order_imports.py``   past orders, with the customers and products that they need
- ``mutation_lines.py``  the lines of a bulk mutation
- ``results.py``         the result of a job, and what erasing a person does to it
"""

from domain.jobs.service.bulk_mutations import start_bulk_mutation
from domain.jobs.service.exports import start_bulk_export, start_event_export
from domain.jobs.service.imports import start_import
from domain.jobs.service.jobs import JobRequest, cancel_job, queue_job
from domain.jobs.service.results import ResultsErased

__all__ = [
    "JobRequest",
    "ResultsErased",
    "cancel_job",
    "queue_job",
    "start_bulk_export",
    "start_bulk_mutation",
    "start_event_export",
    "start_import",
]
