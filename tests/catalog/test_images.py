"""Images: adding at the end or at a position, removing, and the variants that used a removed image."""

from __future__ import annotations

import pytest

from domain import catalog
from domain.catalog.commands import ImageInput, VariantInput
from domain.kernel.errors import ErrorCode, NotFound, ValidationFailed
from tests.catalog.conftest import Look
from tests.catalog.test_product_creation import Events, refusal_of
from tests.conftest import Client, Do, MakeProduct


async def urls(look: Look, product: catalog.Product) -> list[str]:
    rows = (await look(product))["product_image"]
    assert [row["position"] for row in rows] == list(range(len(rows)))
    return [row["url"].removeprefix("https://x/") for row in rows]


def images(*names: str) -> tuple[ImageInput, ...]:
    return tuple(ImageInput(url=f"https://x/{name}") for name in names)


@pytest.mark.parametrize(
    ("position", "order"), [({}, "abn"), ({"position": 0}, "nab"), ({"position": 1}, "anb"), ({"position": 900}, "abn")]
)
async def test_an_image_is_added_at_the_end_or_at_its_position(
    make_product: MakeProduct, do: Do, look: Look, events: Events, position: dict[str, int], order: str
) -> None:
    product = await make_product(images=images("a", "b"))
    image = await do(catalog.add_image, product_id=product.id, url="https://x/n", alt="New", **position)
    assert await urls(look, product) == list(order)
    row = next(row for row in (await look(product))["product_image"] if row["id"] == image.id)
    assert (row["url"], row["alt"]) == ("https://x/n", "New")
    assert [event["changed_fields"] for event in await events()] == [[], ["images"]]


async def test_a_product_has_at_most_fifty_images(make_product: MakeProduct, do: Do, look: Look) -> None:
    product = await make_product(images=images(*(str(number) for number in range(50))))
    before = await look(product)
    with pytest.raises(ValidationFailed) as refusal:
        await do(catalog.add_image, product_id=product.id, url="https://x/51")
    assert refusal_of(refusal.value) == (ErrorCode.TOO_LONG, ("images",))
    assert await look(product) == before


async def test_a_removed_image_is_used_by_no_variant(
    make_product: MakeProduct, do: Do, look: Look, events: Events
) -> None:
    product = await make_product(
        images=images("a", "b", "c"), variants=(VariantInput(sku="A", image="https://x/b"), VariantInput(sku="B"))
    )
    shown = (await look(product))["product_variant"][0]["image_id"]
    updated = await do(catalog.remove_image, product_id=product.id, id=shown)
    assert await urls(look, product) == ["a", "c"]
    assert [row["image_id"] for row in (await look(product))["product_variant"]] == [None, None]
    assert updated.version == 2
    assert [event["changed_fields"] for event in await events()] == [[], ["variants", "images"]]


async def test_an_image_of_another_product_does_not_exist(make_product: MakeProduct, do: Do, look: Look) -> None:
    product, other = await make_product(images=images("a")), await make_product(images=images("a"))
    before = await look(other)
    with pytest.raises(NotFound):
        await do(catalog.remove_image, product_id=product.id, id=before["product_image"][0]["id"])
    with pytest.raises(NotFound):
        await do(catalog.add_image, product_id="prod_unknown", url="https://x/a")
    assert await look(other) == before


@pytest.mark.parametrize(("position", "order"), [(0, "cab"), (1, "acb"), (2, "abc"), (900, "abc")])
async def test_an_image_moves_and_the_others_make_room(
    make_product: MakeProduct, do: Do, look: Look, events: Events, position: int, order: str
) -> None:
    product = await make_product(images=images("a", "b", "c"))
    image = product.images[2]
    moved = await do(catalog.update_image, product_id=product.id, id=image.id, position=position, alt="C")
    assert (moved.id, moved.alt, moved.url) == (image.id, "C", "https://x/c")
    assert await urls(look, product) == list(order)
    assert [event["changed_fields"] for event in await events()] == [[], ["images"]]


async def test_an_image_that_is_changed_into_itself_counts_nothing(
    make_product: MakeProduct, do: Do, look: Look
) -> None:
    product = await make_product(images=(ImageInput(url="https://x/a", alt="A"), ImageInput(url="https://x/b")))
    before = await look(product)
    await do(catalog.update_image, product_id=product.id, id=product.images[0].id, position=0, alt="A")
    assert await look(product) == before
    await do(catalog.update_image, product_id=product.id, id=product.images[0].id, alt=None)
    rows = (await look(product))["product_image"]
    assert [row["alt"] for row in rows] == [None, None]


async def test_an_image_is_changed_by_rest_with_what_was_read(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product(images=images("a", "b"))
    path = f"/v2/products/{product.id}/images/{product.images[1].id}"
    seen = await rest("GET", path)
    answer = await rest("PUT", path, json={**seen.json(), "position": 0}, headers={"If-Match": seen.headers["etag"]})
    assert answer.json() == {**seen.json(), "position": 0}
    stale = await rest("PUT", path, json={"alt": "B"}, headers={"If-Match": seen.headers["etag"]})
    assert stale.status_code == 409
    assert (await rest("PUT", path, json={"url": "https://x/c"})).status_code == 422
    other = await make_product(sku="OTHER", images=images("a"))
    foreign = path.replace(product.id, other.id)
    assert (await rest("PUT", foreign, json={"alt": "B"})).status_code == 404
    assert (await rest("GET", path)).json() == answer.json()
