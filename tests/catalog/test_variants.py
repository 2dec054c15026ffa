"""Variants: merging by id and then by SKU, adding, updating and removing; the last variant stays."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog
from domain.catalog.commands import ImageInput, VariantChange, VariantInput
from domain.kernel.errors import Conflict, DomainError, ErrorCode, NotFound, Path
from tests.catalog.conftest import Look, Update
from tests.catalog.test_product_creation import Events, pounds, refusal_of
from tests.conftest import Do, MakeProduct


async def two(make_product: MakeProduct, **given: Any) -> catalog.Product:
    """Create a product with the variants A and B and a SKU of its own."""
    return await make_product(sku="P", variants=(VariantInput(sku="A"), VariantInput(sku="B")), **given)


async def skus(look: Look, product: catalog.Product) -> dict[str, str]:
    """Return the SKUs of a product's variants by id, in order."""
    return {row["id"]: row["sku"] for row in (await look(product))["product_variant"]}


async def test_mentioned_variants_are_merged_unknown_ones_made_and_the_others_stay(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await two(make_product)
    first, second = await skus(look, product)
    changes = (VariantChange(sku="C", price=pounds(1)), VariantChange(id=second, cost=pounds(2)))
    await update(product, variants=changes)
    rows = (await look(product))["product_variant"]
    assert [(row["sku"], row["position"], row["cost"]) for row in rows] == [("A", 0, None), ("B", 1, 2), ("C", 2, None)]
    assert [row["id"] for row in rows][:2] == [first, second]


async def test_a_variant_is_found_by_its_sku_whatever_its_case(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product = await two(make_product)
    before = await skus(look, product)
    await update(product, variants=(VariantChange(sku="b", cost=pounds(1)),))
    after = await skus(look, product)
    assert list(after) == list(before)
    assert list(after.values()) == ["A", "b"]


async def test_two_variants_may_exchange_their_skus(
    make_product: MakeProduct, update: Update, look: Look, events: Events
) -> None:
    product = await two(make_product)
    first, second = await skus(look, product)
    await update(product, variants=(VariantChange(id=first, sku="B"), VariantChange(id=second, sku="A")))
    assert await skus(look, product) == {first: "B", second: "A"}
    assert [row["sku_key"] for row in (await look(product))["product_sku"]] == ["a", "b", "p"]
    assert [event["changed_fields"] for event in await events()] == [[], ["variants"]]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ((VariantChange(sku="A"), VariantChange(sku="a")), ErrorCode.DUPLICATE, ("variants", 1)),
        ((VariantChange(sku="A"), VariantChange(id="first")), ErrorCode.DUPLICATE, ("variants", 1)),
        ((VariantChange(id="first", sku="B"),), ErrorCode.DUPLICATE, ("variants", 0, "sku")),
        ((VariantChange(sku="B"), VariantChange(id="first", sku="b")), ErrorCode.DUPLICATE, ("variants", 1, "sku")),
        ((VariantChange(sku="C"), VariantChange(id="nobody")), ErrorCode.NOT_FOUND, ("variants", 1, "id")),
        ((VariantChange(price=None),), ErrorCode.REQUIRED, ("variants", 0, "sku")),
        (tuple(VariantChange(sku=f"N-{n}") for n in range(99)), ErrorCode.TOO_LONG, ("variants", 98)),
    ],
)
async def test_a_merge_that_makes_no_sense_changes_nothing(
    make_product: MakeProduct,
    update: Update,
    look: Look,
    changes: tuple[VariantChange, ...],
    code: ErrorCode,
    path: Path,
) -> None:
    product = await two(make_product)
    (first, _), before = await skus(look, product), await look(product)
    given = tuple(VariantChange(id=first, sku=change.sku) if change.id == "first" else change for change in changes)
    with pytest.raises(DomainError) as refusal:
        await update(product, name="x", variants=given)
    assert refusal_of(refusal.value) == (code, path)
    assert await look(product) == before


async def test_a_merge_cannot_take_another_products_variant_or_sku(
    make_product: MakeProduct, update: Update, look: Look
) -> None:
    product, other = await two(make_product), await make_product(sku="OTHER")
    (foreign,), before = await skus(look, other), await look(product)
    with pytest.raises(DomainError) as refusal:
        await update(product, variants=(VariantChange(id=foreign, sku="OTHER"),))
    assert refusal_of(refusal.value) == (ErrorCode.NOT_FOUND, ("variants", 0, "id"))
    with pytest.raises(Conflict) as refusal:
        await update(product, variants=(VariantChange(sku="other", inventory=1),))
    assert refusal_of(refusal.value) == (ErrorCode.TAKEN, ("variants", 0, "sku"))
    assert await look(product) == before


async def test_a_variant_is_added_at_the_end(make_product: MakeProduct, do: Do, look: Look, events: Events) -> None:
    product = await two(make_product)
    variant = await do(
        catalog.add_variant,
        product_id=product.id,
        expected_version=1,
        sku="C",
        price=pounds(3),
        attributes={"size": "S"},
        inventory=4,
        image="https://x/c",
    )
    found = await look(product)
    row = found["product_variant"][2]
    assert (row["id"], row["sku"], row["price"], row["position"]) == (variant.id, "C", 3, 2)
    assert row["image_id"] == found["product_image"][0]["id"]
    assert [(move["quantity"], move["reason"]) for move in found["inventory_movement"]] == [(4, "opening")]
    assert [event["changed_fields"] for event in await events()] == [[], ["variants", "images"]]
    assert found["product"][0]["version"] == 2


