"""Archiving: the product stays readable; archiving is one event, and restoring is an ordinary update."""

from __future__ import annotations

import pytest

from domain import catalog
from domain.catalog import ProductStatus
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.listing import Query
from tests.catalog.conftest import Look, Update
from tests.catalog.test_product_creation import Events
from tests.conftest import Do, MakeProduct, Shop

ARCHIVED = ProductStatus.ARCHIVED


async def archive(do: Do, product: catalog.Product) -> catalog.Product:
    archived: catalog.Product = await do(catalog.archive_product, id=product.id)
    return archived


@pytest.mark.parametrize("status", [ProductStatus.ACTIVE, ProductStatus.DRAFT])
@pytest.mark.parametrize("by_update", [True, False])
async def test_any_move_into_archived_announces_that_the_product_was_deleted_and_nothing_else(
    make_product: MakeProduct, do: Do, update: Update, events: Events, status: ProductStatus, by_update: bool
) -> None:
    product = await make_product(status=status)
    if by_update:
        await update(product, status=ARCHIVED, name="Last name")
    else:
        await archive(do, product)
    _, *later = await events()
    assert [event["type"] for event in later] == ["product.deleted"]
    assert (later[0]["sequence"], later[0]["snapshot"]["status"], later[0]["snapshot"]["version"]) == (2, "archived", 2)


async def test_an_archived_product_is_created_and_not_deleted(make_product: MakeProduct, events: Events) -> None:
    await make_product(status=ARCHIVED)
    assert [event["type"] for event in await events()] == ["product.created"]


async def test_archiving_again_changes_and_announces_nothing(
    make_product: MakeProduct, do: Do, update: Update, look: Look
) -> None:
    product = await make_product()
    await archive(do, product)
    before = await look(product)
    assert (await archive(do, product)).version == 2
    assert (await update(product, status=ARCHIVED)).version == 2
    assert await look(product) == before


async def test_a_change_to_what_is_archived_already_is_an_ordinary_update(
    make_product: MakeProduct, do: Do, update: Update, events: Events
) -> None:
    product = await make_product()
    await archive(do, product)
    await update(product, status=ARCHIVED, name="Still archived")
    assert [event["type"] for event in await events()] == ["product.created", "product.deleted", "product.updated"]


async def test_the_way_back_is_an_update(make_product: MakeProduct, do: Do, update: Update, events: Events) -> None:
    product = await make_product()
    for status in (ProductStatus.ACTIVE, ProductStatus.DRAFT):
        await archive(do, product)
        await update(product, status=status)
    told = [(event["type"], event["changed_fields"]) for event in await events()]
    assert told == [
        ("product.created", []),
        ("product.deleted", ["status"]),
        ("product.updated", ["status"]),
        ("product.deleted", ["status"]),
        ("product.updated", ["status"]),
    ]


async def test_archiving_a_stale_version_is_a_conflict(
    make_product: MakeProduct, do: Do, update: Update, look: Look
) -> None:
    product = await make_product()
    await update(product, name="Changed")
    before = await look(product)
    with pytest.raises(Conflict):
        await do(catalog.archive_product, id=product.id, expected_version=1)
    assert await look(product) == before


async def test_an_unknown_product_cannot_be_archived(do: Do) -> None:
    with pytest.raises(NotFound):
        await do(catalog.archive_product, id="prod_unknown")


async def test_an_archived_product_stays_readable_and_listed_and_keeps_its_sku(
    make_product: MakeProduct, do: Do, database: Database, shop: Shop
) -> None:
    product, active = await make_product(sku="GONE"), await make_product()
    await archive(do, product)
    reads = catalog.reads
    async with database.read_connection(shop.live.store) as reader:
        assert (await reads.product_by_id.for_key(reader, product.id)).status == "archived"
        assert (await reads.product_by_sku.for_key(reader, "gone")).id == product.id
        assert len(await reads.variants_by_product.for_key(reader, product.id)) == 1
        assert [row.id for row in (await reads.products.page(reader, Query())).rows] == [active.id, product.id]
        only_active = Query(filters={"status": (ProductStatus.ACTIVE,)})
        assert [row.id for row in (await reads.products.page(reader, only_active)).rows] == [active.id]
        found = await reads.products.page(reader, Query(search="gone"))
        assert [row.id for row in found.rows] == [product.id]
    with pytest.raises(Conflict):
        await make_product(sku="gone")
