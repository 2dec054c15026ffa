"""The lines of a bulk mutation that were executed: each is committed with what it has changed, so none is run twice."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from sqlalchemy import Integer, bindparam, delete, select

from domain.jobs.model import BulkMutationLine
from domain.kernel.sql.executor import Executor, compile_select
from domain.kernel.sql.statements import STORE, RowStatement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork

ERASED_LINE = b'"erased":true}'
"""Stands for a response about a customer who was erased."""
BATCH_SIZE = 100
"""Lines that are read at a time."""


_line = BulkMutationLine.__table__.c
_LINES = RowStatement.insert_into(BulkMutationLine)
_JOB_ID: Any = bindparam("job_id", type_=KEY_TEXT)
_BATCH = compile_select(
    select(_line.line, _line.response)
    .where(_line.store_id == STORE, _line.job_id == _JOB_ID, _line.line > bindparam("after", type_=Integer()))
    .order_by(_line.line)
    .limit(BATCH_SIZE),
    "bulk_mutation_lines",
)


def append_line(work: UnitOfWork, job_id: str, line: int, response: bytes) -> None:
    """Write the response to a line with the next message that writes."""
    row = {
        "store_id": work.store.number,
        "job_id": job_id,
        "line": line,
        "response": response,
        "people": sorted(work.people),
    }
    work.append(_LINES, row)


async def result_lines(db: Executor, job_id: str) -> AsyncGenerator[bytes]:
    """The lines of the result, in the order of the file: the response with the number of its line."""
    after = 0
    while rows := await db.rows(_BATCH, {"job_id": job_id, "after": after}):
        for row in rows:
            rest = ERASED_LINE if row.response is None else row.response.removeprefix(b"{")
            yield b'{"line":%d,%b' % (row.line, rest)
        after = rows[-1].line


async def forget_lines(work: UnitOfWork, job_id: str) -> None:
    """Remove the lines of a job."""
    lines = BulkMutationLine
    await work.session.execute(delete(lines).where(lines.store_id == work.store.number, lines.job_id == job_id))
