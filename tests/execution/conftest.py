"""Two engines over one shop: the judge, which is graphql-core itself, and compiled plans."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import pytest

from domain import access, customers, events, inventory, orders
from domain.kernel.database import OWNER_ROLE, Database
from domain.kernel.event_log import EventLog, Sequencer
from domain.kernel.listing import Query
from domain.kernel.listing.paging import Window
from domain.kernel.principal import Mode, Plan, Principal
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import OrderItemInput
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.demo.load import open_account
from gateway.execution import CompiledEngine, GraphQLResponse, Operation, StrawberryEngine, StreamedResponse
from gateway.execution.plan import FallbackReason, QueryPlan
from gateway.graphql.documents import DocumentCache
from resolvers.context import Context
from tests.conftest import created_database
from tests.execution.comparison import agree
from tests.execution.random_operations import Maker
from tests.shared_pools import shared_database

NEVER = -1
"""``pushdown_after`` of an engine that reads and writes all rows itself."""
SEED = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
MISSING = ("prod_00000000000000000000000000", "ord_00000000000000000000000000", "nonsense", "", "cust_1")


@dataclass
class Court:
    """The engines, the shop they are asked about, and what is known of it."""

    database: Database
    principal: Principal
    log: EventLog
    ids: list[str]
    beginning: str
    """The cursor of the first event."""
    read: list[str]
    """Every statement sent, transaction control left out."""
    judge: StrawberryEngine = field(default_factory=lambda: StrawberryEngine(events.cursor_of))
    cursors: list[str] = field(default_factory=list)
    """Of lists in their default order."""
    reasons: list[FallbackReason] = field(default_factory=list)
    """Why the plans were left, in order."""

    def __post_init__(self) -> None:
        self.plans = CompiledEngine(events.cursor_of, self.reasons.append, pushdown_after=NEVER)
        self.pushing = CompiledEngine(events.cursor_of, pushdown_after=0)
        self.documents = DocumentCache(self.judge.schema)

    def maker(self, seed: int, without: frozenset[str] = frozenset()) -> Maker:
        """Makes operations about this shop, which do not ask for the fields ``without``."""
        return Maker(self.judge.schema, random.Random(seed), [*self.ids, *MISSING], self.cursors, without)

    def context(self, **given: Any) -> Context:
        """Of one operation."""
        return Context(self.principal, self.database, "req_judged", **given)

    async def answers(
        self, operation: Operation, variables: Mapping[str, Any], principal: Principal | None = None
    ) -> tuple[GraphQLResponse, GraphQLResponse]:
        """The judge's, and the plan's; that of a plan whose rows the database writes must be equal."""
        judged, planned, pushed = [
            await self.answer(engine, operation, variables, principal)
            for engine in (self.judge, self.plans, self.pushing)
        ]
        assert agree(operation, pushed, judged), (pushed, judged, operation.text, variables)
        return judged, planned

    async def answer(
        self,
        engine: StrawberryEngine,
        operation: Operation,
        variables: Mapping[str, Any],
        principal: Principal | None = None,
    ) -> GraphQLResponse:
        """One engine's."""
        context = Context(principal or self.principal, self.database, "req_judged")
        answer = await engine.execute(operation, variables, context)
        await context.close()
        await asyncio.sleep(0)  # asyncpg tells of its statements a turn of the loop later
        return answer

    def pushed(self, operation: Operation) -> QueryPlan | None:
        """The plan with rows that the database writes, of an operation that was answered; None without any."""
        found = [ready.pushdown() for (known, _), ready in self.pushing.plans._known.items() if known is operation]
        return next((ready.plan for ready in found if ready is not None), None)

    def writes(self, operation: Operation) -> bool:
        """Whether the database writes all rows of an operation that was answered, in one statement for each root."""
        plan = self.pushed(operation)
        return plan is not None and all(len(slot.steps) == 1 for slot in plan.slots)

    async def changes(
        self, operation: Operation, variables: Mapping[str, Any]
    ) -> tuple[GraphQLResponse, GraphQLResponse]:
        """As ``answers``, each in a transaction that is rolled back."""
        made = []
        for engine in (self.judge, self.plans):
            try:
                async with self.database.transaction(self.principal, "req_judged") as work:
                    context = self.context(work=work)
                    made.append(await engine.execute(operation, variables, context))
                    await context.close()
                    raise _UndoneError
            except _UndoneError:
                pass
        return made[0], made[1]

    async def events(
        self, operation: Operation, variables: Mapping[str, Any], count: int
    ) -> list[list[StreamedResponse]]:
        """The first responses of a subscription by each engine."""
        made = []
        for engine in (self.judge, self.plans, self.pushing):
            stream = engine.subscribe(
                operation, variables, lambda: self.context(log=self.log, resume_after=self.beginning)
            )
            found: list[StreamedResponse] = []
            async for each in stream:
                found.append(each)
                if len(found) == count:
                    break
            await stream.aclose()
            made.append(found)
        return made


class _UndoneError(Exception):
    """Rolls back."""


@pytest.fixture(scope="session")
async def court(server_url: str, migrated_template: str) -> AsyncGenerator[Court]:
    """A shop with some of everything, and both engines."""
    async with _sitting(server_url, migrated_template) as (court, _):
        yield court


@pytest.fixture(scope="session")
async def damaged(server_url: str, migrated_template: str) -> AsyncGenerator[Court]:
    """The same, after an accident: what the schema promises of rows does not hold."""
    async with _sitting(server_url, migrated_template) as (court, url):
        await _damage(url)
        yield court


