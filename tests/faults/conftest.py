"""A PostgreSQL and a Redis of the test's own, and a shop in that database."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain import access, migrations
from domain.access.commands import CreateApiKey
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Mode, Plan, Principal
from domain.signal_handlers import SIGNAL_HANDLERS
from tests.faults.own_servers import OwnPostgres, OwnRedis


@dataclass(frozen=True, slots=True)
class OwnShop:
    """A store in a database that may die: who may do everything there, and a key of every scope."""

    database: Database
    owner: Principal
    key: str


@contextmanager
def open_directory() -> Generator[Path]:
    """A directory that every user can reach: root runs PostgreSQL as one that pytest's own are closed to."""
    path = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def open_dir() -> Generator[Path]:
    """A directory of this test's own that every user can reach."""
    with open_directory() as path:
        yield path


@pytest.fixture(scope="session")
async def migrated_dir() -> AsyncGenerator[Path]:
    """The data directory of a PostgreSQL that was migrated and stopped: copying takes an eighth of making another."""
    with open_directory() as path:
        postgres = OwnPostgres(path / "data")
        try:
            await postgres.start()
            await migrations.upgrade(postgres.url, system_clock())
        finally:
            await postgres.stop()
        yield path / "data"


@pytest.fixture
async def own_postgres(open_dir: Path, migrated_dir: Path) -> AsyncGenerator[OwnPostgres]:
    """Running and migrated, and empty otherwise."""
    await asyncio.to_thread(subprocess.run, ["cp", "-a", migrated_dir, open_dir / "data"], check=True)
    postgres = OwnPostgres(open_dir / "data")
    try:
        await postgres.start()
        yield postgres
    finally:
        await postgres.kill()
        await postgres.stop()


@pytest.fixture
async def own_redis() -> AsyncGenerator[OwnRedis]:
    """Running."""
    redis = OwnRedis()
    await redis.start()
    yield redis
    await redis.kill()


@pytest.fixture
async def own_shop(own_postgres: OwnPostgres) -> AsyncGenerator[OwnShop]:
    """The only one there."""
    database = Database(DatabaseOptions(own_postgres.url, reactions=SIGNAL_HANDLERS))
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Shop", plan=Plan.ENTERPRISE, currency="GBP"
        )
    owner = access.system_principal(stores[Mode.LIVE])
    async with database.transaction(owner) as work:
        issued = await access.create_key(work, owner, CreateApiKey(name="test", scopes=("all",)))
    yield OwnShop(database, owner, issued.secret)
    await database.close()
