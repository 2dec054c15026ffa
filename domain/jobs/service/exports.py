"""Start exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.events import EventType, area_of, resolve_types
from domain.jobs.commands import StartBulkExport, StartEventExport
from domain.jobs.exports.events import ALL_POSITIONS
from domain.jobs.kinds import held_scopes
from domain.jobs.model import Job, JobKind
from domain.jobs.operations import BulkOperations
from domain.jobs.service.jobs import JobRequest, queue_job
from domain.kernel.clock import EPOCH
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.event_log import read_position, require_retained
from domain.kernel.fields import UNSET, Unset
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

END_OF_TIME = datetime(9999, 12, 31, tzinfo=EPOCH.tzinfo)


@use_case(None)
async def start_bulk_export(work: UnitOfWork, principal: Principal, command: StartBulkExport) -> Job:
    """Queue a job that exports what a query selects.

    Raises Forbidden (a scope of the query), ValidationFailed (the query).
    """
    variables = {} if isinstance(command.variables, Unset) else command.variables
    needed = work.dependency(BulkOperations).queries.check(command.query, variables, principal)
    parameters = {"query": command.query, "variables": variables, "scopes": held_scopes(principal)}
    return await queue_job(work, principal, JobRequest(JobKind.BULK_EXPORT, parameters, "objects", scopes=needed))


@use_case(None)
async def start_event_export(work: UnitOfWork, principal: Principal, command: StartEventExport) -> Job:
    """Queue a job that exports a range of events.

    Raises Forbidden (a named type, or the scope of any), ValidationFailed (a range that ends before it begins),
    CursorExpired.
    """
    named = None if isinstance(command.types, Unset) else command.types
    types = resolve_types(principal, named)
    if not types:
        raise principal.lacks(*sorted({area_of(type).scope for type in EventType}), purpose=", to read any event")
    positions = await _positions(work, command)
    needed = tuple(sorted({area_of(type).scope for type in types}))
    parameters = {
        **positions,
        **_times(command),
        "types": [str(type) for type in types],
        "scopes": held_scopes(principal),
    }
    return await queue_job(work, principal, JobRequest(JobKind.EVENT_EXPORT, parameters, "events", scopes=needed))


async def _positions(work: UnitOfWork, command: StartEventExport) -> dict[str, Any]:
    """The positions of a range, from after the first to the second. Raises CursorExpired, ValidationFailed."""
    after = 0 if isinstance(command.after, Unset) else read_position(command.after)
    until = ALL_POSITIONS if isinstance(command.until, Unset) else read_position(command.until, "until")
    if command.after is not UNSET:
        await require_retained(work.reader, after)
    if until < after:
        raise ValidationFailed.of(("after",), ErrorCode.INVALID, "Must not be later than `until`.")
    return {"after": after, "until": until}


def _times(command: StartEventExport) -> dict[str, Any]:
    """Raises ValidationFailed."""
    created_from = EPOCH if isinstance(command.created_from, Unset) else command.created_from
    created_to = END_OF_TIME if isinstance(command.created_to, Unset) else command.created_to
    if created_to < created_from:
        raise ValidationFailed.of(("created_from",), ErrorCode.INVALID, "Must not be later than `created_to`.")
    return {"created_from": created_from.isoformat(), "created_to": created_to.isoformat()}
