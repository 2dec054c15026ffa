"""Start and cancel jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.jobs.commands import CancelJob
from domain.jobs.kinds import may_see_job, require_control, require_start
from domain.jobs.model import Job, JobKind, JobStatus
from domain.jobs.signals import JobQueued
from domain.kernel.errors import NotFound
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A job to start."""

    kind: JobKind
    parameters: Mapping[str, Any]
    """``file_id``: the id of the uploaded file that it reads, if any; ``dry_run``: whether it only reports."""
    unit: str
    total: int | None = None
    """How many ``unit`` there are to do; None if not known."""
    scopes: tuple[str, ...] = ()
    """What the caller needed, of a job that is no import."""


async def queue_job(work: UnitOfWork, principal: Principal, request: JobRequest) -> Job:
    """Queue a job, which runs once the transaction is committed. Raises Forbidden without the scopes of its kind."""
    require_start(principal, request.kind)
    job = _new_job(work, principal, request)
    work.add(job)
    await work.flush()
    await work.emit(JobQueued())
    return job


def _new_job(work: UnitOfWork, principal: Principal, request: JobRequest) -> Job:
    return Job(
        store_id=work.store.number,
        id=new_id("job"),
        kind=request.kind,
        status=JobStatus.QUEUED,
        parameters=dict(request.parameters),
        done=0,
        total=request.total,
        unit=request.unit,
        file_id=request.parameters.get("file_id"),
        dry_run=request.parameters.get("dry_run", False),
        scopes=list(request.scopes),
        counts={},
        created_by=principal.credential,
        request_id=work.origin.request_id,
        due_at=work.now,
        attempt=0,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )


@use_case(None)
async def cancel_job(work: UnitOfWork, principal: Principal, command: CancelJob) -> Job:
    """Cancel a job: at once if it waits, otherwise as soon as the process that runs it notices.

    Raises NotFound, Forbidden (the caller may see it, but not start one like it), Conflict (it has finished).
    """
    job = await work.lock(Job, command.id, noun="job")
    if not may_see_job(principal, job):
        raise NotFound("job")
    require_control(principal, job.kind)
    job.cancel(work.now)
    await work.flush()
    return job
