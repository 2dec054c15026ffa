"""ETags, If-Match, If-None-Match, and documents that are written back whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from domain.catalog.commands import ImageInput, VariantInput
from domain.kernel.database import Database
from domain.kernel.money import Money
from tests.conftest import Client, MakeKey, MakeProduct, Shop


@pytest.fixture
async def rest(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> AsyncGenerator[Client]:
    """REST that takes answers as they are: the ETag of one that is compressed is weak."""
    plain = {"Accept-Encoding": "identity"}
    async with httpx.AsyncClient(transport=http._transport, base_url=http.base_url, headers=plain) as uncompressed:
        yield Client(uncompressed, await make_key(shop.live))


@pytest.fixture
async def path(make_product: MakeProduct) -> str:
    """The address of a product with variants and images, at version 1."""
    product = await make_product(
        name="Mug",
        price=Money(20_000, "GBP"),
        categories=("home", "gifts"),
        tags=("new",),
        metadata={"lot": {"no": 7}},
        images=(ImageInput(url="https://a.example/1", alt="Front"), ImageInput(url="https://a.example/2")),
        variants=(
            VariantInput(sku="A", inventory=5, cost=Money(150, "GBP"), attributes={"size": "L"}),
            VariantInput(sku="B", price=Money(1, "GBP"), image="https://a.example/2"),
        ),
    )
    return f"/v2/products/{product.id}"


async def test_a_document_that_is_known_is_not_sent_again(rest: Client, path: str) -> None:
    tag = (await rest("GET", path)).headers["ETag"]
    assert tag.startswith('"1-')
    for known in (tag, f"W/{tag}", "*", f'"other", {tag}', f'W/"a,b" ,{tag}'):
        answer = await rest("GET", path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    for unknown in ('"1-0000000000000000"', '"other"', f'"x{tag[1:]}'):
        assert (await rest("GET", path, headers={"If-None-Match": unknown})).status_code == 200
    for nonsense in ("", "1", tag[1:], f"{tag} {tag}", f"*, {tag}", '"a"b"'):
        assert (await rest("GET", path, headers={"If-None-Match": nonsense})).status_code == 200  # D7: ignored


async def test_stock_changes_the_tag_but_not_the_version(rest: Client, path: str) -> None:
    before = (await rest("GET", path)).headers["ETag"]
    await rest("PUT", path, json={"variants": [{"sku": "A", "inventory": 6}]})
    after = (await rest("GET", path)).headers["ETag"]
    assert before != after
    assert before.split("-")[0] == after.split("-")[0] == '"1'


@pytest.mark.parametrize("given", ['"1-ffffffffffffffff"', 'W/"1-x"', "*", '"7-x", "1-x"', '"other", "1-x"'])
async def test_a_write_that_saw_the_version_is_done(rest: Client, path: str, given: str) -> None:
    answer = await rest("PUT", path, json={"name": "Cup"}, headers={"If-Match": given})
    assert (answer.status_code, answer.json()["version"], answer.headers["ETag"][:3]) == (200, 2, '"2-')


@pytest.mark.parametrize(
    "given", ['"2-x"', '"2-x", "3-x"', '"other"', '"1"', 'W/"0-x"', '"01-x"', '"99999999999999999999-x"']
)
async def test_a_stale_write_is_a_conflict_and_changes_nothing(
    rest: Client, path: str, given: str, events: Any
) -> None:
    (variant, *_) = (await rest("GET", path)).json()["variants"]
    for method, place, more in (
        ("PUT", path, {"json": {"name": "Cup"}}),
        ("DELETE", path, {}),
        ("POST", f"{path}/variants", {"json": {"sku": "C"}}),
        ("PUT", f"{path}/variants/{variant['id']}", {"json": {"price": 1}}),
        ("DELETE", f"{path}/variants/{variant['id']}", {}),
        ("POST", f"{path}/images", {"json": {"url": "https://a.example/3"}}),
    ):
        answer = await rest(method, place, headers={"If-Match": given}, **more)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
        assert answer.json()["error"]["details"][0]["code"] == "VERSION_MISMATCH"
        assert answer.json()["error"]["details"][0]["field"] == "version"
    assert len(await events()) == 1
    assert (await rest("GET", path)).json()["version"] == 1


@pytest.mark.parametrize("given", ["", "1", "1-x", '"1-x', '"1-x" "2-x"', "*, *", 'w/"1-x"', '"1-\u00e9"'])
async def test_an_unreadable_condition_is_malformed(rest: Client, path: str, given: str, events: Any) -> None:
    headers = {b"If-Match": given.encode("latin-1"), b"Authorization": f"Bearer {rest.key}".encode()}
    answer = await rest.http.put(path, json={"name": "Cup"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (400, "If-Match")
    assert len(await events()) == 1


async def test_the_version_in_the_body_is_a_condition_too(rest: Client, path: str) -> None:
    assert (await rest("PUT", path, json={"name": "Cup", "version": 2})).status_code == 409
    for wrong in ("1", None, 0, 1.5):
        assert (await rest("PUT", path, json={"name": "Cup", "version": wrong})).status_code == 422
    both = {"headers": {"If-Match": '"2-x"'}, "json": {"name": "Cup", "version": 1}}
    assert (await rest("PUT", path, **both)).status_code == 409
    both["headers"] = {"If-Match": '"2-x", "1-x"'}
    assert (await rest("PUT", path, **both)).status_code == 200


async def test_a_document_written_back_whole_changes_nothing(rest: Client, path: str, events: Any) -> None:
    for place in (path, f"{path}/variants/{(await rest('GET', path)).json()['variants'][1]['id']}"):
        before = await rest("GET", place)
        answer = await rest("PUT", place, content=before.content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.content) == (200, before.content)
        assert answer.headers["ETag"] == before.headers["ETag"]
    assert len(await events()) == 1


async def test_stock_in_several_warehouses_survives_being_written_back(
    rest: Client, path: str, database: Database, shop: Shop
) -> None:
    """What is shown is the sum over all warehouses; taken as the default one's, it would grow with every PUT."""
    number = shop.live.store.number
    async with database.system_connection() as connection:
        await connection.execute(
            "INSERT INTO warehouse (store_id, id, name, name_key, is_default, version, created_at, updated_at) "
            "SELECT store_id, 'wh_other', 'Other', 'other', false, 1, created_at, updated_at "
            "FROM warehouse WHERE store_id = $1 AND is_default",
            number,
        )
        await connection.execute(
            "INSERT INTO inventory_level SELECT store_id, variant_id, 'wh_other', product_id, 10, 0, updated_at "
            "FROM inventory_level WHERE store_id = $1",
            number,
        )
    before = await rest("GET", path)
    assert [variant["inventory"] for variant in before.json()["variants"]] == [15, 0]
    answer = await rest("PUT", path, content=before.content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.content) == (200, before.content)


