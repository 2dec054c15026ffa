"""What a job may do while it runs: batches, each one transaction with its changes, its events and its progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import text

from domain.jobs.execution.leases import LeasedJob
from domain.jobs.kinds import SCOPE_AREAS
from domain.kernel.database import Database
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.unit_of_work import UnitOfWork

IMPORT_CHANNEL = "import"
"""The origin of the events of imports."""
API_CHANNEL = "api"
"""The origin of the events of what a caller might have sent as requests of their own."""

_SAVE = text(
    "UPDATE job SET done = :done, total = :total, counts = CAST(:counts AS jsonb), "
    "resume_point = CAST(:resume_point AS jsonb), attempt = 0, version = version + 1, updated_at = :now "
    "WHERE store_id = :store AND id = :id AND lease = :lease AND cancel_requested_at IS NULL AND due_at IS NOT NULL"
)


class JobFailedError(Exception):
    """The job cannot be done; the message says why, and is shown to its caller."""


class JobLostError(Exception):
    """The job was cancelled, or another process has leased it: nothing more of it may be written here."""


@dataclass(slots=True)
class JobBatch:
    """A part of a job: what is written with ``work`` is committed with the progress, or not at all."""

    work: UnitOfWork
    resume_point: Mapping[str, Any] | None
    done: int
    """Set it to what is done with this batch, in all."""
    total: int | None
    counts: Counter[str] = field(default_factory=Counter)
    """The outcomes so far; add those of this batch."""


class JobRun:
    """A job that this process runs."""

    def __init__(self, database: Database, job: LeasedJob, store: Store) -> None:
        self.database = database
        self._job = job
        self.id = job.id
        self.request_id = job.request_id
        self.kind = job.kind
        self.parameters: Mapping[str, Any] = job.parameters
        self.resume_point: Mapping[str, Any] | None = job.resume_point
        """What the last batch has saved, here or in another process; None at the beginning."""
        self.done = job.done
        self.total = job.total
        self.counts = Counter(job.counts)
        area = SCOPE_AREAS.get(job.kind)
        scopes = job.parameters["scopes"] if area is None else (f"{area}:read", f"{area}:write")
        # The caller's right was checked when the job was started: revoking a key does not stop what it has begun.
        self.principal = Principal(store, frozenset(scopes), job.created_by)

    @asynccontextmanager
    async def batch(self, channel: str = IMPORT_CHANNEL) -> AsyncGenerator[JobBatch]:
        """A transaction of the store, which saves the progress of the batch before it commits. ``channel``: the origin
        of its events.

        Raises JobLostError, and then nothing of the batch is committed; Unavailable.
        """
        async with self.database.transaction(self.principal, self._job.request_id, channel=channel) as work:
            batch = JobBatch(work, self.resume_point, self.done, self.total, Counter(self.counts))
            yield batch
            await work.flush()
            await self._save(work, batch)
        self.resume_point, self.done, self.total = batch.resume_point, batch.done, batch.total
        self.counts = batch.counts

    async def _save(self, work: UnitOfWork, batch: JobBatch) -> None:
        values = {
            "store": work.store.number,
            "id": self.id,
            "lease": self._job.lease,
            "done": batch.done,
            "total": batch.total,
            "counts": orjson.dumps(batch.counts).decode(),
            "resume_point": None if batch.resume_point is None else orjson.dumps(dict(batch.resume_point)).decode(),
            "now": work.now,
        }
        saved = await work.session.execute(_SAVE, values)
        if getattr(saved, "rowcount", 0) != 1:
            raise JobLostError(self.id)
