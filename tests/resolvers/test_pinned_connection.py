"""The connection that an operation holds: taken when it is needed, given back whatever happens on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import catalog
from domain.kernel.database import Database, DatabaseOptions
from resolvers.context import Context
from tests.conftest import MakeProduct, Shop


def in_use(database: Database) -> int:
    """Read connections in use."""
    return database.connections()["reads"][0]


async def test_one_connection_reads_one_thing_after_the_other(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product()
    context = Context(shop.live, database, "req_test")
    seen = []
    async with context.pinned_connection():
        assert in_use(database) == 0
        for read in (catalog.reads.product_by_id, catalog.reads.variants_by_product):
            async with context.connection() as reader:
                await read.for_key(reader, product.id)
                seen.append(id(reader))
        assert in_use(database) == 1
    assert in_use(database) == 0
    assert len(set(seen)) == 1


async def test_what_is_read_beside_it_has_another(database: Database, shop: Shop) -> None:
    context = Context(shop.live, database, "req_test")
    async with context.pinned_connection(), context.connection() as one, context.connection() as other:
        assert one is not other
        assert in_use(database) == 2
    assert in_use(database) == 0


async def test_operations_that_read_side_by_side_do_not_wait_for_each_other_in_a_circle(
    database_url: str, shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product()
    small = Database(DatabaseOptions(database_url, read_connections=2))
    await small.open()

    async def read(context: Context, number: int) -> None:
        async with context.connection() as reader:
            await asyncio.sleep(0.001 * number)
            await catalog.reads.product_by_id.for_key(reader, product.id)

    async def operation() -> None:
        context = Context(shop.live, small, "req_test")
        async with context.pinned_connection():
            await read(context, 0)
            await asyncio.gather(*(read(context, number) for number in range(3)))

    await asyncio.gather(*(operation() for _ in range(20)))
    assert in_use(small) == 0
    await small.close()


async def test_whoever_comes_while_it_is_given_back_has_another(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product()
    context = Context(shop.live, database, "req_test")
    begun = asyncio.Event()

    async def read(*, says: bool = False) -> None:
        async with context.connection() as reader:
            if says:
                begun.set()
            await catalog.reads.product_by_id.for_key(reader, product.id)

    async def late() -> None:
        await begun.wait()
        for _ in range(50):
            await asyncio.gather(read(), read())
            await read()

    async with context.pinned_connection():
        await asyncio.gather(read(says=True), read(), late(), late())
    assert in_use(database) == 0


async def fail(context: Context, failure: type[BaseException], seen: list[Any]) -> None:
    async with context.connection() as reader:
        seen.append(reader)
        raise failure


@pytest.mark.parametrize("failure", [ValueError, asyncio.CancelledError])
async def test_nobody_uses_it_after_a_failure(database: Database, shop: Shop, failure: type[BaseException]) -> None:
    context = Context(shop.live, database, "req_test")
    seen: list[Any] = []
    async with context.pinned_connection():
        with pytest.raises(failure):
            await fail(context, failure, seen)
        async with context.connection() as reader:
            assert reader is not seen[0]
    assert in_use(database) == 0
