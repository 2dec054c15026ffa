"""Creating products: defaults, refusals, and that a refusal writes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import catalog
from domain.catalog.commands import CreateProduct, ImageInput, VariantInput
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, DomainError, ErrorCode, Forbidden, Path, ValidationFailed
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from tests.catalog.conftest import Look
from tests.conftest import Do, MakeProduct, Shop

Events = Any
WRITTEN = (
    *("product", "product_variant", "product_image", "product_sku", "product_word", "product_tag"),
    *("category", "product_category", "inventory_level", "inventory_movement", "event"),
)


def pounds(minor: int) -> Money:
    return Money(minor, "GBP")


async def counts(database: Database, principal: Principal) -> dict[str, int]:
    """Count the rows of the store in every table that creating a product writes."""
    async with database.system_connection() as connection:
        return {
            table: await connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE store_id = $1", principal.store.number
            )
            for table in WRITTEN
        }


def refusal_of(error: DomainError) -> tuple[ErrorCode, Path]:
    (problem,) = error.problems
    return problem.code, problem.path


async def test_a_product_has_by_default_one_variant_that_shares_its_sku(make_product: MakeProduct, look: Look) -> None:
    product = await make_product(name="Red mug", sku="Mug-1", price=pounds(500))
    found = await look(product)
    (row,), (variant,) = found["product"], found["product_variant"]
    assert {name: row[name] for name in row if name not in {"id", "store_id", "created_at", "updated_at"}} == {
        "name": "Red mug",
        "name_key": "red mug",
        "description": "",
        "sku": "Mug-1",
        "status": "active",
        "price": 500,
        "currency": "GBP",
        "tags": [],
        "metadata": {},
        "version": 1,
        "sequence": 1,
    }
    assert (variant["sku"], variant["sku_key"], variant["price"], variant["overrides_price"]) == (
        "Mug-1",
        "mug-1",
        500,
        False,
    )
    assert (variant["position"], variant["attributes"], variant["cost"], variant["image_id"]) == (0, {}, None, None)
    assert row["created_at"] == row["updated_at"] == variant["created_at"] == variant["updated_at"]
    assert [sku["sku_key"] for sku in found["product_sku"]] == ["mug-1"]
    assert [word["word"] for word in found["product_word"]] == ["1", "mug", "red"]
    assert found["product_image"] == found["product_tag"] == found["inventory_level"] == found["categories"] == []


async def test_with_variants_none_is_added_and_the_first_is_the_default(make_product: MakeProduct, look: Look) -> None:
    product = await make_product(
        sku="P",
        price=pounds(500),
        variants=(
            VariantInput(sku="V-1", price=pounds(600), cost=pounds(200), attributes={"size": "L"}),
            VariantInput(sku="V-2", price=None, image="https://x.example/2.jpg"),
        ),
    )
    found = await look(product)
    first, second = found["product_variant"]
    assert (first["sku"], first["price"], first["overrides_price"], first["cost"]) == ("V-1", 600, True, 200)
    assert (second["sku"], second["price"], second["overrides_price"]) == ("V-2", 500, False)
    assert (first["position"], second["position"]) == (0, 1)
    assert first["attributes"] == {"size": "L"}
    (image,) = found["product_image"]
    assert image["url"] == "https://x.example/2.jpg"
    assert (first["image_id"], second["image_id"]) == (None, image["id"])
    assert [sku["sku_key"] for sku in found["product_sku"]] == ["p", "v-1", "v-2"]


async def test_images_stand_as_given_or_where_their_position_says(make_product: MakeProduct, look: Look) -> None:
    listed = await make_product(
        images=(ImageInput(url="https://x/b"), ImageInput(url="https://x/a", alt="A"), ImageInput(url="https://x/b"))
    )
    assert [(image["url"], image["alt"], image["position"]) for image in (await look(listed))["product_image"]] == [
        ("https://x/b", None, 0),
        ("https://x/a", "A", 1),
        ("https://x/b", None, 2),
    ]
    placed = await make_product(
        images=(ImageInput(url="https://x/b", position=7), ImageInput(url="https://x/a", position=3))
    )
    assert [(image["url"], image["position"]) for image in (await look(placed))["product_image"]] == [
        ("https://x/a", 0),
        ("https://x/b", 1),
    ]


async def test_an_image_of_a_variant_is_the_products_when_the_url_is_the_same(
    make_product: MakeProduct, look: Look
) -> None:
    product = await make_product(
        images=(ImageInput(url="https://x/1"),), variants=(VariantInput(sku="ONE", image="https://x/1"),)
    )
    found = await look(product)
    assert [image["id"] for image in found["product_image"]] == [found["product_variant"][0]["image_id"]]


async def test_unknown_categories_are_created_once_and_known_ones_shared(
    make_product: MakeProduct, look: Look, database: Database, shop: Shop
) -> None:
    one = await make_product(categories=("home-office", "audio", "audio"))
    other = await make_product(categories=("audio",))
    assert (await look(one))["categories"] == ["audio", "home-office"]
    assert (await look(other))["categories"] == ["audio"]
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT slug, name FROM category WHERE store_id = $1 ORDER BY slug", shop.live.store.number
        )
    assert [tuple(row) for row in rows] == [("audio", "Audio"), ("home-office", "Home office")]


async def test_a_tag_counts_once_whatever_its_case_as_first_written(make_product: MakeProduct, look: Look) -> None:
    found = await look(await make_product(tags=("New", "sale", "NEW", "ｎｅｗ", "Sale")))
    assert found["product"][0]["tags"] == ["New", "sale"]
    assert [tag["tag_key"] for tag in found["product_tag"]] == ["new", "sale"]
    assert (await look(await make_product(tags=("b", "a", "B"))))["product"][0]["tags"] == ["b", "a"]


async def test_null_drops_a_key_of_metadata(make_product: MakeProduct, look: Look) -> None:
    found = await look(await make_product(metadata={"kept": False, "zero": 0, "dropped": None, "deep": {"null": None}}))
    assert found["product"][0]["metadata"] == {"kept": False, "zero": 0, "deep": {"null": None}}


async def test_stock_is_opened_in_the_default_warehouse_by_a_movement(make_product: MakeProduct, look: Look) -> None:
    product = await make_product(
        variants=(VariantInput(sku="A", inventory=7), VariantInput(sku="B", inventory=0), VariantInput(sku="C"))
    )
    found = await look(product)
    ids = {variant["sku"]: variant["id"] for variant in found["product_variant"]}
    assert {level["variant_id"]: (level["on_hand"], level["reserved"]) for level in found["inventory_level"]} == {
        ids["A"]: (7, 0),
        ids["B"]: (0, 0),
    }
    (movement,) = found["inventory_movement"]
    assert (movement["variant_id"], movement["quantity"], movement["reason"]) == (ids["A"], 7, "opening")
    assert movement["actor"] == "system"


async def test_creating_announces_the_whole_product(make_product: MakeProduct, events: Events) -> None:
    product = await make_product(categories=("b", "a"), tags=("x",), images=(ImageInput(url="https://x/1"),))
    (event,) = await events()
    assert (event["type"], event["object_id"], event["sequence"]) == ("product.created", product.id, 1)
    assert event["changed_fields"] == []
    snapshot = event["snapshot"]
    assert (snapshot["id"], snapshot["version"], snapshot["categories"], snapshot["tags"]) == (
        product.id,
        1,
        ["a", "b"],
        ["x"],
    )
    assert [image["url"] for image in snapshot["images"]] == ["https://x/1"]
    assert [variant["sku"] for variant in snapshot["variants"]] == [product.sku]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"sku": "mug-1"}, ("sku",)),
        ({"sku": "ｍｕｇ-1"}, ("sku",)),
        ({"sku": "blue"}, ("sku",)),
        ({"sku": "NEW", "variants": (VariantInput(sku="x"), VariantInput(sku="MUG-1"))}, ("variants", 1, "sku")),
        ({"sku": "NEW", "variants": (VariantInput(sku="BLUE", inventory=3),)}, ("variants", 0, "sku")),
    ],
)
async def test_a_sku_is_unique_across_products_and_variants_whatever_its_case(
    make_product: MakeProduct, database: Database, shop: Shop, given: dict[str, Any], path: Path
) -> None:
    await make_product(sku="Mug-1", variants=(VariantInput(sku="Blue"),))
    before = await counts(database, shop.live)
    with pytest.raises(Conflict) as refusal:
        await make_product(categories=("new-one",), **given)
    assert refusal_of(refusal.value) == (ErrorCode.TAKEN, path)
    assert await counts(database, shop.live) == before


async def test_the_same_sku_twice_in_one_product_is_refused(
    make_product: MakeProduct, database: Database, shop: Shop
) -> None:
    before = await counts(database, shop.live)
    with pytest.raises(ValidationFailed) as refusal:
        await make_product(variants=(VariantInput(sku="A"), VariantInput(sku="a")))
    assert refusal_of(refusal.value) == (ErrorCode.DUPLICATE, ("variants", 1, "sku"))
    assert await counts(database, shop.live) == before


async def test_a_product_may_share_the_sku_of_any_of_its_own_variants(make_product: MakeProduct, look: Look) -> None:
    product = await make_product(sku="b", variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    assert [sku["sku_key"] for sku in (await look(product))["product_sku"]] == ["a", "b"]


async def test_two_stores_may_use_the_same_sku(make_product: MakeProduct, shop: Shop, other_shop: Shop) -> None:
    for principal in (shop.live, shop.test, other_shop.live):
        assert (await make_product(principal, sku="SAME")).sku == "SAME"


async def test_a_new_product_cannot_claim_the_id_of_an_image(make_product: MakeProduct, events: Events) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await make_product(images=(ImageInput(url="https://x/1"), ImageInput(id="img_1", url="https://x/2")))
    assert refusal_of(refusal.value) == (ErrorCode.NOT_FOUND, ("images", 1, "id"))
    assert await events() == []


async def test_more_images_than_a_product_may_have_are_refused(make_product: MakeProduct, events: Events) -> None:
    images = tuple(ImageInput(url=f"https://x/{number}") for number in range(50))
    with pytest.raises(ValidationFailed) as refusal:
        await make_product(images=images, variants=(VariantInput(sku="A", image="https://x/51"),))
    assert refusal_of(refusal.value)[0] is ErrorCode.TOO_LONG
    assert await events() == []


async def test_creating_needs_the_scope(database: Database, shop: Shop, do: Do) -> None:
    reader = Principal(shop.live.store, frozenset({"products:read"}), "key_1")
    before = await counts(database, shop.live)
    with pytest.raises(Forbidden) as refusal:
        await do(catalog.create_product, reader, name="x", sku="x", price=pounds(1))
    assert refusal.value.missing_scope == "products:write"
    assert await counts(database, shop.live) == before


@pytest.mark.both_servers
async def test_concurrent_creates_with_one_sku_make_one_product(
    make_product: MakeProduct, database: Database, shop: Shop, events: Events
) -> None:
    for turn in range(5):
        before = await counts(database, shop.live)
        skus = [f"SAME-{turn}", f"same-{turn}"] * 4
        outcomes = await asyncio.gather(
            *(make_product(sku=sku, variants=(VariantInput(sku=f"{sku}-v"),)) for sku in skus), return_exceptions=True
        )
        refusals = [outcome for outcome in outcomes if not isinstance(outcome, catalog.Product)]
        assert len(refusals) == len(skus) - 1
        assert all(isinstance(refusal, Conflict) for refusal in refusals), refusals
        after = await counts(database, shop.live)
        assert {
            table: after[table] - before[table] for table in ("product", "product_variant", "product_sku", "event")
        } == {
            "product": 1,
            "product_variant": 1,
            "product_sku": 2,
            "event": 1,
        }


@pytest.mark.both_servers
async def until_a_lock_is_awaited(database: Database) -> None:
    """Wait until a transaction of this database waits for a lock."""
    async with asyncio.timeout(10), database.system_connection() as connection:
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)


async def test_only_the_register_of_skus_decides_between_two_writers(database: Database, shop: Shop) -> None:
    """One writer has inserted its variant and waits for another SKU; the writer that claimed that SKU must succeed."""
    held, over = asyncio.Event(), asyncio.Event()

    async def create(*skus: str) -> None:
        async with database.transaction(shop.live) as work:
            variants = tuple(VariantInput(sku=sku) for sku in skus)
            command = CreateProduct(name="x", sku=skus[0], price=pounds(1), variants=variants)
            await catalog.create_product(work, shop.live, command)

    async def hold(sku: str) -> None:
        async with database.transaction(shop.live) as work:
            await catalog.create_product(work, shop.live, CreateProduct(name="x", sku=sku, price=pounds(1)))
            held.set()
            await over.wait()
            raise KeyError(sku)

    first = asyncio.create_task(hold("A"))
    await held.wait()
    waiting = asyncio.create_task(create("A", "B"))
    await until_a_lock_is_awaited(database)  # for A, its own variants inserted
    winner = asyncio.create_task(create("B"))
    await asyncio.wait([winner], timeout=1)  # it gets through while the other two are held, unless it must wait too
    over.set()
    outcomes = await asyncio.gather(first, waiting, winner, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [KeyError, Conflict, type(None)]