@pytest.fixture(scope="session")
async def crowded(server_url: str, migrated_template: str) -> AsyncGenerator[Court]:
    """The same, for tests that add deliveries and events, some of them broken."""
    async with _sitting(server_url, migrated_template) as (court, _):
        yield court


@asynccontextmanager
async def _sitting(server_url: str, template: str) -> AsyncGenerator[tuple[Court, str]]:
    """A database of the judge's own, with a shop in it."""
    async with created_database(server_url, template) as url, _opened(url) as court:
        yield court, url


@asynccontextmanager
async def _opened(url: str) -> AsyncGenerator[Court]:
    read: list[str] = []

    def record(statement: str) -> None:
        if not statement.startswith("select set_config"):
            read.append(statement)

    database = shared_database(url, observer=record, reactions=SIGNAL_HANDLERS)
    await database.open()
    stores = await open_account(database, "Judged", plan=Plan.ENTERPRISE, currency="GBP", sample=True)
    principal = access.system_principal(stores[Mode.TEST])
    await _busy(database, principal)
    await Sequencer(database, lambda: None).assign_all()
    uncounted = shared_database(url)
    await uncounted.open()
    log = EventLog(uncounted)
    reading = asyncio.create_task(log.run())
    async with database.read_connection(principal.store) as reader:
        first = (await events.reads.events.page(reader, Query(Window(1)))).rows[0]
    court = Court(database, principal, log, await _ids(url, principal), events.cursor_of(first), read)
    court.cursors = await _cursors(court)
    yield court
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await uncounted.close()
    await database.close()


async def _busy(database: Database, principal: Principal) -> None:
    """What the sample shop lacks: an alert and what it ordered, a second warehouse, a note, a draft, keys."""

    async def do(execute: Any, **given: Any) -> Any:
        async with database.transaction(principal) as work:
            return await execute(work, principal, use_case_of(execute).command(**given))

    async def first(listing: Any) -> Any:
        async with database.read_connection(principal.store) as reader:
            return (await listing.page(reader, Query())).rows[0]

    order, customer = await first(orders.reads.orders), await first(customers.reads.customers)
    await do(inventory.set_inventory_alert, product_id="SPEAKER-001", threshold=500)
    await do(
        inventory.set_inventory_alert, product_id="BOTTLE-001", sku="BOTTLE-001-500", threshold=200, reorder_quantity=50
    )
    await do(inventory.adjust_inventory, product_id="BOTTLE-001", sku="BOTTLE-001-500", quantity=-1, reason="damaged")
    warehouse = await do(inventory.create_warehouse, name="Second", country="GB")
    await do(inventory.transfer_inventory, product_id="SPEAKER-001", quantity=5, to_location=warehouse.id)
    await do(orders.add_order_note, order_id=order.id, text="Rang twice.")
    lines = (OrderItemInput(sku="SPEAKER-001", quantity=2),)
    await do(orders.create_draft_order, customer_id=customer.id, items=lines)
    await do(customers.add_address, customer_id=customer.id, line1="1 High Street", city="York", country="GB")
    await do(access.create_key, name="Till", scopes=("products:read",))


async def _damage(url: str) -> None:
    """Rows that point to nothing, hold null where none may be, and words that no enum has."""
    connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE})
    constraints = await connection.fetch(
        "SELECT conrelid::regclass::text AS of, conname FROM pg_constraint WHERE contype IN ('f', 'c')"
        " AND connamespace = 'public'::regnamespace AND conparentid = 0 AND coninhcount = 0 ORDER BY contype DESC"
    )
    for each in constraints:
        await connection.execute(f'ALTER TABLE {each["of"]} DROP CONSTRAINT "{each["conname"]}" CASCADE')
    for statement in DAMAGE:
        await connection.execute(statement)
    await connection.close()


DAMAGE = (
    "ALTER TABLE product ALTER name DROP NOT NULL, ALTER price DROP NOT NULL",
    "ALTER TABLE customer ALTER email DROP NOT NULL, ALTER tags DROP NOT NULL",
    "UPDATE product SET name = NULL WHERE sku = 'MUG-001'",
    "UPDATE product SET price = NULL WHERE sku = 'BOTTLE-001'",
    "UPDATE product SET status = 'lost' WHERE sku = 'TSHIRT-001'",
    "UPDATE customer SET tags = NULL WHERE id IN (SELECT min(id) FROM customer)",
    "UPDATE product SET metadata = 'null' WHERE sku = 'SPEAKER-001'",
    "DELETE FROM warehouse WHERE NOT is_default",
    "DELETE FROM product_variant WHERE sku LIKE 'HEADPHONE%'",
    "DELETE FROM customer WHERE id IN (SELECT max(id) FROM customer)",
)


async def _cursors(court: Court) -> list[str]:
    text = "{ products { edges { cursor } } orders { edges { cursor } } customers { edges { cursor } } }"
    judged, _ = await court.answers(court.documents.operation(text, None), {})
    return [edge["cursor"] for each in orjson.loads(judged.body)["data"].values() for edge in each["edges"]]


async def _ids(url: str, principal: Principal) -> list[str]:
    connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE})
    try:
        tables = await connection.fetch(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'id' AND data_type = 'text'"
            " AND table_schema = 'public' AND table_name IN (SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'store_id') ORDER BY table_name"
        )
        found: list[str] = []
        for table in tables:
            rows = await connection.fetch(
                f'SELECT id FROM "{table[0]}" WHERE store_id = $1 ORDER BY id LIMIT 8', principal.store.number
            )
            found += [row["id"] for row in rows]
        return found
    finally:
        await connection.close()
