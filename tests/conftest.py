"""What every test may ask for: a database of this run's own, a shop in it, and clients of the real application.

The server is the one in ``GATEWAY_TEST_DATABASE_URL``, else the embedded PostgreSQL. Each run (and each worker of a
parallel run) makes its own database there and drops it. Each test gets an account of its own, so no test sees
another's rows.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from sqlalchemy import make_url

import tests.examples  # noqa: F401 - chooses the profile of random tests
from domain import access, analytics, catalog, customers, migrations, webhooks
from domain.access.commands import CreateApiKey
from domain.catalog.commands import CreateProduct
from domain.customers.commands import CreateCustomer
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog, Sequencer
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan, Principal
from domain.kernel.use_cases.registry import use_case_of
from domain.kernel.use_cases.unit_of_work import EventsWritten
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.document_services import GraphQLDocumentValidator
from gateway.embedded_postgres import EmbeddedPostgres, default_data_dir
from gateway.execution import StrawberryEngine
from gateway.settings import Settings
from gateway.webhooks import GraphQLPayloadRunner
from tests.in_process_client import InProcessClient
from tests.redis_server import free_port, running_redis
from tests.scheduling import (  # noqa: F401 - hooks
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_xdist_make_scheduler,
)
from tests.shared_pools import shared_database
from tests.store_copies import StoreCopies, TemplateStores

Do = Callable[..., Awaitable[Any]]
MakeProduct = Callable[..., Awaitable[catalog.Product]]
MakeCustomer = Callable[..., Awaitable[customers.Customer]]
MakeKey = Callable[..., Awaitable[str]]
Ask = Callable[..., Awaitable[httpx.Response]]
Graph = Callable[..., Awaitable[Any]]
NewDatabase = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Shop:
    """An account of one test: whoever may do everything, in each of its stores."""

    live: Principal
    test: Principal


@dataclass(frozen=True, slots=True)
class Client:
    """An HTTP client that sends one API key."""

    http: httpx.AsyncClient
    key: str

    async def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, such as ``await rest("GET", "/v2/products")``."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **options)


@pytest.fixture(scope="session")
def server_url() -> Generator[str]:
    """A PostgreSQL server: the one pointed at, else the embedded one."""
    given = os.environ.get("GATEWAY_TEST_DATABASE_URL")
    if given:
        yield given
        return
    as_root = os.geteuid() == 0
    directory = default_data_dir(as_root).with_name("commerce-gateway-tests") if as_root else Path(".data/tests")
    with EmbeddedPostgres(directory) as url:
        yield url


async def drop_database(server: asyncpg.Connection, name: str) -> None:
    """Drop a database, whoever is in it.

    WITH (FORCE) is refused to a login that is no superuser while autovacuum is at work there. A plain DROP ends
    autovacuum by itself, and waits five seconds for connections that are being ended.
    """
    await server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'",
        name,
    )
    await server.execute(f"DROP DATABASE {name}")


@asynccontextmanager
async def created_database(server_url: str, template: str | None = None) -> AsyncGenerator[str]:
    """A database, dropped at the end; empty, or a copy of the database ``template``. Answers its URL."""
    name = f"gateway_test_{secrets.token_hex(6)}"
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    await server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        await drop_database(server, name)
        await server.close()


@pytest.fixture(scope="session")
async def migrated_template(server_url: str) -> AsyncGenerator[str]:
    """The name of a migrated database that nothing is connected to. Copying it takes a fifth of migrating another."""
    async with created_database(server_url) as url:
        await migrations.upgrade(url, system_clock())
        name = make_url(url).database
        assert name is not None
        yield name


@pytest.fixture(scope="session")
async def database_url(server_url: str, migrated_template: str) -> AsyncGenerator[str]:
    """A migrated database of this run, dropped at its end."""
    async with created_database(server_url, migrated_template) as url:
        yield url


@pytest.fixture
async def new_database(server_url: str) -> AsyncGenerator[NewDatabase]:
    """Makes empty databases: ``await new_database()`` answers the URL; dropped at the end of the test."""
    async with AsyncExitStack() as stack:

        async def make() -> str:
            return await stack.enter_async_context(created_database(server_url))

        yield make


@pytest.fixture
async def own_database_url(server_url: str, migrated_template: str) -> AsyncGenerator[str]:
    """A migrated database of this test's own."""
    async with created_database(server_url, migrated_template) as url:
        yield url


