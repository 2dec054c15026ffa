"""The commands of jobs.

- ``jobs.py``            cancellation, and filters of lists
- ``imports.py``         imports of files
- ``exports.py``         exports of queries and of events
- ``bulk_mutations.py``  bulk mutations
"""

from domain.jobs.commands.bulk_mutations import MUTATION_MEDIA_TYPES, StartBulkMutation
from domain.jobs.commands.exports import StartBulkExport, StartEventExport
from domain.jobs.commands.imports import IMPORT_FORMATS, IMPORT_KINDS, ImportKind, StartImport
from domain.jobs.commands.jobs import CancelJob, JobFilter, check_job_filters

__all__ = [
    "IMPORT_FORMATS",
    "IMPORT_KINDS",
    "MUTATION_MEDIA_TYPES",
    "CancelJob",
    "ImportKind",
    "JobFilter",
    "StartBulkExport",
    "StartBulkMutation",
    "StartEventExport",
    "StartImport",
    "check_job_filters",
]
