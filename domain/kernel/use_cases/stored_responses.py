"""Stored responses of idempotency keys: erased with the customers that they show, deleted after 24 hours."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from sqlalchemy import Text, any_, bindparam, func, literal_column, select, update

from domain.kernel.sql.executor import Executor, Row
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.use_cases.idempotency import ERASED_RESPONSE, RECORD_LIFETIME, IdempotencyRecord
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_record = IdempotencyRecord.__table__.c


async def erase_responses(work: UnitOfWork, person_id: str) -> None:
    """Erase the stored responses about a customer. The records stay: a repeat must not run the change again."""
    await work.session.execute(
        update(IdempotencyRecord)
        .where(
            IdempotencyRecord.store_id == work.store.number,
            IdempotencyRecord.people.contains([person_id]),
        )
        .values(answer=ERASED_RESPONSE)
        .execution_options(synchronize_session=False)
    )


_ABOUT = Statement(
    "stored_answers_about",
    select(_record.created_at)
    .where(
        _record.store_id == STORE,
        bindparam("person", type_=Text()) == any_(_record.people),
        func.octet_length(_record.answer) > literal_column("0"),
    )
    .order_by(_record.created_at),
)


async def answers_about(db: Executor, person_id: str) -> list[Row]:
    """The times at which responses were stored that may show a customer."""
    return await _ABOUT.rows(db, person=person_id)


DELETE_BATCH_SIZE = 5_000
"""Records per statement: a fraction of a second, far from the statement timeout."""
LOCK_TIMEOUT_MS = 500
"""Milliseconds to wait for a locked table."""
_FORGET_EXPIRED = """
DELETE FROM idempotency_record WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_record WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""


async def delete_expired(connection: asyncpg.Connection, now: datetime, most: int = DELETE_BATCH_SIZE) -> bool:
    """Delete the oldest expired records, at most ``most``. Returns whether there may be more.

    ``connection``: of the gateway's own role. Raises asyncpg.LockNotAvailableError.
    """
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS:d}")
        done: str = await connection.execute(_FORGET_EXPIRED, now - RECORD_LIFETIME, most)
    return done == f"DELETE {most}"
