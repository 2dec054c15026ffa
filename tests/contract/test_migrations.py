"""Migrations: up, down and up again with rows in place, from several processes at once, as an ordinary login."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Column, Connection, ForeignKeyConstraint, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from domain import access, catalog, customers, migrations
from domain.areas import all_tables
from domain.catalog.commands import CreateProduct, VariantInput
from domain.customers.commands import CreateCustomer
from domain.kernel.clock import system_clock
from domain.kernel.database import OWNER_ROLE, SYSTEM_ROLE, Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan
from domain.kernel.sql.tables import Base
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.embedded_postgres import EmbeddedPostgres
from tests.conftest import NewDatabase
from tests.contract.store_fixtures import sell

pytestmark = pytest.mark.both_servers

OURS = sorted(all_tables().of_stores | {"account"})


async def open_shop(url: str) -> dict[str, int]:
    """Use a migrated database as the gateway does: an account, a product, and what reads find of it."""
    database = Database(DatabaseOptions(url, reactions=SIGNAL_HANDLERS))
    await database.open()
    try:
        await database.check_roles()
        async with database.admin_transaction() as administration:
            stores = await access.create_account(
                administration, database.clock(), name=secrets.token_hex(4), plan=Plan.FREE, currency="GBP"
            )
        owner = access.system_principal(stores[Mode.LIVE])
        command = CreateProduct(
            name="Mug",
            sku="MUG",
            price=Money(1, "GBP"),
            categories=("a",),
            variants=(VariantInput(sku="M", inventory=9),),
        )
        async with database.transaction(owner) as work:
            product = await catalog.create_product(work, owner, command)
            jane = await customers.create_customer(work, owner, CreateCustomer(email="jane@example.com", tags=("a",)))
        await sell(database, owner, "M", jane.id)
        async with database.read_connection(owner.store) as reader:
            assert (await catalog.reads.product_by_id.for_key(reader, product.id)).name == "Mug"
            partition = await reader._connection.fetchval("SELECT tableoid::regclass::text FROM event")
        assert partition == f"event_{database.clock():%Y_%m}"
    finally:
        await database.close()
    return await rows(url)


async def rows(url: str) -> dict[str, int]:
    """How many rows each store's table holds, and how many accounts there are."""
    connection = await asyncpg.connect(url, server_settings={"role": SYSTEM_ROLE})
    try:
        return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in OURS}
    finally:
        await connection.close()


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        return {
            row[0]
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            )
        }
    finally:
        await connection.close()


async def test_a_filled_database_goes_down_to_nothing_and_up_again(new_database: NewDatabase) -> None:
    url = await new_database()
    await migrations.upgrade(url, system_clock())
    made = await tables(url)
    await open_shop(url)
    await migrations.downgrade(url, "base")
    assert await tables(url) == {"alembic_version", "alembic_version_pkc"}
    await migrations.upgrade(url, system_clock())
    assert await tables(url) == made
    assert set((await rows(url)).values()) == {0}
    await open_shop(url)


async def test_migrating_again_loses_nothing_and_makes_the_partitions_of_later_months(
    new_database: NewDatabase,
) -> None:
    url = await new_database()
    await migrations.upgrade(url, system_clock())
    before = await open_shop(url)
    await migrations.upgrade(url, datetime(2040, 11, 30, 23, 59, tzinfo=UTC))
    assert await rows(url) == before
    assert {"event_2040_11", "event_2040_12", "event_2041_01"} <= await tables(url)


async def test_what_fails_goes_on_failing(new_database: NewDatabase) -> None:
    url = await new_database()
    await migrations.upgrade(url, system_clock())
    await migrations.downgrade(url, "0010")
    since = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    connection = await asyncpg.connect(url, server_settings={"role": SYSTEM_ROLE})
    try:
        for id, failing_since in (("whk_1", since), ("whk_2", None)):
            await connection.execute(
                "INSERT INTO webhook VALUES (1, $1, 'https://a.example', '{*}', true, false, NULL, '', '', NULL, NULL, "
                "'key', '{}', $2, NULL, 1, now(), now())",
                *(id, failing_since),
            )
        await migrations.upgrade(url, system_clock())
        found = await connection.fetch("SELECT failing_since, last_failed_at FROM webhook ORDER BY id")
        assert [tuple(row) for row in found] == [(since, since), (None, None)]
    finally:
        await connection.close()


async def test_models_and_migrated_tables_agree(database_url: str) -> None:
    def compare(connection: Connection) -> list[Any]:
        partitions = {
            row[0]
            for row in connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
        }

        def ours(name: str | None, kind: str, _: Any) -> bool:
            return kind != "table" or name not in partitions

        options = {"include_name": ours, "compare_type": True, "compare_server_default": True}
        differences: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
        return differences

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(database_url, server_settings={"role": OWNER_ROLE}),
    )
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(compare) == []
    finally:
        await engine.dispose()


