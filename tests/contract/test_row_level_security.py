"""The second wall: with the filter of the store left out on purpose, no row of another store is seen or touched."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from domain import access, analytics, catalog, customers, inventory
from domain.access.commands import CreateApiKey
from domain.access.model import ApiKeyAddress
from domain.analytics.fold.summed_spans import SPANS
from domain.areas import all_tables
from domain.catalog.commands import CreateProduct, ImageInput, VariantInput
from domain.customers.commands import CreateCustomer, CustomerAddressInput
from domain.inventory.model import InventoryAlert
from domain.kernel.crypto import Keyring
from domain.kernel.database import (
    APP_ROLE,
    OWNER_ROLE,
    SYSTEM_ROLE,
    Database,
    DatabaseOptions,
    RoleError,
)
from domain.kernel.database.connections import open_pool
from domain.kernel.database.pool import ReadPool
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.idempotency import IdempotentRequest, StoredResponse
from tests.conftest import MakeProduct, Shop, open_shop
from tests.contract.document_fixtures import trust
from tests.contract.job_fixtures import queue
from tests.contract.oauth_fixtures import authorize
from tests.contract.outbound_fixtures import attempt
from tests.contract.payment_fixtures import charge
from tests.contract.shipping_fixtures import send
from tests.contract.store_fixtures import sell
from tests.contract.webhook_fixtures import hook

pytestmark = pytest.mark.both_servers

TABLES = sorted(all_tables().of_stores)
WITHOUT_STORE = all_tables().without_store | {"alembic_version"}
APPEND_ONLY = sorted(all_tables().append_only)
READ_ONLY = sorted(all_tables().read_only)


def store_column(table: str) -> str:
    """The column that says whose a row is."""
    return "number" if table == "store" else "store_id"


@pytest.fixture(scope="module")
async def both(database: Database) -> tuple[int, int]:
    """Two stores with rows in every table. Each test rolls back what it does to them."""
    stores = [(await open_shop(database, f"Wall {secrets.token_hex(6)}")).live for _ in range(2)]
    views = analytics.ProductViews(database)
    for principal in stores:
        product, customer = await _create(database, principal)
        sold = await sell(database, principal, "A", customer.id)
        await charge(database, principal, sold["ord"], sold["item"], customer.id)
        await send(database, principal, customer.id)
        await run_low(database, principal, product)
        await hook(database, principal)
        await queue(database, principal)
        await trust(database, principal)
        await attempt(database, principal)
        await authorize(database, principal)
        views.count(analytics.ProductViewed(principal.store.number, product.id, database.clock()))
        await views.flush()
        await analytics.start_rebuild(database, principal.store.number)
        while await analytics.rebuild_batch(database, principal.store.number):
            pass
        await sum_last_month(database, principal.store.number)
    return stores[0].store.number, stores[1].store.number


async def _create(database: Database, principal: Principal) -> tuple[catalog.Product, customers.Customer]:
    """A product with a variant, a picture, a category and a tag; a customer with an address; a key that was used, and a
    response that is kept."""
    async with database.transaction(principal) as work:
        product = CreateProduct(
            name="Red mug",
            sku="MUG",
            price=Money(500, "GBP"),
            categories=("a",),
            tags=("b",),
            images=(ImageInput(url="https://x/1"),),
            variants=(VariantInput(sku="A", inventory=7),),
        )
        made = await catalog.create_product(work, principal, product)
        address = CustomerAddressInput(line1="1", city="Leeds", country="GB")
        customer = CreateCustomer(email="jane@example.com", first_name="Jane", tags=("a",), addresses=(address,))
        bought = await customers.create_customer(work, principal, customer)
        issued = await access.create_key(work, principal, CreateApiKey(name="x", scopes=("all",)))
        known = {"store_id": principal.store.number, "id": new_id("kad"), "created_at": work.now}
        work.add(ApiKeyAddress(key_id=issued.id, address="203.0.113.1", **known))
        keyring = Keyring({"k1": b"k" * 32})
        await IdempotentRequest(work, keyring, "key", b"request").store(StoredResponse(200, {}, b"{}"))
    return made, bought


async def sum_last_month(database: Database, store: int) -> None:
    """Make the sales those of a month ago, give an order two products without a category, sum that day and that month,
    and mark them again."""
    async with database.system_connection() as connection:
        await connection.execute(
            """INSERT INTO sale_line (store_id, order_no, line_no, at, product_no, customer_no, country, quantity,
                returned, net, refunded, cost, first_in_order, first_of_product, cancelled, paid)
            SELECT store_id, order_no, other, at, other, customer_no, country, 1, 0, 1, 0, 1, false, true, false, paid
            FROM sale_line CROSS JOIN generate_series(100, 101) AS other WHERE store_id = $1 AND first_in_order""",
            store,
        )
        await connection.execute("UPDATE sale_line SET at = at - interval '31 days' WHERE store_id = $1", store)
        for spans in SPANS:
            await spans.mark_all(connection, store)
    while await analytics.sum_stale_spans(database):
        pass
    async with database.system_connection() as connection:
        for spans in SPANS:
            await spans.mark_all(connection, store)


async def run_low(database: Database, principal: Principal, product: catalog.Product) -> None:
    """Reserve the last of a product that has an alert with a reorder quantity."""
    variant = product.variants[0].id
    async with database.transaction(principal) as work:
        work.add(
            InventoryAlert(
                store_id=principal.store.number,
                id=new_id("alert"),
                product_id=product.id,
                variant_id=variant,
                warehouse_id=None,
                threshold=2,
                reorder_quantity=5,
                version=1,
                created_at=work.now,
                updated_at=work.now,
            )
        )
        await work.flush()
        await inventory.reserve(work, [inventory.ReservationRequest("item_1", product.id, variant, 3, ())], None)


@asynccontextmanager
async def connected(url: str, role: str | None, store: int | None) -> AsyncGenerator[asyncpg.Connection]:
    """A bare connection in a transaction that is rolled back."""
    settings = {} if role is None else {"role": role}
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        transaction = connection.transaction()
        await transaction.start()
        if store is not None:
            await connection.execute("SELECT set_config('app.store_id', $1, true)", str(store))
        yield connection
        await transaction.rollback()
    finally:
        await connection.close()


async def written_columns(connection: asyncpg.Connection, table: str) -> str:
    """The columns of a table that are not worked out by the database itself."""
    names = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attgenerated = ''", table
    )
    return ", ".join(name["attname"] for name in names)


async def tables_of(connection: asyncpg.Connection) -> dict[str, Any]:
    """Every table of the database except partitions, and whether row-level security is on."""
    rows = await connection.fetch(
        "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p') AND NOT relispartition"
    )
    return {row["relname"]: row["relrowsecurity"] for row in rows}


async def test_every_table_is_of_a_store_and_behind_the_wall_or_on_the_written_list(database_url: str) -> None:
    async with connected(database_url, None, None) as connection:
        assert await tables_of(connection) == {name: name not in WITHOUT_STORE for name in (*TABLES, *WITHOUT_STORE)}
        rows = await connection.fetch(
            "SELECT tablename, policyname, roles::text[], permissive, cmd, qual, with_check FROM pg_policies"
        )
    found: dict[str, list[tuple[str, ...]]] = {name: [] for name in TABLES}
    for row in rows:
        assert (row["permissive"], row["cmd"], row["qual"]) == ("PERMISSIVE", "ALL", row["with_check"])
        found[row["tablename"]].append((row["policyname"], *row["roles"], row["qual"]))
    for table, policies in found.items():
        mine = f"({store_column(table)} = (current_setting('app.store_id'::text))::integer)"
        assert sorted(policies) == [("every_store", SYSTEM_ROLE, "true"), ("own_store", APP_ROLE, mine)]


@pytest.mark.parametrize("table", TABLES)
async def test_without_a_filter_only_rows_of_the_stores_own_are_read(
    database_url: str, both: tuple[int, int], table: str
) -> None:
    mine, theirs = both
    async with connected(database_url, SYSTEM_ROLE, None) as connection:
        rows = await connection.fetch(f"SELECT * FROM {table}")
        assert {mine, theirs} <= {row[store_column(table)] for row in rows}
    async with connected(database_url, APP_ROLE, mine) as connection:
        rows = await connection.fetch(f"SELECT * FROM {table}")
        assert {row[store_column(table)] for row in rows} == {mine}


@pytest.mark.parametrize("table", [table for table in TABLES if table not in {*APPEND_ONLY, *READ_ONLY}])
async def test_without_a_filter_only_rows_of_the_stores_own_are_changed_or_deleted(
    database_url: str, both: tuple[int, int], table: str
) -> None:
    mine, theirs = both
    async with connected(database_url, SYSTEM_ROLE, None) as connection:
        own = await connection.fetchval(f"SELECT count(*) FROM {table} WHERE store_id = $1", mine)
    async with connected(database_url, APP_ROLE, mine) as connection:
        assert await connection.execute(f"UPDATE {table} SET store_id = store_id") == f"UPDATE {own}"
        assert (
            await connection.execute(f"UPDATE {table} SET store_id = store_id WHERE store_id = {theirs}") == "UPDATE 0"
        )
        assert await connection.execute(f"DELETE FROM {table} WHERE store_id = {theirs}") == "DELETE 0"


@pytest.mark.parametrize("table", [table for table in TABLES if table not in READ_ONLY])
async def test_no_row_is_made_for_another_store_or_given_to_it(
    database_url: str, both: tuple[int, int], table: str
) -> None:
    mine, theirs = both
    async with connected(database_url, APP_ROLE, mine) as connection:
        columns = await written_columns(connection, table)
        await connection.execute(f"CREATE TEMP TABLE copied AS SELECT {columns} FROM {table} LIMIT 1")
        await connection.execute(f"UPDATE copied SET store_id = {theirs}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(f"INSERT INTO {table} ({columns}) SELECT * FROM copied")
    if table not in APPEND_ONLY:
        async with connected(database_url, APP_ROLE, mine) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(f"UPDATE {table} SET store_id = {theirs}")


@pytest.mark.parametrize("table", TABLES)
async def test_with_no_store_set_every_statement_fails(database_url: str, both: tuple[int, int], table: str) -> None:
    statements = [f"SELECT * FROM {table}", f"SELECT count(*) FROM {table}"]
    if table not in {*APPEND_ONLY, *READ_ONLY}:
        statements += [f"UPDATE {table} SET store_id = store_id", f"DELETE FROM {table}"]
    for statement in statements:
        async with connected(database_url, APP_ROLE, None) as connection:
            with pytest.raises(asyncpg.UndefinedObjectError, match=r"app\.store_id"):
                await connection.execute(statement)


async def test_a_store_set_for_one_transaction_is_not_there_in_the_next(
    database_url: str, both: tuple[int, int]
) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": APP_ROLE})
    try:
        await connection.execute(f"BEGIN; SET LOCAL app.store_id = {both[0]}; SELECT * FROM product; COMMIT")
        with pytest.raises(asyncpg.InvalidTextRepresentationError):  # by now it is the empty text
            await connection.execute("SELECT * FROM product")
    finally:
        await connection.close()


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_is_written_once_is_never_altered(database_url: str, both: tuple[int, int], table: str) -> None:
    for statement in (f"UPDATE {table} SET created_at = now()", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        async with connected(database_url, APP_ROLE, both[0]) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM account",
        "INSERT INTO account VALUES ('a', 'a', 'a', 'free', now(), now())",
        "SELECT * FROM account_user",
        "SELECT * FROM user_invitation",
        "SELECT * FROM user_session",
        "SELECT * FROM alembic_version",
        "SELECT * FROM event_default",
        "INSERT INTO store (id, account_id, mode, currency, created_at) VALUES ('a', 'a', 'live', 'GBP', now())",
        "UPDATE store SET currency = 'USD'",
        "DELETE FROM store",
        "TRUNCATE product CASCADE",
        "ALTER TABLE product DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_store ON product",
        "CREATE TABLE mine (a int)",
        "SELECT gateway_make_partition('event', 'event_1999_01', 'evt_0', 'evt_1')",
        "SELECT gateway_drop_partition('event', 'event_1999_01')",
        "SELECT gateway_analyze_grown_tables()",
    ],
)
async def test_the_application_may_not(database_url: str, both: tuple[int, int], statement: str) -> None:
    async with connected(database_url, APP_ROLE, both[0]) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_a_store_redacts_its_own_events_and_no_others(database_url: str, both: tuple[int, int]) -> None:
    mine, theirs = both
    redact = 'SELECT gateway_redact_events($1, \'{"email": "email", "name": "text"}\')'
    named = "SELECT count(*) FROM event WHERE store_id = $1 AND snapshot->>'email' LIKE '%@erased.invalid'"
    async with connected(database_url, SYSTEM_ROLE, None) as connection:
        objects = dict(
            await connection.fetch(
                "SELECT store_id, max(object_id) FROM event WHERE type = 'customer.created' GROUP BY store_id"
            )
        )
    async with connected(database_url, APP_ROLE, mine) as connection:
        await connection.execute(redact, [objects[mine], objects[theirs]])
        assert await connection.fetchval(named, mine) == 1
        await connection.execute("SELECT set_config('app.store_id', $1, true)", str(theirs))
        assert await connection.fetchval(named, theirs) == 0
    async with connected(database_url, APP_ROLE, None) as connection:
        with pytest.raises(asyncpg.UndefinedObjectError, match=r"app\.store_id"):
            await connection.execute(redact, [objects[mine]])


async def test_no_partition_can_be_read_past_the_wall_of_its_parent(database_url: str, both: tuple[int, int]) -> None:
    async with connected(database_url, APP_ROLE, both[0]) as connection:
        names = await connection.fetch("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    assert len(names) >= 4  # this month, two ahead, and the default
    for name in names:
        async with connected(database_url, APP_ROLE, both[0]) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SELECT * FROM {name['relname']}")


@pytest.mark.parametrize("role", [APP_ROLE, SYSTEM_ROLE])
async def test_no_running_process_owns_a_table_or_is_above_the_wall(database_url: str, role: str) -> None:
    async with connected(database_url, None, None) as connection:
        row = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = $1", role
        )
        assert tuple(row) == (False, False, False, False)
        owners = await connection.fetch("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert [owner[0] for owner in owners] == [OWNER_ROLE]


async def test_the_gateway_starts_with_its_own_roles(database: Database) -> None:
    await database.check_roles()


async def test_the_gateway_refuses_to_start_as_somebody_above_the_wall(database_url: str) -> None:
    """The owner of the tables on every server, and where the login is a superuser, that one too."""
    async with connected(database_url, None, None) as connection:
        login = await connection.fetchrow("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
    for role in [OWNER_ROLE, *([login["rolname"]] if login["rolsuper"] else [])]:
        options = DatabaseOptions(database_url)
        database = Database(options)
        database._reads = ReadPool(await open_pool(options, database_url, role, 1))
        database._system = await open_pool(options, database_url, SYSTEM_ROLE, 1)
        try:
            with pytest.raises(RoleError, match=role):
                await database.check_roles()
        finally:
            await database.close()


async def test_ids_of_another_store_are_not_found_by_any_use_case_or_read(
    database: Database, shop: Shop, other_shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product(other_shop.live)
    async with database.read_connection(shop.live.store) as reader:
        assert await catalog.reads.product_by_id.for_key(reader, product.id) is None
        assert await catalog.reads.variants_by_product.for_key(reader, product.id) == []
    stranger = Principal(shop.live.store, shop.live.scopes, "key_1")
    async with database.transaction(stranger) as work:
        with pytest.raises(Exception, match="Product not found"):
            await work.lock(catalog.Product, product.id, noun="product")
