"""Statistics of tables that have just grown: those that were analysed nearly empty, and no others."""

from __future__ import annotations

import asyncpg

from domain.kernel.database import OWNER_ROLE, SYSTEM_ROLE, plain_url
from domain.kernel.database.statistics import analyze_grown_tables

TEXT = "x" * 800
"""Ten rows of it fill a page."""


async def connected(url: str, role: str) -> asyncpg.Connection:
    """A connection of this role."""
    return await asyncpg.connect(plain_url(url), server_settings={"role": role})


async def fill(owner: asyncpg.Connection, name: str, rows: int) -> None:
    """Add rows to a table that autovacuum leaves alone; make it if it is not there."""
    await owner.execute(f"CREATE TABLE IF NOT EXISTS {name} (text text) WITH (autovacuum_enabled = false)")
    await owner.execute(f"INSERT INTO {name} SELECT '{TEXT}' FROM generate_series(1, {rows})")


async def analyzed_rows(owner: asyncpg.Connection, name: str) -> float:
    """The rows that the planner knows of; -1 if the table was never analysed."""
    rows: float = await owner.fetchval("SELECT reltuples FROM pg_class WHERE oid = $1::text::regclass", name)
    return rows


async def test_tables_are_analyzed_once_they_have_grown_tenfold(own_database_url: str) -> None:
    """Taken out: the factor (9 pages are analysed, or 200 again), ``relpages < 10`` (1,000 pages are analysed)."""
    owner, system = await connected(own_database_url, OWNER_ROLE), await connected(own_database_url, SYSTEM_ROLE)
    await fill(owner, "small", 80)
    await fill(owner, "grown", 120)
    await analyze_grown_tables(system)
    assert await analyzed_rows(owner, "small") == -1
    assert await analyzed_rows(owner, "grown") == 120
    await fill(owner, "small", 40)
    await fill(owner, "grown", 1_380)
    await analyze_grown_tables(system)
    assert await analyzed_rows(owner, "small") == 120
    assert await analyzed_rows(owner, "grown") == 120
    await owner.close()
    await system.close()


async def test_a_table_that_was_analyzed_nearly_empty_is_analyzed_again(own_database_url: str) -> None:
    owner, system = await connected(own_database_url, OWNER_ROLE), await connected(own_database_url, SYSTEM_ROLE)
    await fill(owner, "early", 20)
    await owner.execute("ANALYZE early")
    await fill(owner, "early", 60)
    await analyze_grown_tables(system)
    assert await analyzed_rows(owner, "early") == 20
    await fill(owner, "early", 200)
    await analyze_grown_tables(system)
    assert await analyzed_rows(owner, "early") == 280
    await owner.close()
    await system.close()


async def test_a_table_that_is_locked_is_skipped(own_database_url: str) -> None:
    """Taken out: SKIP_LOCKED (it waits until the statement times out)."""
    owner, system = await connected(own_database_url, OWNER_ROLE), await connected(own_database_url, SYSTEM_ROLE)
    await fill(owner, "locked", 200)
    await fill(owner, "other", 200)
    await system.execute("SET statement_timeout = '5s'")
    async with owner.transaction():
        await owner.execute("LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE")
        await analyze_grown_tables(system)
        assert await analyzed_rows(owner, "locked") == -1
        assert await analyzed_rows(owner, "other") == 200
    await owner.close()
    await system.close()