@pytest.fixture(scope="session")
def _sent() -> list[str]:
    return []


@pytest.fixture
def statements(_sent: list[str]) -> list[str]:
    """Every SQL statement sent since the test began (or since ``statements.clear()``), transaction control left out."""
    _sent.clear()
    return _sent


@pytest.fixture(scope="session")
async def database(database_url: str, settings: Settings, _sent: list[str]) -> AsyncGenerator[Database]:
    """The pools, with a recorder of statements."""

    def record(statement: str) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "select set_config")):
            _sent.append(statement)

    database = shared_database(database_url, observer=record, reactions=SIGNAL_HANDLERS, write_connections=10)
    engine = StrawberryEngine()
    database.provide(access.AccessDependencies(GraphQLDocumentValidator(engine.schema)))
    shaper = GraphQLPayloadRunner(database, engine)
    database.provide(webhooks.WebhookDependencies(settings.keyring, webhooks.AddressPolicy(), shaper))
    await database.open()
    yield database
    await database.close()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a gateway that needs nothing from the environment."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    engine = os.environ.get("GATEWAY_TEST_ENGINE", "compiled")
    return Settings.model_validate(
        {
            "encryption_keys": f"k1:{key}",
            "data_dir": tmp_path_factory.mktemp("data"),
            "engine": engine,
            "introspection": "on",
            "request_wait": 30,  # a busy machine refuses nothing
        }
    )


@pytest.fixture(scope="session")
def redis_url() -> Generator[str]:
    """A Redis of this run's own, started here: tests may stop theirs without harming anybody's."""
    with running_redis(free_port()) as url:
        yield url


@pytest.fixture(scope="session")
async def log(database: Database, database_url: str) -> AsyncGenerator[EventLog]:
    """The event log, read and placed as a running gateway does it; on pools of its own, so that it is not counted."""
    own = shared_database(database_url)
    await own.open()
    log = EventLog(own)
    sequencer = Sequencer(own, log.wake, webhooks.DeliveryFanOut(own.clock))
    database.on_commit(EventsWritten, lambda _: sequencer.wake())
    tasks = [asyncio.create_task(each) for each in (log.run(), sequencer.run())]
    yield log
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await own.close()


@pytest.fixture(scope="session")
async def http(settings: Settings, database: Database, log: EventLog) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the whole application, without a key."""
    async with InProcessClient(build(settings, database)) as client:
        yield client
    await database.dependency(analytics.ChartPrinter).close()  # no lifespan ends it here


async def open_shop(database: Database, name: str, currency: str = "GBP", plan: Plan = Plan.ENTERPRISE) -> Shop:
    """Open an account of this name."""
    async with database.admin_transaction() as administration:
        stores = await access.create_account(administration, database.clock(), name=name, plan=plan, currency=currency)
    return Shop(live=access.system_principal(stores[Mode.LIVE]), test=access.system_principal(stores[Mode.TEST]))


@pytest.fixture
async def make_shop(database: Database) -> Callable[..., Awaitable[Shop]]:
    """Makes accounts: ``await make_shop(currency="JPY")``."""

    async def make(currency: str = "GBP", plan: Plan = Plan.ENTERPRISE) -> Shop:
        return await open_shop(database, f"Shop {secrets.token_hex(6)}", currency, plan)

    return make


@pytest.fixture
async def shop(make_shop: Callable[..., Awaitable[Shop]]) -> Shop:
    """This test's own account, in pounds."""
    return await make_shop()


@pytest.fixture
async def other_shop(make_shop: Callable[..., Awaitable[Shop]]) -> Shop:
    """Somebody else's account."""
    return await make_shop()


