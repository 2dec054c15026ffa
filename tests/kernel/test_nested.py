"""Lists by parent: every parent's page as if it had been asked for alone, in one statement."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from sqlalchemy import select

from domain import catalog
from domain.catalog.commands import CreateProduct, VariantInput
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest
from domain.kernel.listing import FilterClause, Listing, Query
from domain.kernel.listing.nested import NestedListing
from domain.kernel.listing.paging import Window
from domain.kernel.money import Money
from tests.conftest import Shop

SEED = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))

_variant = catalog.ProductVariant.__table__.c
_OWN_PRICE = FilterClause(lambda statement: statement.where(_variant.overrides_price))
VARIANTS = Listing(
    "variants",
    select(_variant.id, _variant.product_id, _variant.price, _variant.attributes, _variant.created_at),
    scope="products:read",
    store=_variant.store_id,
    id=_variant.id,
    sorts={"created_at": _variant.created_at, "price": _variant.price},
    filters={"own_price": lambda _: (_OWN_PRICE, {})},
)
BY_PRODUCT = NestedListing("variants_by_product", VARIANTS, _variant.product_id)


async def fill(database: Database, shop: Shop, chance: random.Random) -> dict[str, list[tuple[int, str, bool]]]:
    """Products with one to six variants; answers price, id, and whether it is its own, by product."""
    commands = [
        CreateProduct(
            name="Mug",
            sku=f"SKU-{number}",
            price=Money(2, "GBP"),
            variants=tuple(
                VariantInput(sku=f"SKU-{number}-{each}", price=chance.choice([None, Money(chance.randrange(4), "GBP")]))
                for each in range(chance.randint(1, 6))
            ),
        )
        for number in range(5)
    ]
    async with database.transaction(shop.live) as work:
        products = await catalog.create_products(work, shop.live, commands)
        return {
            product.id: [(each.price, each.id, each.overrides_price) for each in product.variants]
            for product in products
        }


async def pages(database: Database, shop: Shop, query: Query, parents: list[str]) -> list[Any]:
    async with database.read_connection(shop.live.store) as reader:
        return await BY_PRODUCT.pages(query).for_keys(reader, parents)


@pytest.mark.both_servers
async def test_every_parent_has_the_page_that_it_would_have_alone(
    database: Database, shop: Shop, statements: list[str]
) -> None:
    print(f"GATEWAY_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    known = await fill(database, shop, chance)
    parents = [*chance.sample(list(known), len(known)), "prod_none"]
    for _ in range(40):
        descending, backwards, own = (chance.random() < 0.5 for _ in range(3))
        limit = chance.randrange(7)
        filters = {"own_price": True} if own else {}
        every = {
            parent: sorted(
                [(price, id) for price, id, overrides in known.get(parent, []) if overrides or not own],
                reverse=descending,
            )
            for parent in parents
        }
        query = Query(Window(limit, backwards=backwards), filters, sort="price", descending=descending)
        statements.clear()
        found = await pages(database, shop, query, parents)
        assert len(statements) <= 1
        for parent, page in zip(parents, found, strict=True):
            mine = every[parent]
            expected = mine[-limit:] if backwards and limit else mine[:limit]
            assert [(row.price, row.id) for row in page.rows] == expected
            more = len(mine) > limit
            assert (page.has_previous, page.has_next) == ((more, False) if backwards else (False, more))
        async with database.read_connection(shop.live.store) as reader:
            counts = await BY_PRODUCT.counts(query).for_keys(reader, parents)
        assert counts == [len(every[parent]) for parent in parents]


async def test_a_cursor_goes_on_where_it_stands(database: Database, shop: Shop) -> None:
    known = await fill(database, shop, random.Random(SEED))
    for parent, variants in known.items():
        seen: list[str] = []
        cursor = None
        while True:
            query = Query(Window(2, cursor), sort="price", descending=False)
            (page,) = await pages(database, shop, query, [parent])
            seen += [row.id for row in page.rows]
            if not page.has_next:
                break
            cursor = page.cursor(page.rows[-1])
        assert seen == [id for _, id, _ in sorted(variants)]


async def test_documents_come_as_they_do_from_the_list_itself(database: Database, shop: Shop) -> None:
    known = await fill(database, shop, random.Random(SEED))
    (page,) = await pages(database, shop, Query(Window(1)), [next(iter(known))])
    assert page.rows[0].attributes == {}
    assert page.rows[0].created_at.utcoffset() is not None


async def test_no_page_holds_rows_of_another_store(database: Database, shop: Shop, other_shop: Shop) -> None:
    known = await fill(database, shop, random.Random(SEED))
    async with database.read_connection(other_shop.live.store) as reader:
        found = await BY_PRODUCT.pages(Query()).for_keys(reader, list(known))
        counts = await BY_PRODUCT.counts(Query()).for_keys(reader, list(known))
    assert [page.rows for page in found] == [[]] * len(known)
    assert counts == [0] * len(known)


def test_equal_questions_are_one_and_others_are_not() -> None:
    asked = BY_PRODUCT.pages(Query(Window(2), {"own_price": True}))
    assert asked == BY_PRODUCT.pages(Query(Window(2), {"own_price": True}))
    assert hash(asked) == hash(BY_PRODUCT.pages(Query(Window(2), {"own_price": True})))
    others = [
        BY_PRODUCT.pages(Query(Window(3), {"own_price": True})),
        BY_PRODUCT.pages(Query(Window(2, backwards=True), {"own_price": True})),
        BY_PRODUCT.pages(Query(Window(2))),
        BY_PRODUCT.pages(Query(Window(2), {"own_price": True}, sort="price")),
        BY_PRODUCT.counts(Query(Window(2), {"own_price": True})),
        NestedListing("other", VARIANTS, _variant.product_id).pages(Query(Window(2), {"own_price": True})),
    ]
    assert asked not in others


async def test_what_cannot_be_read_is_refused(database: Database, shop: Shop) -> None:
    for query in (Query(sort="name"), Query(Window(1, "c1~nowhere~1~id"))):
        with pytest.raises(MalformedRequest):
            await pages(database, shop, query, ["prod_none"])