@pytest.mark.parametrize("sku", ["a", "B", "other"])
async def test_a_taken_sku_cannot_be_added_or_changed_to(
    make_product: MakeProduct, do: Do, look: Look, sku: str
) -> None:
    await make_product(sku="OTHER")
    product = await two(make_product)
    before = await look(product)
    changed = next(id for id, own in (await skus(look, product)).items() if own.casefold() != sku.casefold())
    with pytest.raises(Conflict) as added:
        await do(catalog.add_variant, product_id=product.id, sku=sku, inventory=1)
    assert refusal_of(added.value)[0] is ErrorCode.TAKEN
    with pytest.raises(Conflict) as updated:
        await do(catalog.update_variant, product_id=product.id, id=changed, sku=sku, inventory=1)
    assert refusal_of(updated.value)[0] is ErrorCode.TAKEN
    assert refusal_of(added.value)[1] == refusal_of(updated.value)[1] == ("sku",)
    assert await look(product) == before


async def test_a_variant_may_take_the_sku_of_its_own_product(make_product: MakeProduct, do: Do, look: Look) -> None:
    product = await two(make_product)
    first, _ = await skus(look, product)
    await do(catalog.update_variant, product_id=product.id, id=first, sku="p")
    assert [row["sku_key"] for row in (await look(product))["product_sku"]] == ["b", "p"]


async def test_changing_a_variant_leaves_the_rest_of_it_alone(make_product: MakeProduct, do: Do, look: Look) -> None:
    given = VariantInput(sku="A", price=pounds(9), cost=pounds(1), attributes={"size": "L"}, image="https://x/a")
    product = await make_product(sku="P", variants=(given,))
    (before,) = (await look(product))["product_variant"]
    await do(catalog.update_variant, product_id=product.id, id=before["id"], cost=None)
    (after,) = (await look(product))["product_variant"]
    assert {name for name in before if before[name] != after[name]} == {"cost", "updated_at"}


async def test_only_variants_that_changed_are_touched(make_product: MakeProduct, do: Do, look: Look) -> None:
    product = await two(make_product)
    first, second = (await look(product))["product_variant"]
    await do(catalog.update_variant, product_id=product.id, id=second["id"], attributes={"size": "S"})
    now_first, now_second = (await look(product))["product_variant"]
    assert now_first == first
    assert now_second["updated_at"] > second["updated_at"]


@pytest.mark.parametrize(
    "change",
    [
        (catalog.add_variant, {"sku": "C"}),
        (catalog.update_variant, {"cost": None}),
        (catalog.remove_variant, {}),
        (catalog.add_image, {"url": "https://x/1"}),
        (catalog.remove_image, {}),
    ],
)
async def test_writes_to_children_check_the_version_of_the_product(
    make_product: MakeProduct, do: Do, look: Look, change: tuple[Any, dict[str, Any]]
) -> None:
    product = await two(make_product, images=(ImageInput(url="https://x/0"),))
    before = await look(product)
    execute, given = change
    if execute in {catalog.update_variant, catalog.remove_variant}:
        given = {**given, "id": before["product_variant"][1]["id"]}
    if execute is catalog.remove_image:
        given = {**given, "id": before["product_image"][0]["id"]}
    with pytest.raises(Conflict) as refusal:
        await do(execute, product_id=product.id, expected_version=2, **given)
    assert refusal_of(refusal.value)[0] is ErrorCode.VERSION_MISMATCH
    assert await look(product) == before
    if execute is not catalog.update_variant:
        await do(execute, product_id=product.id, expected_version=1, **given)
        assert (await look(product))["product"][0]["version"] == 2


async def test_a_removed_variant_frees_its_sku_and_the_rest_move_up(
    make_product: MakeProduct, do: Do, look: Look, events: Events
) -> None:
    product = await two(make_product)
    first, second = await skus(look, product)
    await do(catalog.remove_variant, product_id=product.id, id=first)
    found = await look(product)
    assert [(row["id"], row["position"]) for row in found["product_variant"]] == [(second, 0)]
    assert [row["sku_key"] for row in found["product_sku"]] == ["b", "p"]
    assert "a" not in {row["word"] for row in found["product_word"]}
    assert (await make_product(sku="A")).sku == "A"
    assert [event["type"] for event in await events()] == ["product.created", "product.updated", "product.created"]


async def test_the_product_keeps_a_sku_it_shared_with_a_removed_variant(
    make_product: MakeProduct, do: Do, look: Look
) -> None:
    product = await make_product(sku="A", variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    first, _ = await skus(look, product)
    await do(catalog.remove_variant, product_id=product.id, id=first)
    assert [row["sku_key"] for row in (await look(product))["product_sku"]] == ["a", "b"]


async def test_the_last_variant_stays(make_product: MakeProduct, do: Do, look: Look) -> None:
    product = await make_product()
    before = await look(product)
    with pytest.raises(Conflict) as refusal:
        await do(catalog.remove_variant, product_id=product.id, id=before["product_variant"][0]["id"])
    assert refusal_of(refusal.value) == (ErrorCode.ILLEGAL_TRANSITION, ("id",))
    assert await look(product) == before


async def test_a_variant_of_another_product_does_not_exist(make_product: MakeProduct, do: Do, look: Look) -> None:
    product, other = await two(make_product), await make_product()
    (foreign,), before = await skus(look, other), await look(other)
    for execute in (catalog.update_variant, catalog.remove_variant):
        with pytest.raises(NotFound):
            await do(execute, product_id=product.id, id=foreign)
    assert await look(other) == before
