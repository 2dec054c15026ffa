"""Exports: queries over connections, and events, written to a file as JSON Lines from one snapshot.

- ``commands.py``      what is to be exported
- ``export_file.py``   files of results, in the data directory or an object store
- ``result_readers.py``  reading them for downloads
- ``results.py``       giving a job its file
- ``snapshot_run.py``  one run: from a snapshot to a file that the job then has
- ``execution.py``     how the two kinds of export are run
- ``erasure.py``       what erasing a person does to results
"""

from domain.jobs.exports.commands import StartBulkExport, StartEventExport
from domain.jobs.exports.erasure import ResultsErased, erase_results
from domain.jobs.exports.execution import run_bulk_export, run_event_export
from domain.jobs.exports.export_file import RESULT_LIFETIME, ResultFiles

__all__ = [
    "RESULT_LIFETIME",
    "ResultFiles",
    "ResultsErased",
    "StartBulkExport",
    "StartEventExport",
    "erase_results",
    "run_bulk_export",
    "run_event_export",
]
