"""How the database runs pushed-down operations in a large shop: relations by an index, each page up to its limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql.execution.values import VariableValues

from domain.kernel.database import Database
from domain.kernel.listing import JsonListing
from domain.kernel.sql.executor import CompiledStatement
from gateway.execution import CompiledEngine
from gateway.execution.plan import Field
from gateway.execution.planner import build_plan
from gateway.execution.pushdown import push_down
from gateway.graphql.documents import DocumentCache
from resolvers.context import Context
from resolvers.sources import ListSource, LookupSource
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, Listening, explain, explaining

SCHEMA = CompiledEngine().schema
NOTHING = VariableValues({}, {})
PRODUCT = """id name tags images { url } categories { slug } variants { sku inventory levels { available }
  image { url } } inventory { totalAvailable levels { available warehouse { name } } alerts { state } }"""
ORDER = "id number items { sku product { name } variant { sku } } history { status } notes { text } customer { email }"
PAYMENT = """id amount { amount } card { last4 } lastError { code } intent { status nextAction { type url expiresAt } }
  order { number } refunds { amount { amount } items { quantity item { sku } } } disputes { status files { name } }"""
CUSTOMER = """id email tags addresses { city } orderSummary { orderCount totalSpent { amount } }
  orders(first: 5) { nodes { id number } edges { cursor } pageInfo { hasNextPage endCursor } }"""

OPERATIONS: Mapping[str, tuple[str, int]] = {
    "products": (f"{{ products(first: 50) {{ nodes {{ {PRODUCT} }} }} }}", 4_000),
    "products by price": (
        "{ products(first: 50, sort: { field: PRICE }) { nodes { id variants { inventory } } } }",
        500,
    ),
    "orders": (f"{{ orders(first: 50) {{ nodes {{ {ORDER} }} }} }}", 2_000),
    "customers": (f"{{ customers(first: 50) {{ nodes {{ {CUSTOMER} }} }} }}", 1_500),
    "last orders by total": (
        "{ customers(first: 20) { nodes { orders(first: 2, sort: { field: TOTAL }) { nodes { id } } } } }",
        1_500,
    ),
    "categories": ("{ categories(first: 20) { nodes { products(first: 3) { nodes { id name } } } } }", 1_000),
    "a category": ('{ category(slug: "cat-1") { name products(first: 24) { nodes { id images { url } } } } }', 1_000),
    "events": ("{ events(first: 50) { nodes { id type ... on OrderCreated { order { number } } } } }", 500),
    "snapshots": (
        "{ events(first: 50) { nodes { id ... on CustomerCreated { snapshot { phone } customer { email } } } } }",
        500,
    ),
    "payments": (f"{{ payments(first: 50) {{ nodes {{ {PAYMENT} }} }} }}", 1_000),
    "payments by amount": ("{ payments(first: 50, sort: { field: AMOUNT }) { nodes { id refunds { status } } } }", 500),
    "intents": ("{ paymentIntents(first: 50) { nodes { id payments { status refunds { id } } } } }", 500),
    "ledger": ("{ ledger(first: 50) { nodes { kind amount { amount } payment { id } dispute { id } } } }", 500),
    "orders with payments": (
        "{ orders(first: 50) { nodes { id payments { status } refunds { status } disputes { status } } } }",
        1_000,
    ),
    "stock": ("{ inventoryLevels(first: 50) { nodes { available variant { sku } warehouse { name } } } }", 1_000),
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_pushed_down_operation_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, big_shop: BigShop, name: str, plan: str
) -> None:
    text, most = OPERATIONS[name]
    compiled, values = await statement_of(database, big_shop, text)
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await explain(connection, compiled, values)
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= most, measured


async def statement_of(database: Database, shop: BigShop, text: str) -> tuple[CompiledStatement, Mapping[str, Any]]:
    """The one statement of an operation, whose rows the database writes, as the engine sends it."""
    plan = push_down(build_plan(SCHEMA, DocumentCache(SCHEMA).operation(text, None), NOTHING))
    assert plan is not None
    (slot,) = plan.slots
    assert slot.written or (isinstance(slot.source, ListSource) and isinstance(slot.source.listing, JsonListing))
    seen: list[tuple[CompiledStatement, Mapping[str, Any]]] = []
    await _run(slot, _ListeningContext(shop, database, seen))
    return seen[-1]


async def _run(slot: Field, context: Context) -> None:
    source, arguments = slot.source, slot.arguments(NOTHING)
    assert isinstance(source, ListSource | LookupSource)
    if isinstance(source, ListSource):
        await source.resolve(None, context, arguments)
    else:
        await context.load_now(source.request_factory(context, arguments)(None))


class _ListeningContext(Context):
    """A context that remembers the statements that are run."""

    def __init__(self, shop: BigShop, database: Database, seen: list[Any]) -> None:
        super().__init__(shop.principal, database, "req_plans")
        self._seen = seen

    def _opened(self) -> Any:
        return _Listening(super()._opened(), self._seen)


class _Listening:
    """A connection whose reader is listened to."""

    def __init__(self, opened: Any, seen: list[Any]) -> None:
        self._opened = opened
        self._seen = seen

    async def __aenter__(self) -> Any:
        return Listening(await self._opened.__aenter__(), self._seen)

    async def __aexit__(self, *failure: Any) -> Any:
        return await self._opened.__aexit__(*failure)
