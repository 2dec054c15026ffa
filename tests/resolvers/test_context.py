"""The context of an operation: batches, connections, and the masking of what goes wrong beneath it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from domain import catalog
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden
from domain.kernel.listing import Query
from domain.kernel.principal import Store
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.registry import USE_CASES
from gateway.execution import Code, StrawberryEngine
from gateway.graphql.documents import DocumentCache
from resolvers.context import CONNECTIONS, Context
from tests.conftest import MakeProduct, Shop

reads = catalog.reads


async def test_what_is_asked_at_once_is_read_at_once(
    database: Database, shop: Shop, make_product: MakeProduct, statements: list[str]
) -> None:
    made = [await make_product() for _ in range(3)]
    context = Context(shop.live, database, "req_test")
    statements.clear()
    ids = [product.id for product in made]
    rows = await asyncio.gather(*(context.load(reads.product_by_id, id) for id in [*ids, ids[0], "prod_none"]))
    assert [row and row.id for row in rows] == [*ids, ids[0], None]
    assert len(statements) == 1
    assert (await context.load(reads.product_by_id, ids[1])).id == ids[1]
    assert len(statements) == 1


async def test_who_gives_up_takes_nothing_from_those_who_wait_for_the_same(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product()
    context = Context(shop.live, database, "req_test")

    async def load() -> Any:
        return await context.load(catalog.reads.product_by_id, product.id)

    one, other = asyncio.create_task(load()), asyncio.create_task(load())
    await asyncio.sleep(0)
    one.cancel()
    assert (await other).id == product.id


async def test_what_was_read_before_a_change_is_read_again(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    made = await make_product()
    async with database.transaction(shop.live) as work:
        context = Context(shop.live, database, "req_test", work)
        before = await context.load(reads.product_by_id, made.id)
        command = catalog.commands.ArchiveProduct(id=made.id)
        outcome = await context.change(USE_CASES["catalog.archive_product"], command)
        after = await context.load(reads.product_by_id, made.id)
        await context.close()
    assert outcome.user_errors == ()
    assert (before.status, after.status) == ("active", "archived")
    assert context.changed


async def test_a_refused_change_is_told_and_undone(database: Database, shop: Shop, events: Any) -> None:
    async with database.transaction(shop.live) as work:
        context = Context(shop.live, database, "req_test", work)
        command = catalog.commands.ArchiveProduct(id="prod_none")
        outcome = await context.change(USE_CASES["catalog.archive_product"], command)
    assert outcome.result is None
    assert [problem.code for problem in outcome.user_errors] == ["NOT_FOUND"]
    assert not context.changed
    assert await events() == []


async def test_a_change_needs_a_transaction(database: Database, shop: Shop) -> None:
    context = Context(shop.live, database, "req_test")
    with pytest.raises(RuntimeError, match="transaction"):
        await context.change(USE_CASES["catalog.archive_product"], object())


async def test_one_operation_uses_few_connections(shop: Shop) -> None:
    in_use, most = 0, 0

    class Counting:
        def has_spare_connections(self, _: object = None) -> bool:
            return True

        @asynccontextmanager
        async def read_connection(self, _: Store, *others: object) -> AsyncGenerator[Executor]:
            nonlocal in_use, most
            in_use += 1
            most = max(most, in_use)
            await asyncio.sleep(0.01)
            yield cast("Executor", None)
            in_use -= 1

    context = Context(shop.live, cast("Database", Counting()), "req_test")

    async def read() -> None:
        async with context.connection():
            await asyncio.sleep(0)

    await asyncio.gather(*(read() for _ in range(20)))
    assert most == CONNECTIONS


async def test_after_its_end_nothing_of_an_operation_waits_for_a_connection(
    database: Database, shop: Shop, statements: list[str]
) -> None:
    """graphql-core answers when one field fails; those beside it may still be waiting to read."""
    async with database.transaction(shop.live) as work:
        context = Context(shop.live, database, "req_test", work)
        async with context.connection():
            waiting = [asyncio.create_task(context.page(reads.products, Query())) for _ in range(3)]
            await asyncio.sleep(0)
            statements.clear()
            await context.close()
        found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in found] == [asyncio.CancelledError] * 3
    assert statements == []


def test_any_of_several_scopes_will_do(shop: Shop) -> None:
    context = Context(type(shop.live)(shop.live.store, frozenset({"b:read"}), "key_1"), cast("Database", None), "req_1")
    context.require(())
    context.require(("a:read", "b:read"))
    with pytest.raises(Forbidden, match=r"The API key lacks the scope a:read or c:read\.") as caught:
        context.require(("a:read", "c:read"))
    assert caught.value.missing_scope == "a:read"


async def test_what_breaks_beneath_an_operation_says_nothing_of_itself(shop: Shop, caplog: Any) -> None:
    class Broken:
        def read_connection(self, _: Store, *others: object) -> None:
            raise LookupError("a secret of ours")

    engine = StrawberryEngine()
    operation = DocumentCache(engine.schema).operation("{ shop { name } products { nodes { id } } }", None)
    context = Context(shop.live, cast("Database", Broken()), "req_broken")
    answer = await engine.execute(operation, {}, context)
    assert answer.executed
    assert not answer.has_data
    assert [failure.code for failure in answer.failures] == [Code.INTERNAL]
    assert answer.failures[0].path == ("products",)
    assert b"secret" not in answer.body
    assert b'"requestId":"req_broken"' in answer.body
    assert "a secret of ours" in caplog.text
    assert "req_broken" in caplog.text


@pytest.mark.parametrize(
    "query",
    [
        "{ shop { name } apiKeys { totalCount } }",
        "{ ...A } fragment A on Query { ... on Query { apiKeys { totalCount } } }",
        "{ shop { name } apiKeys @skip(if: true) { totalCount } }",
    ],
)
async def test_one_field_without_its_scope_refuses_the_whole(shop: Shop, query: str) -> None:
    engine = StrawberryEngine()
    principal = type(shop.live)(shop.live.store, frozenset({"products:read"}), "key_1")
    operation = DocumentCache(engine.schema).operation(query, None)
    answer = await engine.execute(operation, {}, Context(principal, cast("Database", None), "req_test"))
    assert not answer.executed
    assert [failure.code for failure in answer.failures] == [Code.FORBIDDEN]
    assert answer.failures[0].extensions == {"missingScope": "access:read"}
