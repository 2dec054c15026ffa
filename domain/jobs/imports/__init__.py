"""Imports: files of products, stock, customers or orders, read in batches by jobs."""

from domain.jobs.imports.execution import run_import
from domain.jobs.imports.files import FILE_LIFETIME, MAX_FILE_BYTES, ImportFiles
from domain.jobs.imports.layouts import IMPORTERS
from domain.jobs.imports.records import FileFormat
from domain.jobs.imports.report import REPORT_LIFETIME, ReportRow

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
