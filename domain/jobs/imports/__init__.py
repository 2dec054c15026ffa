"""Imports: files of products, stock, customers or orders, read in batches by jobs.

An importer makes commands of rows, and hands them to the use cases of its area. ``execution.py`` runs the job: it opens
the transactions, as transports do for the use cases of requests.
"""

from domain.jobs.imports.execution import run_import
from domain.jobs.imports.files import FILE_LIFETIME, MAX_FILE_BYTES, ImportFiles
from domain.jobs.imports.layouts import IMPORTERS
from domain.jobs.model import FileFormat
from domain.jobs.service.import_reports import REPORT_LIFETIME, ReportRow

__all__ = [
    "FILE_LIFETIME",
    "IMPORTERS",
    "MAX_FILE_BYTES",
    "REPORT_LIFETIME",
    "FileFormat",
    "ImportFiles",
    "ReportRow",
    "run_import",
]