async def test_the_checks_of_models_and_migrated_tables_agree(database_url: str) -> None:
    """Alembic compares neither check constraints nor collations nor what a deletion cascades to."""
    connection = await asyncpg.connect(database_url)
    try:
        checks = await connection.fetch(
            "SELECT conname FROM pg_constraint JOIN pg_class c ON c.oid = conrelid "
            "WHERE contype = 'c' AND NOT c.relispartition"
        )
        collated = await connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND collation_name = 'C'"
        )
        cascades = await connection.fetch("SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'c'")
    finally:
        await connection.close()
    models = Base.metadata.tables.values()
    constraints = [constraint for table in models for constraint in table.constraints]
    named = {str(constraint.name) for constraint in constraints if isinstance(constraint, CheckConstraint)}
    foreign = [constraint for constraint in constraints if isinstance(constraint, ForeignKeyConstraint)]
    cascading = {str(constraint.name) for constraint in foreign if constraint.ondelete == "CASCADE"}
    keys = {(table.name, column.name) for table in models for column in table.columns if _collation(column) == "C"}
    assert {row[0] for row in checks} == named
    assert {row[0] for row in cascades} == cascading
    ours = {tuple(row) for row in collated if row[0] in Base.metadata.tables}
    assert ours == keys


def _collation(column: Column[Any]) -> str | None:
    return getattr(column.type, "collation", None)


async def test_two_migrations_at_once_both_succeed(new_database: NewDatabase) -> None:
    url = await new_database()
    await asyncio.gather(*(migrations.upgrade(url, system_clock()) for _ in range(3)))
    await open_shop(url)


async def test_a_database_at_another_revision_is_refused(new_database: NewDatabase) -> None:
    url = await new_database()

    async def check() -> None:
        connection = await asyncpg.connect(url)
        try:
            await migrations.check(connection)
        finally:
            await connection.close()

    with pytest.raises(migrations.OutdatedSchemaError, match="revision none"):
        await check()
    await migrations.upgrade(url, system_clock())
    await check()
    await migrations.downgrade(url, "0002")
    with pytest.raises(migrations.OutdatedSchemaError, match="revision 0002"):
        await check()


def test_the_newest_revision_is_the_head() -> None:
    """Alembic is asked here, and not by every process that starts."""
    assert migrations.newest_revision() == ScriptDirectory(str(migrations.HERE)).get_current_head()


async def test_a_database_that_is_up_to_date_is_not_migrated(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the comparison in ``upgrade``."""
    url = await new_database()
    await migrations.upgrade(url, system_clock())
    with monkeypatch.context() as patched:
        patched.delattr(migrations, "_alembic")
        await migrations.upgrade(url, system_clock())
    await migrations.downgrade(url, "0002")
    await migrations.upgrade(url, system_clock())
    assert "customer" in await tables(url)


async def test_a_migration_that_fails_says_so_and_leaves_nothing_half_done(new_database: NewDatabase) -> None:
    url = await new_database()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE product (in_the_way int)")
    await connection.close()
    with pytest.raises(migrations.MigrationError, match="product"):
        await migrations.upgrade(url, system_clock())
    assert await tables(url) == {"product"}
    with pytest.raises(migrations.MigrationError):
        await migrations.upgrade("postgresql://127.0.0.1:1/nowhere", system_clock())


@pytest.fixture
def empty_server() -> Iterator[str]:
    """A server that nobody used before; below a directory that the user PostgreSQL runs as can reach."""
    directory = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    directory.chmod(0o755)
    try:
        with EmbeddedPostgres(directory / "data") as url:
            yield url
    finally:
        shutil.rmtree(directory)


async def test_an_ordinary_login_makes_the_roles_of_a_new_server_even_from_two_databases_at_once(
    empty_server: str,
) -> None:
    server = await asyncpg.connect(empty_server)
    try:
        assert not await server.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert await server.fetch("SELECT FROM pg_roles WHERE rolname LIKE 'gateway\\_%'") == []
        names = [f"shop_{number}" for number in range(4)]
        for name in names:
            await server.execute(f"CREATE DATABASE {name}")
        urls = [make_url(empty_server).set(database=name).render_as_string(hide_password=False) for name in names]
        async with AsyncExitStack() as connections:
            opened = [await asyncpg.connect(url) for url in urls]
            for connection in opened:
                connections.push_async_callback(connection.close)
            await asyncio.gather(*(migrations._have_roles(connection, single_login=True) for connection in opened))
        for url in urls[:2]:
            await migrations.upgrade(url, system_clock())
            await open_shop(url)
    finally:
        await server.close()
