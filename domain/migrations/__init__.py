"""Bringing a database to the tables this version needs: roles first, then Alembic's revisions, as the owner.

``upgrade`` is what ``gateway migrate`` runs. It needs a login that may create roles (or finds them there) and that is
a member of all three; where owner and system have logins of their own, only the owner's is used here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from domain.areas import all_tables
from domain.kernel.database import (
    APP_ROLE,
    OWNER_ROLE,
    STOREFRONT_ROLE,
    STOREFRONT_SCHEMA,
    SYSTEM_ROLE,
    plain_url,
)
from domain.kernel.database.partitions import make_partitions

HERE = Path(__file__).parent
MIGRATION_LOCK_ID = 7_264_830_115
"""The advisory lock that lets one migration run at a time."""
ROLE_ATTEMPTS = 20
"""To make the roles while other databases of the server do."""


class MigrationError(Exception):
    """The database could not be brought up to date; the message says what it answered."""


class OutdatedSchemaError(Exception):
    """The database is at another revision than this version of the gateway needs."""


async def upgrade(url: str, now: datetime, owner_url: str | None = None) -> None:
    """Make the roles and bring the database to the newest revision; nothing to do is quick.

    ``now``: the instant from which partitions are made ahead. Raises MigrationError.
    """
    try:
        async with _locked(url, owner_url) as connection:
            await connection.execute(f"SET ROLE {SYSTEM_ROLE}")
            if await _readable_revision(connection) != newest_revision():
                await _alembic(owner_url or url, "upgrade", "head")
            await make_partitions(connection, now, all_tables().partitioned)
    except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
        raise MigrationError(f"the database could not be migrated: {error}") from error


async def downgrade(url: str, revision: str, owner_url: str | None = None) -> None:
    """Go back to ``revision`` (``base`` removes every table)."""
    async with _locked(url, owner_url):
        await _alembic(owner_url or url, "downgrade", revision)


async def check(connection: asyncpg.Connection) -> None:
    """Raises OutdatedSchemaError unless the database is at this version's revision."""
    found, wanted = await _revision(connection), newest_revision()
    if found != wanted:
        raise OutdatedSchemaError(f"the database is at revision {found or 'none'}, this gateway needs {wanted}")


@cache
def newest_revision() -> str:
    """The revision that this version needs: the highest number of a file. Alembic would load all of them to find it."""
    return max(path.name[:4] for path in (HERE / "versions").glob("[0-9]*.py"))


async def _revision(connection: asyncpg.Connection) -> str | None:
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return found


async def _readable_revision(connection: asyncpg.Connection) -> str | None:
    """The revision; None, too, where the role may not see it, as below the first."""
    try:
        return await _revision(connection)
    except asyncpg.InsufficientPrivilegeError:
        return None


@asynccontextmanager
async def _locked(url: str, owner_url: str | None) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(plain_url(url))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK_ID)
        await _have_roles(connection, single_login=owner_url is None)
        yield connection
    finally:
        await connection.close()


async def _have_roles(connection: asyncpg.Connection, *, single_login: bool) -> None:
    """Roles belong to the whole server, but a lock to one database: another one may be making them at this moment."""
    for _ in range(ROLE_ATTEMPTS):
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError, asyncpg.InternalServerError):
            return await _make_roles(connection, single_login=single_login)
    return await _make_roles(connection, single_login=single_login)


async def _make_roles(connection: asyncpg.Connection, *, single_login: bool) -> None:
    """The roles, where missing, and the login's membership in them; and the schema of the storefront's views."""
    for role in (OWNER_ROLE, APP_ROLE, SYSTEM_ROLE, STOREFRONT_ROLE):
        if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await connection.execute(f"CREATE ROLE {role} NOLOGIN")
        if single_login and not await connection.fetchval("SELECT pg_has_role($1, 'MEMBER')", role):
            await connection.execute(f"GRANT {role} TO CURRENT_USER")
    if not await connection.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", OWNER_ROLE):
        await connection.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER_ROLE}")
    await connection.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}, {SYSTEM_ROLE}, {STOREFRONT_ROLE}")
    if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", STOREFRONT_SCHEMA):
        await connection.execute(f"CREATE SCHEMA {STOREFRONT_SCHEMA}")
        await connection.execute(f"GRANT USAGE, CREATE ON SCHEMA {STOREFRONT_SCHEMA} TO {OWNER_ROLE}")
        await connection.execute(f"GRANT USAGE ON SCHEMA {STOREFRONT_SCHEMA} TO {STOREFRONT_ROLE}")


async def _alembic(url: str, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    """Run an Alembic command on a connection of the owner."""
    from alembic import command  # noqa: PLC0415 - 100 modules and 11 MB, and a database that is up to date needs none
    from alembic.config import Config  # noqa: PLC0415 - as above

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(plain_url(url), server_settings={"role": OWNER_ROLE, "timezone": "UTC"})

    def with_connection(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(HERE))
        run(config, revision)

    run = command.upgrade if direction == "upgrade" else command.downgrade
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(with_connection)
    finally:
        await engine.dispose()
