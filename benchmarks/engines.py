"""``python -m benchmarks.engines``: compiled plans against graphql-core, in turns, over the same rows in one process.

CPU of the process, without HTTP: identifying, reading bodies and writing headers are the same for both.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import orjson

from benchmarks.ground import bench_database
from domain import access, catalog, customers, orders
from domain.catalog.commands import CreateProduct, VariantInput
from domain.customers.commands import CreateCustomer
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan, Principal
from domain.orders.commands import CreateOrder, OrderItemInput
from domain.reactions import REACTIONS
from gateway.embedded_postgres import EmbeddedPostgres, default_data_dir
from gateway.execution import CompiledEngine, Operation, StrawberryEngine
from gateway.graphql.documents import Documents
from resolvers.context import Context

TURNS = 7
REQUESTS = 30
"""A turn."""
ORDERS = 50
ITEMS = 3

_PRODUCT = """id name sku status createdAt price { minorUnits }
  variants { id sku attributes price { minorUnits } }"""
OPERATIONS = {
    "Q1": f"query Q1 {{ products(first: 50) {{ nodes {{ {_PRODUCT} }} }} }}",
    "Q2": """query Q2 { orders(first: 50) { nodes { id status paymentStatus createdAt total { minorUnits }
  customer { id email firstName lastName }
  items { id quantity price { minorUnits } product { id name sku } variant { id sku } } } } }""",
    "Q3": f"query Q3($id: ID!) {{ product(id: $id) {{ {_PRODUCT} }} }}",
}


async def fill(database: Database) -> tuple[Principal, str]:
    """Fifty orders of fifty customers for three of fifty products with three variants; the id of a product."""
    async with database.administering() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Bench", plan=Plan.ENTERPRISE, currency="GBP"
        )
    principal = access.operator(stores[Mode.LIVE])
    async with database.writing(principal) as work:
        products = await catalog.create_products(work, principal, [_product(number) for number in range(ORDERS)])
        buyers = [CreateCustomer(email=f"{n}@example.com", first_name="Ann", last_name="Lee") for n in range(ORDERS)]
        people = await customers.create_customers(work, principal, buyers)
    for number in range(ORDERS):
        items = tuple(OrderItemInput(sku=f"P{(number + n) % ORDERS}-{n}", quantity=1) for n in range(ITEMS))
        async with database.writing(principal) as work:
            command = CreateOrder(customer_id=people[number].id, items=items)
            await orders.create_order(work, principal, command)
    return principal, products[0].id


def _product(number: int) -> CreateProduct:
    variants = tuple(
        VariantInput(sku=f"P{number}-{n}", inventory=1_000, attributes={"size": str(n)}) for n in range(ITEMS)
    )
    return CreateProduct(name=f"Product {number}", sku=f"P{number}", price=Money(500, "GBP"), variants=variants)


async def _turn(
    engine: StrawberryEngine, database: Database, principal: Principal, operation: Operation, given: Mapping[str, Any]
) -> float:
    """Milliseconds of CPU a request."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        context = Context(principal, database, "req_bench")
        await engine.execute(operation, given, context)
        await context.close()
    return (time.process_time() - begun) * 1000 / REQUESTS


async def main() -> None:
    """Measure, and print a line for each operation."""
    with ExitStack() as stack:
        server = os.environ.get("GATEWAY_TEST_DATABASE_URL") or stack.enter_context(
            EmbeddedPostgres(default_data_dir(os.geteuid() == 0))
        )
        async with bench_database(server) as url:
            database = Database(DatabaseOptions(url, reactions=REACTIONS))
            await database.open()
            principal, product = await fill(database)
            await _compare(database, principal, product)
            await database.close()


async def _compare(database: Database, principal: Principal, product: str) -> None:
    engines = {"graphql-core": StrawberryEngine(), "plans": CompiledEngine()}
    documents = Documents(engines["plans"].schema)
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    for name, text in OPERATIONS.items():
        operation = documents.operation(text, None)
        given = {"id": product} if "$id" in text else {}
        bodies = []
        for engine in engines.values():
            context = Context(principal, database, "req_bench")
            bodies.append(orjson.loads((await engine.execute(operation, given, context)).body))
        assert bodies[0] == bodies[1]  # noqa: S101 - what is not equal is not compared
        turns: dict[str, list[float]] = {each: [] for each in engines}
        for _ in range(TURNS):
            for each, engine in engines.items():
                turns[each].append(await _turn(engine, database, principal, operation, given))
        medians = {each: statistics.median(found) for each, found in turns.items()}
        ratio = medians["plans"] / medians["graphql-core"]
        shown = ", ".join(f"{each} {median:.2f} ms" for each, median in medians.items())
        print(f"{name}: {shown}, ratio {ratio:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
