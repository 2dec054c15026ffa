"""Reads of jobs. Restricting them to what a caller may see is a filter: see ``check_job_filters``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, Text, bindparam, case, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.jobs.model import ImportReportPart, Job
from domain.kernel.listing import FilterClause, Listing
from domain.kernel.listing.filters import at_or_after, at_or_before, one_of
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import KEY_TEXT

_job, _part = Job.__table__.c, ImportReportPart.__table__.c

_RESULT_URL = case(
    (
        _job.result_file_id.is_not(None),
        literal_column("'/v2/jobs/'", Text) + _job.id + literal_column("'/result'", Text),
    )
).label("result_url")

_JOBS = select(
    _job.id,
    _job.kind,
    _job.status,
    _job.done,
    _job.total,
    _job.unit,
    _job.file_id,
    _job.dry_run,
    _job.scopes,
    _RESULT_URL,
    _job.result_bytes,
    _job.counts,
    _job.error,
    _job.created_by,
    _job.cancel_requested_at,
    _job.version,
    _job.created_at,
    _job.updated_at,
    _job.started_at,
    _job.finished_at,
)

_parts_of_job = (
    select(_part.first_line, _part.rows)
    .where(
        _part.store_id == STORE,
        _part.job_id == bindparam("job_id", type_=KEY_TEXT),
        _part.first_line > bindparam("after", type_=Integer()),
    )
    .order_by(_part.first_line)
    .limit(1)
)
_REPORT_PART = compile_select(_parts_of_job, "import_report_part")


_RESULT = compile_select(
    select(_job.result_file_id, _job.result_bytes).where(
        _job.store_id == STORE, _job.id == bindparam("job_id", type_=KEY_TEXT), _job.result_file_id.is_not(None)
    ),
    "job_result",
)


async def result_of_job(db: Executor, job_id: str) -> Row | None:
    """The id and the length of the file with the result of a job; None if it has none."""
    found = await db.rows(_RESULT, {"job_id": job_id})
    return found[0] if found else None


async def report_part(db: Executor, job_id: str, after: int) -> Row | None:
    """The first part of a report after the line ``after``; None at the end."""
    found = await db.rows(_REPORT_PART, {"job_id": job_id, "after": after})
    return found[0] if found else None


def _seen_with(statement: Select[Any]) -> Select[Any]:
    return statement.where(_job.scopes.contained_by(bindparam("scopes", type_=ARRAY(Text))))


_SEEN = FilterClause(_seen_with)

job_by_id = Read("job_by_id", _JOBS, scope=None, store=_job.store_id, key=_job.id)
jobs = Listing(
    "jobs",
    _JOBS,
    scope=None,
    store=_job.store_id,
    id=_job.id,
    sorts={"created_at": _job.created_at},
    filters={
        "kind": one_of("kind", _job.kind, ("created_at",), few=True),
        "status": one_of("status", _job.status, ("created_at",), few=True),
        "scopes": lambda scopes: (_SEEN, {"scopes": scopes}),
        "created_from": at_or_after("created_from", _job.created_at),
        "created_to": at_or_before("created_to", _job.created_at),
    },
)