async def test_read_only_members_may_come_back_in_other_words(rest: Client, path: str) -> None:
    document = (await rest("GET", path)).json()
    document["currency"] = "GBP"
    document["created_at"] = document["created_at"].replace("Z", ".000+00:00")
    document["variants"] = [{"sku": "A", "effective_price": 200, "updated_at": document["variants"][0]["updated_at"]}]
    answer = await rest("PUT", path, json=document)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "prod_other"}, "id"),
        ({"id": None}, "id"),
        ({"currency": "eur"}, "currency"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
        ({"updated_at": {}}, "updated_at"),
        ({"variants": [{"sku": "A", "effective_price": 1}]}, "variants.0.effective_price"),
        ({"variants": [{"sku": "A"}, {"sku": "NEW", "effective_price": 200}]}, "variants.1.effective_price"),
    ],
)
async def test_read_only_members_cannot_be_changed(
    rest: Client, path: str, change: dict[str, Any], field: str, events: Any
) -> None:
    answer = await rest("PUT", path, json={"name": "Cup", **change})
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [(field, "READ_ONLY")]
    assert len(await events()) == 1


async def test_a_stale_document_is_a_conflict_before_all_else(rest: Client, path: str) -> None:
    stale = (await rest("GET", path)).json()
    await rest("PUT", path, json={"price": 1})
    assert stale["variants"][0]["effective_price"] == 200
    assert (await rest("PUT", path, json=stale)).status_code == 409
    del stale["version"]
    assert (await rest("PUT", path, json=stale, headers={"If-Match": '"1-x"'})).status_code == 409


async def test_wrong_and_read_only_fields_are_told_together(rest: Client, path: str) -> None:
    answer = await rest("PUT", path, json={"currency": "eur", "name": "", "colour": 1, "product_id": "x"})
    assert {(each["field"], each["code"]) for each in answer.json()["error"]["details"]} == {
        ("currency", "READ_ONLY"),
        ("name", "TOO_SHORT"),
        ("colour", "UNKNOWN_FIELD"),
        ("product_id", "UNKNOWN_FIELD"),
    }


async def test_ids_of_the_path_are_no_fields_of_a_body(rest: Client, path: str) -> None:
    answer = await rest(
        "POST", f"{path}/variants", json={"sku": "C", "product_id": path.rsplit("/", maxsplit=1)[-1], "id": "var_x"}
    )
    assert answer.status_code == 422
    assert {(each["field"], each["code"]) for each in answer.json()["error"]["details"]} == {
        ("product_id", "UNKNOWN_FIELD"),
        ("id", "UNKNOWN_FIELD"),
    }


async def test_keys_with_other_scopes_share_the_version_but_not_the_tag(
    http: httpx.AsyncClient, rest: Client, path: str, shop: Shop, make_key: MakeKey
) -> None:
    reader = Client(http, await make_key(shop.live, "products:read"))
    tag = (await reader("GET", path)).headers["ETag"]
    assert (await rest("GET", path, headers={"If-None-Match": tag})).status_code == 200
    assert (await rest("PUT", path, json={"name": "Cup"}, headers={"If-Match": tag})).status_code == 200
