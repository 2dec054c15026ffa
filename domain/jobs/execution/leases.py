"""Leases: the exclusive right of a process to a job, until it ends or the lease expires.

``due_at`` of a leased job is the end of its lease: from then on another process may go on with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson

from domain.jobs.model import JobKind, JobStatus

LEASE_DURATION = timedelta(seconds=30)
"""Renewed all the time while the job runs, so that a process that dies is noticed within this time."""

# Only the oldest unfinished job of a store may be leased. So the jobs of a store run in their order, one at a time in
# all processes, and a store that queues a thousand holds no more of the processes than one that queues two. Between
# stores, the one goes first whose last start is the longest ago.
_LEASE = """
WITH head AS (
    SELECT DISTINCT ON (store_id) store_id, id FROM job WHERE due_at IS NOT NULL ORDER BY store_id, created_at, id
), due AS MATERIALIZED (
    SELECT job.store_id, job.id FROM head JOIN job ON job.store_id = head.store_id AND job.id = head.id
    WHERE job.due_at <= $1 AND job.kind = ANY ($4) AND ($5::text IS NULL OR job.id = $5)
    ORDER BY (SELECT max(started_at) FROM job AS earlier WHERE earlier.store_id = job.store_id) NULLS FIRST,
        job.created_at
    LIMIT 1 FOR UPDATE OF job SKIP LOCKED
)
UPDATE job SET status = 'running', lease = $2, due_at = $3, attempt = job.attempt + 1, version = job.version + 1,
    started_at = coalesce(job.started_at, $1), updated_at = $1
FROM due WHERE job.store_id = due.store_id AND job.id = due.id
RETURNING job.store_id, job.id, job.kind, job.parameters, job.resume_point, job.done, job.total, job.counts,
    job.created_by, job.request_id, job.attempt, job.cancel_requested_at
"""
_RENEW = "UPDATE job SET due_at = $2 WHERE lease = ANY ($1) AND due_at IS NOT NULL"
_CANCELLED = "SELECT lease FROM job WHERE lease = ANY ($1) AND cancel_requested_at IS NOT NULL"
_RELEASE = """
UPDATE job SET lease = NULL, due_at = $3, attempt = attempt - $4
WHERE store_id = $1 AND lease = $2 AND due_at IS NOT NULL
"""
_FINISH = """
UPDATE job SET status = $4, error = $5, lease = NULL, due_at = NULL, finished_at = $3, updated_at = $3,
    version = version + 1
WHERE store_id = $1 AND lease = $2 AND due_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class LeasedJob:
    """A job leased to this process."""

    lease: str
    store: int
    id: str
    kind: JobKind
    parameters: dict[str, Any]
    resume_point: dict[str, Any] | None
    done: int
    total: int | None
    counts: dict[str, int]
    created_by: str
    request_id: str | None
    attempt: int
    is_cancelled: bool


async def lease_job(
    connection: asyncpg.Connection,
    now: datetime,
    kinds: Collection[JobKind],
    duration: timedelta,
    only: str | None = None,
) -> LeasedJob | None:
    """Lease the next job of one of ``kinds``, if there is one. ``only``: no other than this.

    ``connection``: of the gateway's own role.
    """
    lease = secrets.token_hex(8)
    row = await connection.fetchrow(_LEASE, now, lease, now + duration, [str(kind) for kind in kinds], only)
    if row is None:
        return None
    return LeasedJob(
        lease=lease,
        store=row["store_id"],
        kind=JobKind(row["kind"]),
        parameters=orjson.loads(row["parameters"]),
        resume_point=None if row["resume_point"] is None else orjson.loads(row["resume_point"]),
        counts=orjson.loads(row["counts"]),
        is_cancelled=row["cancel_requested_at"] is not None,
        **{name: row[name] for name in ("id", "done", "total", "created_by", "request_id", "attempt")},
    )


async def renew_leases(
    connection: asyncpg.Connection, now: datetime, leases: Collection[str], duration: timedelta
) -> None:
    """Extend leases by their full duration, as far as they are still held."""
    await connection.execute(_RENEW, list(leases), now + duration)


async def cancelled_leases(connection: asyncpg.Connection, leases: Collection[str]) -> set[str]:
    """Those of the leases whose jobs are to be cancelled."""
    return {row["lease"] for row in await connection.fetch(_CANCELLED, list(leases))}


async def release_job(
    connection: asyncpg.Connection, job: LeasedJob, due_at: datetime, *, counts_attempt: bool = True
) -> None:
    """Let another process go on with a job from ``due_at`` on. ``counts_attempt``: whether this one has failed."""
    await connection.execute(_RELEASE, job.store, job.lease, due_at, 0 if counts_attempt else 1)


async def finish_job(
    connection: asyncpg.Connection, job: LeasedJob, now: datetime, status: JobStatus, error: str | None = None
) -> None:
    """End a job, if the lease is still held."""
    await connection.execute(_FINISH, job.store, job.lease, now, str(status), error)
