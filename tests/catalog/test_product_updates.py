"""Updating products: omitted fields, merged and replaced lists, and updates without a difference."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import catalog
from domain.catalog.commands import ImageInput, VariantChange, VariantInput
from domain.kernel.errors import Conflict, ErrorCode, NotFound
from domain.kernel.money import Money
from tests.catalog.conftest import Look, Update
from tests.catalog.test_product_creation import Events, pounds, refusal_of
from tests.conftest import Do, MakeProduct, Shop

FULL: dict[str, Any] = {
    "name": "Red mug",
    "sku": "MUG",
    "price": pounds(500),
    "description": "Holds tea.",
    "categories": ("kitchen", "red"),
    "tags": ("New", "Sale"),
    "metadata": {"season": "summer", "rank": 1},
    "variants": (
        VariantInput(sku="MUG", inventory=3, cost=pounds(100)),
        VariantInput(sku="MUG-L", price=pounds(700), attributes={"size": "L"}, image="https://x/large"),
    ),
    "images": (ImageInput(url="https://x/front", alt="Front"), ImageInput(url="https://x/back")),
}
UNTIMED = {"version", "sequence", "updated_at"}


def differences(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the tables whose rows differ, and the columns of the product that differ."""
    columns = {name for name in before["product"][0] if before["product"][0][name] != after["product"][0][name]}
    return columns | {table for table in before if table != "product" and before[table] != after[table]}


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"name": "Blue mug"}, {"name", "name_key", "product_word"}),
        ({"description": "Holds coffee."}, {"description"}),
        ({"description": ""}, {"description"}),
        ({"price": pounds(600)}, {"price", "product_variant"}),
        ({"sku": "CUP"}, {"sku", "product_variant", "product_sku", "product_word"}),
        ({"status": catalog.ProductStatus.DRAFT}, {"status"}),
        ({"categories": ()}, {"categories"}),
        ({"categories": ("red", "gifts")}, {"categories"}),
        ({"tags": ("sale", "gift")}, {"tags", "product_tag"}),
        ({"metadata": {"rank": 2}}, {"metadata"}),
        ({"images": ()}, {"product_image", "product_variant"}),
        ({"variants": (VariantChange(sku="MUG-L", attributes={}),)}, {"product_variant"}),
    ],
)
async def test_what_is_absent_stays_untouched(
    make_product: MakeProduct, update: Update, look: Look, events: Events, given: dict[str, Any], changed: set[str]
) -> None:
    product = await make_product(**FULL)
    before = await look(product)
    updated = await update(product, **given)
    after = await look(product)
    assert differences(before, after) == changed | UNTIMED | {"events"}
    assert (updated.version, updated.sequence) == (2, 2)
    _, event = await events()
    assert (event["type"], event["sequence"]) == ("product.updated", 2)
    assert set(given) <= set(event["changed_fields"])


@pytest.mark.parametrize(
    "given",
    [
        {},
        {
            **{name: value for name, value in FULL.items() if name not in {"variants", "images"}},
            "variants": (VariantChange(sku="MUG"),),
        },
        {"name": "Red mug", "sku": "MUG", "status": catalog.ProductStatus.ACTIVE, "metadata": {}},
        {"categories": ("red", "kitchen", "red")},
        {"tags": ("New", "Sale", "NEW")},
        {
            "images": (
                ImageInput(url="https://x/front"),
                ImageInput(url="https://x/back"),
                ImageInput(url="https://x/large"),
            )
        },
        {"metadata": {"unknown": None}},
        {
            "variants": (
                VariantChange(sku="MUG", price=None),
                VariantChange(sku="MUG-L", price=pounds(700), image="https://x/large"),
            )
        },
        {"variants": (VariantChange(sku="MUG", inventory=3),)},
    ],
)
async def test_an_update_that_changes_nothing_bumps_nothing_and_announces_nothing(
    make_product: MakeProduct, update: Update, look: Look, given: dict[str, Any]
) -> None:
    product = await make_product(**FULL)
    before = await look(product)
    assert (await update(product, **given)).version == 1
    assert await look(product) == before


