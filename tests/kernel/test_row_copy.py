"""Many rows by COPY: the same rows as an INSERT writes, under row-level security, and gone with their transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from domain.kernel.database import Database
from domain.kernel.events import EventRow
from domain.kernel.ids import new_id
from domain.kernel.sql.row_copy import MIN_COPIED_ROWS, RowCopy
from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.use_cases.audit import AuditEntry
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from tests.conftest import Shop

_event, _entry = EventRow.__table__.c, AuditEntry.__table__.c
_COLUMNS = ("snapshot", "changed_fields", "request_id", "created_at", "position", "sequence")
EVENTS = Statement(
    "copied_events",
    select(*(_event[name] for name in _COLUMNS)).where(_event.store_id == STORE, _event.type == "test.copied"),
)
ENTRIES = Statement("copied_entries", select(_entry.details).where(_entry.store_id == STORE, _entry.action == "copied"))
INSERT, COPY = RowStatement.insert_into(EventRow), RowCopy(EventRow)
INSERT_ENTRY, COPY_ENTRY = RowStatement.insert_into(AuditEntry), RowCopy(AuditEntry)


def event(shop: Shop, number: int) -> dict[str, Any]:
    """A row with values that are easily written wrong."""
    return {
        "store_id": shop.live.store.number,
        "id": new_id("evt"),
        "position": None,
        "type": "test.copied",
        "object_id": "obj_x",
        "sequence": number,
        "snapshot": {"text": 'tab\tquote"back\\slash\nline', "none": None, "amount": 2**60, "list": [1.5, "\\N", "é"]},
        "changed_fields": ["a,b", 'c"d', "{}", "NULL"],
        "origin": "import",
        "actor": "system",
        "request_id": None,
        "created_at": datetime(2010, 12, 1, 8, 26, 0, 123_000, tzinfo=UTC),
    }


def entries(shop: Shop, count: int) -> list[dict[str, Any]]:
    """Entries of the audit log, with numbers from 0."""
    own = {"store_id": shop.live.store.number, "action": "copied", "actor": "system", "object_id": "obj_x"}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        {**own, "id": new_id("aud"), "details": {"number": number}, "request_id": None, "created_at": at}
        for number in range(count)
    ]


async def numbers(database: Database, shop: Shop) -> list[int]:
    """Those of the entries that are stored."""
    async with database.transaction(shop.live) as work:
        return sorted(row.details["number"] for row in await ENTRIES.rows(work.reader))


async def copy_and_fail(work: UnitOfWork, rows: list[dict[str, Any]]) -> None:
    await work.copy(INSERT_ENTRY, COPY_ENTRY, rows)
    raise LookupError


async def test_copied_rows_are_those_that_an_insert_writes(database: Database, shop: Shop) -> None:
    """Twice in one transaction, which is rolled back. Taken out: ``DROP TABLE`` (the second copy fails)."""
    found: list[Any] = []

    async def write_and_fail() -> None:
        async with database.transaction(shop.live) as work:
            await INSERT.each(work.reader, [event(shop, 0)])
            for first in (1, 1 + MIN_COPIED_ROWS):
                await work.copy(INSERT, COPY, [event(shop, first + number) for number in range(MIN_COPIED_ROWS)])
            found.extend(await EVENTS.rows(work.reader))
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    rows = sorted((tuple(getattr(row, name) for name in _COLUMNS) for row in found), key=lambda row: row[-1])
    assert [row[-1] for row in rows] == list(range(1 + 2 * MIN_COPIED_ROWS))
    assert {repr(row[:-1]) for row in rows} == {repr(rows[0][:-1])}


async def test_copied_rows_go_with_their_savepoint_or_transaction(database: Database, shop: Shop) -> None:
    async def fail_in_a_savepoint(work: UnitOfWork) -> None:
        async with work.savepoint():
            await copy_and_fail(work, entries(shop, MIN_COPIED_ROWS))

    async def fail_in_a_transaction() -> None:
        async with database.transaction(shop.live) as work:
            await copy_and_fail(work, entries(shop, MIN_COPIED_ROWS))

    async with database.transaction(shop.live) as work:
        with pytest.raises(LookupError):
            await fail_in_a_savepoint(work)
        await work.copy(INSERT_ENTRY, COPY_ENTRY, entries(shop, MIN_COPIED_ROWS))
    with pytest.raises(LookupError):
        await fail_in_a_transaction()
    assert await numbers(database, shop) == list(range(MIN_COPIED_ROWS))


async def test_rows_of_another_store_cannot_be_copied(database: Database, shop: Shop, other_shop: Shop) -> None:
    """Row-level security checks them on their way into the table."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(shop.live) as work:
            await work.copy(INSERT_ENTRY, COPY_ENTRY, entries(other_shop, MIN_COPIED_ROWS))
    assert await numbers(database, other_shop) == []


async def test_a_copied_row_without_a_column_is_refused(database: Database, shop: Shop) -> None:
    async with database.transaction(shop.live) as work:
        with pytest.raises(KeyError):
            await work.copy(INSERT_ENTRY, COPY_ENTRY, [{"store_id": work.store.number}] * MIN_COPIED_ROWS)