@pytest.fixture(scope="session")
async def template_stores(database: Database, database_url: str, settings: Settings) -> AsyncGenerator[TemplateStores]:
    """Stores that were filled once: ``await template_stores.fill(shop.live, "name", make)`` copies one of them."""
    copies = await StoreCopies.open(database_url, settings.keyring)

    async def open_store(mode: Mode) -> Principal:
        shop = await open_shop(database, f"Template {secrets.token_hex(6)}")
        return shop.live if mode == Mode.LIVE else shop.test

    yield TemplateStores(copies, open_store)
    await copies.close()


@pytest.fixture
def make_key(database: Database) -> MakeKey:
    """Makes API keys: ``await make_key(shop.live, "products:read")`` answers the secret."""

    async def make(principal: Principal, *scopes: str) -> str:
        async with database.transaction(principal) as work:
            issued = await access.create_key(work, principal, CreateApiKey(name="test", scopes=scopes or ("all",)))
        return issued.secret

    return make


@pytest.fixture
def do(database: Database, shop: Shop) -> Do:
    """Runs a use case in a transaction of its own: ``await do(orders.cancel_order, id=…)``; by the owner of the live
    store, unless another principal follows the use case."""

    async def run(execute: Any, principal: Principal | None = None, **given: Any) -> Any:
        caller = principal or shop.live
        async with database.transaction(caller) as work:
            return await execute(work, caller, use_case_of(execute).command(**given))

    return run


@pytest.fixture
def make_product(database: Database, shop: Shop) -> MakeProduct:
    """Makes products, valid by default: ``await make_product(name="Mug", status=ProductStatus.DRAFT)``."""

    async def make(principal: Principal | None = None, **given: Any) -> catalog.Product:
        caller = principal or shop.live
        fields = {"name": "Red mug", "sku": f"SKU-{secrets.token_hex(6)}", "price": Money(500, caller.store.currency)}
        async with database.transaction(caller) as work:
            return await catalog.create_product(work, caller, CreateProduct(**{**fields, **given}))

    return make


@pytest.fixture
def make_customer(database: Database, shop: Shop) -> MakeCustomer:
    """Makes customers, valid by default: ``await make_customer(first_name="Jane")``."""

    async def make(principal: Principal | None = None, **given: Any) -> customers.Customer:
        caller = principal or shop.live
        fields = {"email": f"{secrets.token_hex(6)}@example.com"}
        async with database.transaction(caller) as work:
            return await customers.create_customer(work, caller, CreateCustomer(**{**fields, **given}))

    return make


@pytest.fixture
async def rest(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """REST with a live key of every scope: ``await rest("GET", "/v2/products")``."""
    return Client(http, await make_key(shop.live))


@pytest.fixture
def graph(rest: Client) -> Graph:
    """GraphQL with a live key of every scope; answers ``data`` and insists that there are no errors."""

    async def run(query: str, **variables: Any) -> Any:
        response = await rest("POST", "/graphql", json={"query": query, "variables": variables})
        answer = orjson.loads(response.content)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return run


@pytest.fixture
def ask(rest: Client) -> Ask:
    """GraphQL as it comes over the wire: ``await ask(query, {"id": id}, key=..., headers={...})`` is the response."""

    async def send(query: str, variables: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        client = Client(rest.http, options.pop("key", rest.key))
        body = {"query": query, "variables": variables or {}}
        return await client("POST", "/graphql", json=body, **options)

    return send


@pytest.fixture
def events(database: Database, shop: Shop) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """The event rows of this test's live store, oldest first."""

    async def read(principal: Principal | None = None) -> list[dict[str, Any]]:
        store = (principal or shop.live).store.number
        async with database.system_connection() as connection:
            rows = await connection.fetch("SELECT * FROM event WHERE store_id = $1 ORDER BY seq", store)
        # The position is given after the commit, whenever the sequencer comes to it.
        return [{**row, "snapshot": orjson.loads(row["snapshot"]), "position": ...} for row in rows]

    return read