async def test_a_stale_version_is_a_conflict_and_nothing_is_written(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(**FULL)
    await update(product, name="Second", expected_version=1)
    before = await look(product)
    for version in (1, 3):
        with pytest.raises(Conflict) as refusal:
            await update(product, name="Third", expected_version=version)
        assert refusal_of(refusal.value) == (ErrorCode.VERSION_MISMATCH, ("expected_version",))
    assert await look(product) == before


async def test_another_stores_product_does_not_exist(
    make_product: MakeProduct, do: Do, look: Look, other_shop: Shop, shop: Shop
) -> None:
    product = await make_product()
    before = await look(product)
    for caller in (other_shop.live, shop.test):
        with pytest.raises(NotFound):
            await do(catalog.update_product, caller, id=product.id, name="Mine")
        with pytest.raises(NotFound):
            await do(catalog.archive_product, caller, id=product.id)
    assert await look(product) == before


async def test_the_products_new_price_follows_to_variants_without_their_own(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(**FULL)
    await update(product, price=pounds(900))
    assert [(row["price"], row["overrides_price"]) for row in (await look(product))["product_variant"]] == [
        (900, False),
        (700, True),
    ]
    await update(product, variants=(VariantChange(sku="MUG-L", price=None),))
    assert [(row["price"], row["overrides_price"]) for row in (await look(product))["product_variant"]] == [
        (900, False),
        (900, False),
    ]


async def test_an_own_price_equal_to_the_products_still_overrides(
    make_product: MakeProduct, update: Update, look: Look, events: Events
) -> None:
    product = await make_product(price=pounds(500))
    await update(product, variants=(VariantChange(sku=product.sku, price=pounds(500)),))
    await update(product, price=pounds(400))
    assert [row["price"] for row in (await look(product))["product_variant"]] == [500]
    assert [event["changed_fields"] for event in await events()] == [[], ["variants"], ["price"]]


async def test_images_replace_and_keep_their_ids_by_id_or_url(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(images=tuple(ImageInput(url=f"https://x/{name}", alt=name) for name in "abcd"))
    ids = {row["alt"]: row["id"] for row in (await look(product))["product_image"]}
    await update(
        product,
        images=(
            ImageInput(url="https://x/d"),
            ImageInput(id=ids["a"], url="https://x/new"),
            ImageInput(url="https://x/b", alt=None),
            ImageInput(url="https://x/more", alt="more"),
        ),
    )
    rows = (await look(product))["product_image"]
    assert [(row["url"], row["alt"], row["position"]) for row in rows] == [
        ("https://x/d", "d", 0),
        ("https://x/new", "a", 1),
        ("https://x/b", None, 2),
        ("https://x/more", "more", 3),
    ]
    assert [row["id"] for row in rows][:3] == [ids["d"], ids["a"], ids["b"]]
    assert rows[3]["id"] not in ids.values()


async def test_an_image_named_by_its_id_is_not_taken_by_another_with_its_url(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(images=(ImageInput(url="https://x/a"),))
    (row,) = (await look(product))["product_image"]
    await update(product, images=(ImageInput(url="https://x/a"), ImageInput(id=row["id"], url="https://x/moved")))
    rows = (await look(product))["product_image"]
    assert [image["url"] for image in rows] == ["https://x/a", "https://x/moved"]
    assert rows[1]["id"] == row["id"]


async def test_an_image_of_another_product_is_unknown(make_product: MakeProduct, update: Update, look: Look) -> None:
    other = await make_product(images=(ImageInput(url="https://x/a"),))
    (foreign,) = (await look(other))["product_image"]
    product = await make_product(**FULL)
    before = await look(product)
    with pytest.raises(Exception, match="no image with this id") as refusal:
        await update(product, name="x", images=(ImageInput(id=foreign["id"], url="https://x/a"),))
    assert refusal_of(refusal.value) == (ErrorCode.NOT_FOUND, ("images", 0, "id"))  # type: ignore[arg-type]
    assert await look(product) == before


async def test_variants_that_used_a_removed_image_are_left_without_one(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(**FULL)
    await update(product, images=(ImageInput(url="https://x/front"),))
    assert [row["image_id"] for row in (await look(product))["product_variant"]] == [None, None]


async def test_metadata_merges_and_null_drops_a_key(make_product: MakeProduct, update: Update, look: Look) -> None:
    product = await make_product(metadata={"a": 1, "b": {"deep": 1}, "c": 3})
    await update(product, metadata={"a": None, "b": {"other": 2}, "d": 4})
    assert (await look(product))["product"][0]["metadata"] == {"b": {"other": 2}, "c": 3, "d": 4}


async def test_numbers_of_metadata_stay_what_they_are_whatever_is_updated(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    """PostgreSQL writes 1e30 as digits, which overflow every integer type when parsed as an integer."""
    product = await make_product(metadata={"a": 1e30, "b": -1.5e-7, "c": 2**53})
    await update(product, name="Cup")
    await update(product, metadata={"d": 1e300})
    found = (await look(product))["product"][0]["metadata"]
    assert found == {"a": 1e30, "b": -1.5e-7, "c": 2**53, "d": 1e300}


async def test_metadata_does_not_outgrow_its_limits_by_merging(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(metadata={f"a{number}": 1 for number in range(50)})
    before = await look(product)
    with pytest.raises(Exception, match="50 keys") as refusal:
        await update(product, metadata={"one more": 1})
    assert refusal_of(refusal.value) == (ErrorCode.TOO_LONG, ("metadata",))  # type: ignore[arg-type]
    assert await look(product) == before
    await update(product, metadata={"one more": 1, "a0": None})
    assert len((await look(product))["product"][0]["metadata"]) == 50


async def test_a_product_may_take_the_sku_of_another_of_its_variants(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(sku="A", variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    await update(product, sku="B")
    found = await look(product)
    assert found["product"][0]["sku"] == "B"
    assert [row["sku"] for row in found["product_variant"]] == ["A", "B"]
    assert [row["sku_key"] for row in found["product_sku"]] == ["a", "b"]


async def test_a_sku_may_change_its_case_only(make_product: MakeProduct, update: Update, look: Look) -> None:
    product = await make_product(sku="mug")
    await update(product, sku="MUG")
    found = await look(product)
    assert (found["product"][0]["sku"], found["product_variant"][0]["sku"]) == ("MUG", "MUG")
    assert [row["sku_key"] for row in found["product_sku"]] == ["mug"]


async def test_a_given_up_sku_is_free_again_and_a_kept_one_is_not(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await make_product(sku="OLD")
    await update(product, sku="NEW")
    assert (await make_product(sku="old")).sku == "old"
    before = await look(product)
    with pytest.raises(Conflict) as refusal:
        await update(product, name="x", sku="OLD")
    assert refusal_of(refusal.value) == (ErrorCode.TAKEN, ("sku",))
    assert await look(product) == before


async def test_every_event_carries_the_product_as_it_then_was(
    make_product: MakeProduct, update: Update, events: Events
) -> None:
    product = await make_product(name="One", price=Money(100, "GBP"))
    await update(product, name="Two", price=Money(200, "GBP"))
    await update(product, tags=("x",))
    told = [
        (event["sequence"], event["snapshot"]["version"], event["snapshot"]["name"], event["changed_fields"])
        for event in await events()
    ]
    assert told == [(1, 1, "One", []), (2, 2, "Two", ["name", "price"]), (3, 3, "Two", ["tags"])]


@pytest.mark.both_servers
async def test_of_twenty_parallel_updates_none_is_lost(
    make_product: MakeProduct, update: Update, look: Look, events: Events
) -> None:
    product = await make_product(metadata={})
    await asyncio.gather(*(update(product, metadata={f"k{number}": number}) for number in range(20)))
    found = (await look(product))["product"][0]
    assert found["metadata"] == {f"k{number}": number for number in range(20)}
    assert (found["version"], found["sequence"]) == (21, 21)
    assert [event["sequence"] for event in await events()] == list(range(1, 22))


async def test_of_two_updates_of_the_same_version_one_is_refused(make_product: MakeProduct, update: Update) -> None:
    product = await make_product()
    changes = [update(product, name=f"Name {number}", expected_version=1) for number in range(5)]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 4 + ["Product"]
