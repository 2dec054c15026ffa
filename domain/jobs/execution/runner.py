"""The runner of one process: leases jobs, runs a few at a time, renews their leases and notices cancellations."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from domain import access
from domain.jobs.execution.leases import (
    LEASE_DURATION,
    LeasedJob,
    cancelled_leases,
    finish_job,
    lease_job,
    release_job,
    renew_leases,
)
from domain.jobs.execution.run import JobFailedError, JobLostError, JobRun
from domain.jobs.model import JobKind, JobStatus
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.kernel.poll_loop import PollLoop

log = logging.getLogger("gateway.jobs")

JobFunction = Callable[[JobRun], Awaitable[None]]
"""Runs a job from its resume point to its end. Raises JobFailedError, JobLostError, Unavailable."""

MAX_RUNNING_JOBS = 2
"""Jobs of a process at the same time: each has one connection for writes, of four by default."""
POLL_INTERVAL = 1.0
"""Seconds between two looks for jobs without a wakeup, and between two looks for cancellations."""
RETRY_DELAY_SECONDS = 1.0
"""Seconds after a failure until the next attempt, doubled with each."""
MAX_ATTEMPTS = 5
"""Attempts in a row that save nothing. A job that kills its process ends after them as well."""
_INTERNAL_ERROR = "Internal error of the gateway. What was done before stays; start the job again to go on."


class JobRunner:
    """Runs jobs. Any number of processes may have one."""

    def __init__(
        self,
        database: Database,
        functions: Mapping[JobKind, JobFunction],
        *,
        poll: float = POLL_INTERVAL,
        lease: timedelta = LEASE_DURATION,
        max_running: int = MAX_RUNNING_JOBS,
        retry_delay: float = RETRY_DELAY_SECONDS,
        only: str | None = None,
    ) -> None:
        """``functions``: how jobs of each kind are run; others are left to other processes; ``only``: the id of the
        only job to run."""
        self._database = database
        self._functions = functions
        self._poll = poll
        self._lease = lease
        self._only = only
        self._max_running = max_running
        self._retry_delay = retry_delay
        self._running: dict[asyncio.Task[None], LeasedJob] = {}
        self._cancelled: set[str] = set()
        """The leases of jobs that were interrupted because they are to be cancelled."""
        self._interruptible: set[str] = set()
        """The leases of jobs at work: one whose end is being saved must not be interrupted."""
        self._loop = PollLoop(
            self._start_due, interval=lambda: poll, retry_delay=poll, log=log, failure="looking for jobs failed"
        )

    def wake(self) -> None:
        """Look for jobs now."""
        self._loop.wake()

    async def run(self) -> None:
        """Run jobs until cancelled; those that are running then are left to other processes."""
        watching = asyncio.create_task(self._watch())
        try:
            await self._loop.run()
        finally:
            watching.cancel()
            await self._stop()

    async def _start_due(self) -> None:
        while len(self._running) < self._max_running:
            async with self._database.system_connection() as connection:
                job = await lease_job(connection, self._database.clock(), self._functions, self._lease, self._only)
            if job is None:
                return
            task = asyncio.create_task(self._execute(job))
            self._running[task] = job
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._cancelled.discard(self._running.pop(task).lease)
        if not task.cancelled() and task.exception() is not None:
            log.error("the end of a job could not be saved; its lease will expire", exc_info=task.exception())
        self._loop.wake()

    async def _execute(self, job: LeasedJob) -> None:
        """Run a job and save how it has ended. Raises Unavailable."""
        if job.is_cancelled:
            await self._finish(job, JobStatus.CANCELLED)
            return
        if job.attempt > MAX_ATTEMPTS:
            await self._finish(job, JobStatus.FAILED, _INTERNAL_ERROR)
            return
        try:
            await self._run(job)
        except asyncio.CancelledError:
            if job.lease not in self._cancelled:
                raise
            await self._finish(job, JobStatus.CANCELLED)
        except JobFailedError as failed:
            await self._finish(job, JobStatus.FAILED, str(failed))
        except JobLostError:
            await self._finish_if_cancelled(job)
        except Unavailable as away:
            log.warning("the job %s waits: %s", job.id, away)
            await self._release(job, self._retry_delay, counts_attempt=False)
        except Exception:  # any failure may be over at the next attempt
            log.exception("the job %s failed, attempt %d of %d", job.id, job.attempt, MAX_ATTEMPTS)
            await self._release(job, self._retry_delay * 2 ** (job.attempt - 1))
        else:
            await self._finish(job, JobStatus.SUCCEEDED)

    async def _run(self, job: LeasedJob) -> None:
        async with self._database.system_connection() as connection:
            stores = await access.stores_by_number(connection, [job.store])
        self._interruptible.add(job.lease)
        try:
            await self._functions[job.kind](JobRun(self._database, job, stores[job.store]))
        finally:
            self._interruptible.discard(job.lease)

    async def _finish_if_cancelled(self, job: LeasedJob) -> None:
        async with self._database.system_connection() as connection:
            if await cancelled_leases(connection, [job.lease]):
                await finish_job(connection, job, self._database.clock(), JobStatus.CANCELLED)
            else:
                log.warning("another process has leased the job %s", job.id)

    async def _finish(self, job: LeasedJob, status: JobStatus, error: str | None = None) -> None:
        async with self._database.system_connection() as connection:
            await finish_job(connection, job, self._database.clock(), status, error)

    async def _release(self, job: LeasedJob, seconds: float, *, counts_attempt: bool = True) -> None:
        due_at = self._database.clock() + timedelta(seconds=seconds)
        async with self._database.system_connection() as connection:
            await release_job(connection, job, due_at, counts_attempt=counts_attempt)

    async def _watch(self) -> None:
        """Renew the leases of running jobs, and cancel those whose cancellation was requested."""
        renewed_at = self._database.clock()
        while True:
            await asyncio.sleep(self._poll)
            leases = {job.lease: task for task, job in self._running.items()}
            if not leases:
                continue
            try:
                now = self._database.clock()
                async with self._database.system_connection() as connection:
                    if now - renewed_at >= min(self._lease / 3, timedelta(seconds=10)):
                        await renew_leases(connection, now, leases, self._lease)
                        renewed_at = now
                    cancelled = await cancelled_leases(connection, leases)
                for lease in (cancelled & self._interruptible) - self._cancelled:
                    self._cancelled.add(lease)
                    leases[lease].cancel()
            except Unavailable as away:
                log.warning("renewing %d leases of jobs failed: %s", len(leases), away)
            except Exception:  # one failure must not end the renewals
                log.exception("renewing leases of jobs failed")

    async def _stop(self) -> None:
        """End what is running; everything up to its last batch is saved, and another process goes on from there."""
        tasks = dict(self._running)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for job in tasks.values():
            try:
                await self._release(job, 0.0, counts_attempt=False)
            except Unavailable:
                log.warning("the lease of the job %s could not be released and will expire", job.id)
