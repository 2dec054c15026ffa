"""Views of products: every one counts once, nothing else does, and none costs a statement of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain import catalog
from domain.analytics.service import product_views
from domain.analytics.service.product_views import ProductViewed, ProductViews
from domain.catalog import ProductStatus
from domain.kernel.database import Database
from domain.kernel.errors import NotFound, Unavailable
from domain.kernel.ids import new_id
from domain.kernel.principal import Store, Storefront
from tests.conftest import Client, Do, Graph, MakeKey, MakeProduct, Shop
from tests.shared_pools import shared_database

VIEW = "mutation ($id: ID!) { recordProductView(input: { productId: $id }) { userErrors { code field } } }"
TWO = """mutation ($a: ID!, $b: ID!) { a: recordProductView(input: { productId: $a }) { userErrors { code field } }
  b: recordProductView(input: { productId: $b }) { userErrors { code field } } }"""
_ROWS = "SELECT span, at, product_id, views FROM product_view_count WHERE store_id = $1 ORDER BY span, at, product_id"


@pytest.fixture
def views(http: httpx.AsyncClient, database: Database) -> ProductViews:
    """What the application has counted."""
    found = database.dependency(ProductViews)
    assert isinstance(found, ProductViews)
    return found


async def counted(database: Database, store: Store, span: str = "month") -> dict[str, int]:
    """The written views of products."""
    found: dict[str, int] = {}
    async with database.system_connection() as connection:
        for row in await connection.fetch(_ROWS, store.number):
            if row["span"] == span:
                found[row["product_id"]] = found.get(row["product_id"], 0) + row["views"]
    return found


@pytest.mark.both_servers
async def test_views_at_the_same_time_on_both_surfaces_count_once_each(
    database: Database, views: ProductViews, rest: Client, graph: Graph, shop: Shop, make_product: MakeProduct
) -> None:
    """In each span, whatever lies between them. Fails when a batch replaces what is there, and when two are written at
    once."""
    mug, cup, unseen = [await make_product(name=name) for name in ("Mug", "Cup", "Jar")]
    for _ in range(2):
        asked = [rest("POST", f"/v2/products/{mug.id}/views") for _ in range(30)]
        asked += [graph(VIEW, id=each.id) for each in (mug, cup) for _ in range(10)]
        await asyncio.gather(*asked, views.flush(), views.flush())
    await asyncio.gather(views.flush(), views.flush())
    for span in ("quarter_hour", "day", "month"):
        assert await counted(database, shop.live.store, span) == {mug.id: 80, cup.id: 20}
    assert unseen.id not in await counted(database, shop.live.store)
    assert await counted(database, shop.test.store) == {}


async def test_views_cost_no_statement(
    views: ProductViews, rest: Client, graph: Graph, statements: list[str], make_product: MakeProduct
) -> None:
    """But the first one, which looks whether the product exists. Fails when that is not remembered."""
    product = await make_product()
    answer = await rest("POST", f"/v2/products/{product.id}/views")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await graph(VIEW, id=product.id))["recordProductView"]["userErrors"] == []
    statements.clear()
    for _ in range(20):
        await rest("POST", f"/v2/products/{product.id}/views")
        await graph(VIEW, id=product.id)
    assert statements == []
    await views.flush()


async def test_no_connection_for_writes_is_needed(
    database: Database, rest: Client, graph: Graph, shop: Shop, views: ProductViews, make_product: MakeProduct
) -> None:
    """While other requests have all of them. Fails (Unavailable after a while) when a view opens a transaction."""
    product = await make_product()
    holders = [database.transaction(shop.live) for _ in range(database.options.write_connections)]
    for each in holders:
        await each.__aenter__()
    try:
        async with asyncio.timeout(20):
            assert (await rest("POST", f"/v2/products/{product.id}/views")).status_code == 204
            assert (await graph(VIEW, id=product.id))["recordProductView"]["userErrors"] == []
    finally:
        for each in holders:
            await each.__aexit__(None, None, None)
    await views.flush()
    assert await counted(database, shop.live.store) == {product.id: 2}


@pytest.mark.parametrize("place", ["nowhere", "another store", "the sandbox"])
async def test_a_view_of_no_product_is_refused(
    database: Database,
    views: ProductViews,
    rest: Client,
    graph: Graph,
    shop: Shop,
    other_shop: Shop,
    make_product: MakeProduct,
    place: str,
) -> None:
    """And counts for nobody. Fails when the store is not looked at."""
    owners = {"another store": other_shop.live, "the sandbox": shop.test}
    id = new_id("prod") if place == "nowhere" else (await make_product(owners[place])).id
    for _ in range(2):
        answer = await rest("POST", f"/v2/products/{id}/views")
        assert answer.status_code == 404, answer.text
        assert answer.json()["error"]["message"] == "Product not found."
        refused = (await graph(VIEW, id=id))["recordProductView"]["userErrors"]
        assert refused == [{"code": "NOT_FOUND", "field": ["productId"]}]
    await views.flush()
    for principal in (shop.live, shop.test, other_shop.live):
        assert await counted(database, principal.store) == {}


async def test_what_shoppers_see_is_known_for_a_minute(
    database: Database, do: Do, shop: Shop, make_product: MakeProduct
) -> None:
    """That a product was there; that there was none is not remembered. Fails with a cache of absence."""
    shopper = replace(shop.live, storefront=Storefront(frozenset({"https://lamps.example"})))
    own, product, now = ProductViews(database), await make_product(status=ProductStatus.DRAFT), database.clock()
    with pytest.raises(NotFound):
        await own.admit(shopper, product.id, now)
    await do(catalog.update_product, id=product.id, status=ProductStatus.ACTIVE)
    await own.admit(shopper, product.id, now)
    await do(catalog.update_product, id=product.id, status=ProductStatus.ARCHIVED)
    await own.admit(shopper, product.id, now + product_views.KNOWN_FOR - timedelta(milliseconds=1))
    with pytest.raises(NotFound):
        await own.admit(shopper, product.id, now + product_views.KNOWN_FOR)
    await own.admit(shop.live, product.id, now)


async def test_a_body_may_be_left_out_and_has_no_members(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product()
    path = f"/v2/products/{product.id}/views"
    assert (await rest("POST", path, json={})).status_code == 204
    refused = await rest("POST", path, json={"product_id": product.id})
    assert refused.status_code == 422, refused.text
    assert (await rest("POST", path, json={"views": 3})).status_code == 422


async def test_a_repeat_under_an_idempotency_key_counts_once(
    database: Database, views: ProductViews, rest: Client, shop: Shop, make_product: MakeProduct
) -> None:
    """On both surfaces; fields beside each other count too, or none. Fails when the key is ignored, and when what was
    rolled back counts."""
    product = await make_product()
    body = {"query": VIEW, "variables": {"id": product.id}}
    for number, (path, options) in enumerate(
        ((f"/v2/products/{product.id}/views", {}), ("/graphql", {"json": body})), start=1
    ):
        for _ in range(3):
            answer = await rest("POST", path, headers={"Idempotency-Key": f"view-{number}"}, **options)
            assert answer.status_code in (200, 204), answer.text
        assert answer.headers["idempotent-replayed"] == "true"
    await views.flush()
    assert await counted(database, shop.live.store) == {product.id: 2}


async def test_fields_beside_each_other_count(
    database: Database, views: ProductViews, graph: Graph, shop: Shop, make_product: MakeProduct
) -> None:
    """They share a transaction; the one that is refused counts nothing."""
    product, other = await make_product(), await make_product()
    assert (await graph(TWO, a=product.id, b=other.id))["b"]["userErrors"] == []
    refused = await graph(TWO, a=product.id, b=new_id("prod"))
    assert (refused["a"]["userErrors"], refused["b"]["userErrors"][0]["code"]) == ([], "NOT_FOUND")
    await views.flush()
    assert await counted(database, shop.live.store) == {product.id: 2, other.id: 1}


async def test_a_scope_is_needed(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, rest: Client) -> None:
    """That of reading products: whoever may see a product may say so."""
    id = new_id("prod")
    for scope, status in (("products:read", 404), ("products:write", 403), ("analytics:write", 403)):
        client = Client(http, await make_key(shop.live, scope))
        assert (await client("POST", f"/v2/products/{id}/views")).status_code == status


async def test_each_view_is_in_the_spans_of_its_time(database: Database, shop: Shop, make_product: MakeProduct) -> None:
    """Also where it is written later. Fails when the time of the batch counts, and with days of another zone."""
    own, product = ProductViews(database), await make_product()
    times: Mapping[str, int] = {
        "2026-03-31T23:44:59.999": 1,
        "2026-03-31T23:45:00.000": 2,
        "2026-03-31T23:59:59.999": 3,
        "2026-04-01T00:00:00.000": 4,
    }
    for text, count in times.items():
        for _ in range(count):
            own.count(
                ProductViewed(shop.live.store.number, product.id, datetime.fromisoformat(text).replace(tzinfo=UTC))
            )
    await own.flush()
    async with database.system_connection() as connection:
        rows = await connection.fetch(_ROWS, shop.live.store.number)
    assert [(row["span"], f"{row['at']:%m-%d %H:%M}", row["views"]) for row in rows] == [
        ("day", "03-31 00:00", 6),
        ("day", "04-01 00:00", 4),
        ("month", "03-01 00:00", 6),
        ("month", "04-01 00:00", 4),
        ("quarter_hour", "03-31 23:30", 1),
        ("quarter_hour", "03-31 23:45", 5),
        ("quarter_hour", "04-01 00:00", 4),
    ]


async def test_what_was_not_written_is_written_later(database_url: str, shop: Shop, make_product: MakeProduct) -> None:
    """Nothing is lost while the database refuses. Fails when a batch is forgotten before it is written."""
    away, product = shared_database(database_url), await make_product()
    await away.open()
    own = ProductViews(away)
    for _ in range(3):
        own.count(ProductViewed(shop.live.store.number, product.id, away.clock()))
    await away.close()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await own.flush()
    own.count(ProductViewed(shop.live.store.number, product.id, away.clock()))
    await away.open()
    await own.flush()
    await own.flush()
    assert await counted(away, shop.live.store) == {product.id: 4}
    await away.close()


async def test_memory_has_a_bound(
    database: Database, shop: Shop, make_product: MakeProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing can be written, views are refused and not forgotten. Fails without the bound."""
    monkeypatch.setattr(product_views, "MAX_COUNTS", 2)
    own, product = ProductViews(database), await make_product()
    for hour in range(2):
        await own.admit(shop.live, product.id, database.clock())
        own.count(ProductViewed(shop.live.store.number, product.id, datetime(2026, 1, 1, hour, tzinfo=UTC)))
    with pytest.raises(Unavailable):
        await own.admit(shop.live, product.id, database.clock())
    await own.flush()
    await own.admit(shop.live, product.id, database.clock())
    assert await counted(database, shop.live.store) == {product.id: 2}


@pytest.mark.both_servers
async def test_each_store_sees_its_own_counts(
    database: Database, views: ProductViews, rest: Client, shop: Shop, other_shop: Shop, make_product: MakeProduct
) -> None:
    """Row-level security, below every statement."""
    product = await make_product()
    await rest("POST", f"/v2/products/{product.id}/views")
    await views.flush()
    for principal, count in ((shop.live, 1), (shop.test, 0), (other_shop.live, 0)):
        async with database.read_connection(principal.store) as reader:
            found = await reader._connection.fetchval("SELECT count(*) FROM product_view_count WHERE span = 'day'")
            assert found == count
