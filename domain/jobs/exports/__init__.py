"""Exports: queries over connections, and events, written to a file as JSON Lines from one snapshot.

They open the transactions in which the services of results write, as transports do for the use cases of requests.

- ``export_file.py``   files of results, in the data directory or an object store
- ``result_readers.py``  reading them for downloads
- ``snapshot_run.py``  one run: from a snapshot to a file that the job then has
- ``events.py``        the events of a range
- ``execution.py``     how the two kinds of export are run
"""

from domain.jobs.exports.execution import run_bulk_export, run_event_export
from domain.jobs.exports.export_file import RESULT_LIFETIME, ResultFiles

__all__ = ["RESULT_LIFETIME", "ResultFiles", "run_bulk_export", "run_event_export"]
