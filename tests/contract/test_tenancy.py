"""No store sees another's rows: every route and every root field, made from their declarations, with the ids of a shop
and the keys of another, and of the same account's sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from domain.catalog.commands import ImageInput, VariantInput
from domain.kernel.money import Money
from rest_compat import ENDPOINTS
from rest_compat.endpoint import Paged
from rest_compat.examples import body_example
from tests.conftest import Client, MakeKey, MakeProduct, Shop
from tests.contract.operations import root_fields

Ids = dict[str, str]


@pytest.fixture
async def owner(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    return Client(http, await make_key(shop.live))


@pytest.fixture(params=["another account", "the same account's sandbox"])
async def stranger(
    request: pytest.FixtureRequest, http: httpx.AsyncClient, shop: Shop, other_shop: Shop, make_key: MakeKey
) -> Client:
    caller = other_shop.live if request.param == "another account" else shop.test
    return Client(http, await make_key(caller))


@pytest.fixture
async def theirs(owner: Client, make_product: MakeProduct, shop: Shop) -> Ids:
    """The ids of everything there is in the owner's store, by the prefix of each."""
    product = await make_product(
        sku="THEIRS",
        categories=("theirs",),
        tags=("theirs",),
        images=(ImageInput(url="https://images.example.com/theirs.jpg"),),
        variants=(VariantInput(sku="THEIRS-1", price=Money(1, "GBP"), inventory=3), VariantInput(sku="THEIRS-2")),
    )
    category = (await owner("GET", "/v2/categories/theirs")).json()
    keys = (await owner("GET", "/v2/access/keys")).json()["data"]
    ids = {"prod": product.id, "var": product.variants[0].id, "img": product.images[0].id}
    async with asyncio.timeout(5):
        while not (told := (await owner("GET", "/v2/events")).json()["data"]):
            await asyncio.sleep(0.02)  # its position is given after the commit
    return {**ids, "cat": category["id"], "key": keys[0]["id"], "evt": told[0]["id"]}


async def everything(owner: Client) -> list[Any]:
    """All that the owner can read, to see afterwards that none of it was touched."""
    paths = ("/v2/products", "/v2/categories", "/v2/access/keys", "/v2/access/audit", "/v2/events")
    found = [(await owner("GET", path)).json() for path in paths]
    for key in found[2]["data"]:
        key["last_used_at"] = None
    return found


def path_of(template: str, ids: Ids) -> str:
    prefixes = {"/products": "prod", "/categories": "cat", "/access/keys": "key", "/events": "evt"}
    prefix = next(prefix for head, prefix in prefixes.items() if template.startswith(head))
    path = template.replace("{id}", ids[prefix]).replace("{variant_id}", ids["var"]).replace("{image_id}", ids["img"])
    return f"/v2{path}"


async def test_every_route_answers_not_found_for_a_strangers_ids(owner: Client, stranger: Client, theirs: Ids) -> None:
    before = await everything(owner)
    found = {}
    for endpoint in (each for each in ENDPOINTS if each.ids):
        body = body_example(endpoint.body) if endpoint.body else None
        if body and "images" in body:  # an id in the body would be refused as such, before the product is looked for
            body.pop("images"), body.pop("variants")
        answer = await stranger(endpoint.method, path_of(endpoint.path, theirs), json=body)
        found[endpoint.name] = answer.status_code
    assert set(found.values()) == {404}, found
    assert await everything(owner) == before


async def test_every_list_leaves_out_a_strangers_rows(stranger: Client, theirs: Ids) -> None:
    for endpoint in (each for each in ENDPOINTS if isinstance(each.action, Paged)):
        for query in ("", "?cursor="):
            answer = await stranger("GET", f"/v2{endpoint.path}{query}")
            assert answer.status_code == 200
            assert not [id for id in theirs.values() if id in answer.text], endpoint.name
    for query in ("search=theirs", "category=theirs", "tags=theirs"):
        assert (await stranger("GET", f"/v2/products?{query}")).json()["data"] == []
    assert (await stranger("GET", "/v2/products/THEIRS-1")).status_code == 404


async def test_every_root_field_finds_nothing_of_a_stranger(owner: Client, stranger: Client, theirs: Ids) -> None:
    before = await everything(owner)
    filters = {"products": {"category": "theirs"}, "events": {"objectId": theirs["prod"]}}
    for root in root_fields():
        for arguments in (
            *({"id": id, "ids": list(theirs.values())} for id in theirs.values()),
            {"sku": "THEIRS", "slug": "theirs", "search": "theirs", "filter": filters.get(root.name)},
        ):
            query, variables = root.operation(arguments)
            _claim(variables, theirs)
            answer = (await stranger("POST", "/graphql", json={"query": query, "variables": variables})).json()
            if root.kind == "mutation" and root.name.startswith("create"):
                continue  # creates in the stranger's own store
            data = answer.get("data") and answer["data"][root.name]
            assert not [id for id in theirs.values() if f"'{id}'" in str(data)], (root.name, answer)
    assert await everything(owner) == before


def _claim(variables: dict[str, Any], theirs: Ids) -> None:
    """Put the owner's ids into an input, wherever it takes one."""
    if "input" in variables:
        given = variables["input"]
        for name in [name for name in given if name.lower().endswith("id")]:
            given[name] = theirs["prod"]


async def test_mutations_of_a_strangers_things_are_not_found(
    owner: Client, stranger: Client, theirs: Ids, graph: Callable[..., Awaitable[Any]]
) -> None:
    before = await everything(owner)
    inputs = {
        "updateProduct": {"id": theirs["prod"], "name": "Mine"},
        "archiveProduct": {"id": theirs["prod"]},
        "addVariant": {"productId": theirs["prod"], "sku": "MINE"},
        "updateVariant": {"productId": theirs["prod"], "id": theirs["var"], "sku": "MINE"},
        "removeVariant": {"productId": theirs["prod"], "id": theirs["var"]},
        "addImage": {"productId": theirs["prod"], "url": "https://images.example.com/mine.jpg"},
        "removeImage": {"productId": theirs["prod"], "id": theirs["img"]},
        "rollApiKey": {"id": theirs["key"]},
        "revokeApiKey": {"id": theirs["key"]},
    }
    mutations = {root.name for root in root_fields() if root.kind == "mutation"}
    assert mutations == {*inputs, "createProduct", "createApiKey"}  # a new mutation belongs into this list
    for name, given in inputs.items():
        type_ = name[0].upper() + name[1:] + "Input"
        query = f"mutation ($input: {type_}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        answer = (await stranger("POST", "/graphql", json={"query": query, "variables": {"input": given}})).json()
        assert answer["data"][name] == {"userErrors": [{"code": "NOT_FOUND"}]}, name
    assert await everything(owner) == before
