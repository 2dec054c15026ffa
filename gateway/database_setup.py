"""The database of this process: the configured one, otherwise the embedded one; checked or upgraded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from domain import migrations
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.embedded_postgres import EmbeddedPostgres, keep_running
from gateway.settings import Settings


class DatabaseNotReadyError(Exception):
    """The database is reachable but not usable as it is; the message says what to do."""


def database_options(settings: Settings, url: str) -> DatabaseOptions:
    """How the gateway uses the database at ``url``."""
    system_url, replica_url = settings.database_system_url, settings.database_replica_url
    return DatabaseOptions(
        url=url,
        replica_url=None if replica_url is None else replica_url.get_secret_value(),
        replica_max_lag=settings.database_replica_max_lag,
        system_url=None if system_url is None else system_url.get_secret_value(),
        read_connections=settings.database_connections,
        write_connections=settings.database_connections,
        system_connections=settings.database_system_connections,
        storefront_connections=settings.database_storefront_connections,
        identity_connections=settings.database_identity_connections,
        reactions=SIGNAL_HANDLERS,
    )


@contextmanager
def database_url(settings: Settings, *, keeps_running: bool = False) -> Generator[str]:
    """The database's URL; the embedded server runs at least as long as this context.

    ``keeps_running``: whether one that dies is started again, for processes that stay.

    Blocks about a second when the embedded server has to start. Raises EmbeddedPostgresError.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    server = EmbeddedPostgres(settings.data_dir)
    with keep_running(server) if keeps_running else server as url:
        yield url


async def migrate(settings: Settings, url: str) -> None:
    """Bring the database to this version's revision. Raises MigrationError."""
    owner = settings.database_owner_url
    await migrations.upgrade(url, system_clock(), None if owner is None else owner.get_secret_value())


async def prepare(settings: Settings, url: str) -> None:
    """See that the database can be served from: the embedded one is migrated, another one only checked.

    Raises CannotServeError when its tables are of another version, RoleError when the roles are not as they must be,
    MigrationError, Unavailable.
    """
    if settings.database_url is None:
        await migrate(settings, url)
    database = Database(database_options(settings, url))
    await database.open()
    try:
        await database.check_roles()
        async with database.system_connection() as connection:
            await migrations.check(connection)
    except migrations.OutdatedSchemaError as error:
        raise DatabaseNotReadyError(f"{error}; run `gateway migrate` first") from error
    finally:
        await database.close()


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[Database]:
    """A prepared and open database, for one command of the CLI; a server may be running on it."""
    with database_url(settings) as url:
        await prepare(settings, url)
        database = Database(database_options(settings, url))
        await database.open()
        try:
            yield database
        finally:
            await database.close()


def run_prepare(settings: Settings, url: str) -> None:
    """As ``prepare``, before there is an event loop."""
    asyncio.run(prepare(settings, url))
