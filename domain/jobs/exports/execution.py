"""How the two kinds of export are run."""

from __future__ import annotations

from domain.jobs.execution import JobRun
from domain.jobs.exports.events import exported_events
from domain.jobs.exports.snapshot_run import export_from_snapshot
from domain.jobs.operations import BulkOperations


async def run_bulk_export(run: JobRun) -> None:
    """Run the export of a query. Raises JobFailedError, JobLostError, Unavailable."""
    operations: BulkOperations = run.database.dependency(BulkOperations)
    query, variables = run.parameters["query"], run.parameters["variables"]
    await export_from_snapshot(
        run, lambda snapshot: operations.queries.objects(query, variables, run.principal, snapshot)
    )


async def run_event_export(run: JobRun) -> None:
    """Run the export of a range of events. Raises JobFailedError, JobLostError, Unavailable."""
    await export_from_snapshot(run, lambda snapshot: exported_events(run.parameters, run.principal, snapshot))
