"""Jobs of this process: how each kind is run, and how they are followed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from domain import events, jobs
from domain.jobs.imports import IMPORTERS
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from gateway.bulk import GraphQLBulkMutations, GraphQLBulkQueries
from gateway.execution import CompiledEngine
from gateway.settings import Settings
from gateway.wakeups import Topic, Wakeups

JOB_FUNCTIONS: Mapping[jobs.JobKind, jobs.JobFunction] = {
    **dict.fromkeys(IMPORTERS, jobs.run_import),
    jobs.JobKind.BULK_EXPORT: jobs.run_bulk_export,
    jobs.JobKind.EVENT_EXPORT: jobs.run_event_export,
    jobs.JobKind.BULK_MUTATION: jobs.run_bulk_mutation,
}
"""How jobs of each kind are run."""


log = logging.getLogger("gateway.jobs")


class JobRuntime:
    """The runner and the feed of jobs, over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        wakeups: Wakeups,
        functions: Mapping[jobs.JobKind, jobs.JobFunction] = JOB_FUNCTIONS,
    ) -> None:
        """``functions``: how jobs of each kind are run."""
        self._wakeups = wakeups
        self._runner = jobs.JobRunner(database, functions)
        database.provide(jobs.JobFeed(database))
        self._objects = object_store(settings)
        self._results = result_files(settings, self._objects)
        self._removals: set[asyncio.Task[None]] = set()
        for part in (import_files(settings, self._objects), self._results, bulk_operations(database)):
            database.provide(part)
        database.on_commit(jobs.ResultsErased, self._on_results_erased)
        database.on_commit(jobs.JobQueued, self._on_queued)
        wakeups.subscribe(Topic.JOBS_QUEUED, self._runner.wake)

    async def run(self) -> None:
        """Run jobs until cancelled."""
        await self._runner.run()

    async def check_objects(self) -> None:
        """Say in the log whether the object store can be used, if there is one; nothing waits for it."""
        if self._objects is not None:
            try:
                await self._objects.check()
            except Unavailable:
                log.warning("uploads and downloads are refused until the object store can be used")

    def _on_queued(self, _: jobs.JobQueued) -> None:
        self._runner.wake()
        self._wakeups.publish(Topic.JOBS_QUEUED)

    def _on_results_erased(self, signal: jobs.ResultsErased) -> None:
        """A process that dies meanwhile, or a store that is away, leaves them to maintenance."""
        removal = asyncio.create_task(self._remove(signal))
        self._removals.add(removal)
        removal.add_done_callback(self._removals.discard)

    async def _remove(self, signal: jobs.ResultsErased) -> None:
        for id in signal.file_ids:
            await self._results.remove(signal.store, id)


def bulk_operations(database: Database) -> jobs.BulkOperations:
    """GraphQL for jobs of exports and bulk mutations."""
    engine = CompiledEngine()
    return jobs.BulkOperations(GraphQLBulkQueries(database, engine), GraphQLBulkMutations(database, engine))


def result_files(settings: Settings, objects: jobs.ObjectStore | None) -> jobs.ResultFiles:
    """Where results of jobs are."""
    return jobs.ResultFiles(settings.data_dir / "results", objects)


def import_files(settings: Settings, objects: jobs.ObjectStore | None) -> jobs.ImportFiles:
    """Where uploaded files are."""
    return jobs.ImportFiles(settings.data_dir / "imports", objects)


def object_store(settings: Settings) -> jobs.ObjectStore | None:
    """Where files are kept that all machines see; None: in the data directory."""
    if settings.object_store_url is None:
        return None
    from gateway.adapters.s3_objects import S3Location, S3Objects  # noqa: PLC0415 - 7 MB of memory

    bucket, _, prefix = settings.object_store_url.removeprefix("s3://").partition("/")
    keys = settings.object_store_access_key, settings.object_store_secret_key
    access_key, secret_key = (None if key is None else key.get_secret_value() for key in keys)
    return S3Objects(
        S3Location(bucket, prefix, settings.object_store_endpoint, settings.object_store_region, access_key, secret_key)
    )


def cursor_of(row: Any) -> str | None:
    """The cursor of a row of the event log; None of a job, whose subscription begins with the job as it is."""
    return events.cursor_of(row) if hasattr(row, "position") else None
