"""Rows derived from an object: words, tags. Only differences are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from domain.kernel.use_cases.unit_of_work import UnitOfWork


async def insert_rows(work: UnitOfWork, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert them with one statement, however many; none, when there are none."""
    if rows:
        await work.session.execute(insert(table), list(rows))


async def keys_of(work: UnitOfWork, column: Any, **owner: Any) -> set[str]:
    """The rows of an owner in a table, by ``column``."""
    table = column.class_
    found = select(column).where(table.store_id == work.store.number).filter_by(**owner)
    return set((await work.session.scalars(found)).all())


async def drop_keys(work: UnitOfWork, column: Any, keys: set[str], **owner: Any) -> None:
    """Delete the rows of an owner with these keys."""
    if keys:
        table = column.class_
        gone = delete(table).where(table.store_id == work.store.number, column.in_(sorted(keys))).filter_by(**owner)
        await work.session.execute(gone.execution_options(synchronize_session=False))


async def sync_rows(work: UnitOfWork, column: Any, rows: Sequence[Mapping[str, Any]], **owner: Any) -> None:
    """Replace the rows of an owner in a table by ``rows``, compared by ``column``."""
    found = await keys_of(work, column, **owner)
    await drop_keys(work, column, found - {row[column.key] for row in rows}, **owner)
    await insert_rows(work, column.class_, [row for row in rows if row[column.key] not in found])
