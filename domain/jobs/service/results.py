"""Results of jobs: given to a job with a transaction, and removed with the erasure of a person that they may show.

A file cannot be searched for a person, and a part of it cannot be taken out. So every result of the store goes that
needed a scope of people. What is being written is compared when it is done: a result whose snapshot is older than an
erasure is written again. An advisory lock orders the two; without it, an erasure and the end of an export might each
see the store before the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text

from domain import customers
from domain.jobs.exports.export_file import ResultFile
from domain.kernel.sql.executor import Executor, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.use_cases.unit_of_work import Signal, UnitOfWork

ERASURE_LOCK_ID = 0x72657375
"""The first key of the advisory lock; the second is the number of the store."""
IMPERSONAL_SCOPES = ("products:read", "products:write", "inventory:read", "inventory:write")
"""Results that needed no others show nobody."""

_table = customers.Customer.__table__
_customer = _table.c
_ERASED = compile_select(
    select(func.count().label("count"))
    .select_from(_table)
    .where(_customer.store_id == STORE, _customer.status == str(customers.CustomerStatus.ERASED)),
    "erased_customers",
)
_LOCK_RESULTS = text("SELECT pg_advisory_xact_lock_shared(:lock, :store)")
_LOCK_ERASURES = text("SELECT pg_advisory_xact_lock(:lock, :store)")
_PERSONAL = text("""
SELECT result_file_id FROM job
WHERE store_id = :store AND result_file_id IS NOT NULL AND NOT scopes <@ CAST(:impersonal AS text[]) FOR UPDATE
""")
_REMOVE_RESULTS = text("""
UPDATE job SET result_file_id = NULL, result_bytes = NULL, version = version + 1, updated_at = :now
WHERE store_id = :store AND result_file_id = ANY (:files)
""")
_REMOVE_QUERIES = text("""
UPDATE job SET parameters = parameters - CAST('{query,variables,mutation}' AS text[])
WHERE store_id = :store AND finished_at IS NOT NULL AND NOT scopes <@ CAST(:impersonal AS text[])
""")
_BLANK_LINES = text("""
UPDATE bulk_mutation_line SET response = NULL WHERE store_id = :store AND people @> ARRAY[CAST(:person AS text)]
""")
_HAS_RESULT = text("UPDATE job SET result_file_id = :file, result_bytes = :bytes WHERE store_id = :store AND id = :job")


class ErasedMeanwhileError(Exception):
    """A person was erased after what the file shows was read: write it again."""


@dataclass(frozen=True, slots=True)
class ResultsErased(Signal):
    """Jobs have lost their results: the files are to be removed."""

    store: int
    file_ids: Sequence[str]


async def erase_results(work: UnitOfWork, person_id: str) -> None:
    """Take the results that may show people from their jobs, with the queries, which may name them; and blank the
    lines about this one.
    """
    store = work.store.number
    ours = {"store": store, "impersonal": list(IMPERSONAL_SCOPES)}
    await work.session.execute(_LOCK_ERASURES, {"lock": ERASURE_LOCK_ID, "store": store})
    files = list(await work.session.scalars(_PERSONAL, ours))
    await work.session.execute(_REMOVE_QUERIES, ours)
    await work.session.execute(_REMOVE_RESULTS, {"store": store, "files": files, "now": work.now})
    await work.session.execute(_BLANK_LINES, {"store": store, "person": person_id})
    if files:
        await work.emit(ResultsErased(store, files))


async def lock_results(work: UnitOfWork) -> None:
    """Wait for erasures of the store that are under way, and let others wait, until the transaction ends."""
    await work.session.execute(_LOCK_RESULTS, {"lock": ERASURE_LOCK_ID, "store": work.store.number})


async def count_erased(db: Executor) -> int:
    """How many customers were erased: it never falls, so two equal counts have no erasure between them."""
    (row,) = await db.rows(_ERASED, {})
    count: int = row.count
    return count


async def attach_result(work: UnitOfWork, job_id: str, file: ResultFile, erased: int) -> None:
    """Give a job its file, with the transaction. ``erased``: how many customers were erased before the file was begun.

    Raises ErasedMeanwhileError.
    """
    await lock_results(work)
    if await count_erased(work.reader) != erased:
        raise ErasedMeanwhileError
    values = {"file": file.id, "bytes": file.size, "store": work.store.number, "job": job_id}
    await work.session.execute(_HAS_RESULT, values)
