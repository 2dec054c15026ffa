"""No input reaches another's objects: each id that an input takes, required or not, names one of another store, while
all others name the caller's own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx
import pytest
from graphql import GraphQLInputObjectType, GraphQLList, GraphQLNonNull, get_named_type

from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from domain.kernel.money import Money
from rest_compat import ENDPOINTS
from rest_compat.endpoint import Endpoint
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.contract.operations import made_up, root_fields
from tests.contract.payment_fixtures import charge
from tests.contract.request_bodies import options_of
from tests.contract.shipping_fixtures import send
from tests.contract.store_fixtures import sell
from tests.contract.test_tenancy import Ids, everything, owner, path_of, theirs

__all__ = ["owner", "theirs"]  # the fixtures of the store that is asked for

Path = tuple[str | int, ...]
PREFIX = re.compile(r"`([a-z]+)_…`")
NAMES = {"orderId": "ord", "customerId": "cust", "productId": "prod", "variantId": "var", "warehouseId": "wh"}
NAMES |= {"paymentId": "pay", "objectId": "ord", "objectIds": "ord", "ids": "prod", "userId": "user", "clientId": "cli"}
"""Names of fields whose descriptions say no prefix."""
EXAMPLE = re.compile(r"([a-z]+)_[0-9a-hjkmnp-tv-z]{26}")
APPROVED = ("receiveReturn", "refundReturn")
"""Operations of returns that are approved."""


@pytest.fixture(params=["another account", "the same account's sandbox"])
async def caller(
    request: pytest.FixtureRequest, http: httpx.AsyncClient, shop: Shop, other_shop: Shop, make_key: MakeKey
) -> tuple[Client, Any]:
    """A test store, which pays and ships, and its principal."""
    principal = other_shop.test if request.param == "another account" else shop.test
    return Client(http, await make_key(principal)), principal


@pytest.fixture
async def mine(
    caller: tuple[Client, Any], make_product: MakeProduct, make_customer: MakeCustomer, database: Database
) -> Ids:
    """The ids of the caller's own objects, by the prefix of each."""
    desk, principal = caller
    variants = (VariantInput(sku="MINE-1", price=Money(1, "GBP"), inventory=50), VariantInput(sku="MINE-2"))
    product = await make_product(principal, sku="MINE", variants=variants)
    customer = await make_customer(principal, email="me@mine.example")
    ids = {"prod": product.id, "var": product.variants[0].id, "cust": customer.id}
    ids |= await sell(database, principal, "MINE-1", customer.id)
    ids |= await charge(database, principal, ids["ord"], ids["item"], customer.id)
    ids |= await send(database, principal, customer.id)
    purchase = {"lines": [{"variant_id": ids["var"], "quantity": 1}]}
    ids["po"] = (await desk("POST", "/v2/purchase_orders", json=purchase)).json()["id"]
    ids["wh"] = (await desk("GET", "/v2/warehouses")).json()["data"][0]["id"]
    hook = {"url": "https://hooks.example.com/mine", "events": ["*"]}
    ids["whk"] = (await desk("POST", "/v2/webhooks", json=hook)).json()["id"]
    ids["evt"] = (await desk("GET", "/v2/events")).json()["data"][0]["id"]
    return ids


def leaves(body: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where the example of a body has ids, and their prefixes."""
    if isinstance(body, str) and (found := EXAMPLE.fullmatch(body)):
        yield path, found[1]
    for step, each in body.items() if isinstance(body, dict) else enumerate(body if isinstance(body, list) else ()):
        yield from leaves(each, (*path, step))


def put(made: Any, path: Path, value: str) -> Any:
    """The same with another value at a path."""
    changed = inner = deepcopy(made)
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def own_ids(name: str, ids: Ids) -> Ids:
    """The caller's ids, of which an operation of this name can make use."""
    line = {"item": ids["sent_item"], "ord": ids["sent"]} if name in ("createShipment", "createReturn") else {}
    return {**ids, **line, **({"ret": ids["approved"], "item": ids["sent_item"]} if name in APPROVED else {})}


def address(endpoint: Endpoint, ids: Ids) -> str:
    """The path of an endpoint, about the caller's own object."""
    return path_of(endpoint.path, defaultdict(lambda: "none", ids)) if endpoint.ids else f"/v2{endpoint.path}"


async def test_no_body_of_rest_names_an_object_of_another_store(
    owner: Client, caller: tuple[Client, Any], theirs: Ids, mine: Ids
) -> None:
    """All that documented examples have, which is what is optional as well: it is not found, and nothing else is."""
    before = await everything(owner)
    for endpoint in ENDPOINTS:
        body, ids = options_of(endpoint).get("json"), own_ids(endpoint.name, mine)
        for path, prefix in leaves(body):
            given = put(body, ("currency",), "gbp") if endpoint.name == "createPaymentIntent" else body
            for other, kind in leaves(body):
                given = put(given, other, ids[kind])
            given = put(given, path, theirs[prefix])
            answer = await caller[0](endpoint.method, address(endpoint, ids), json=given)
            case, field = f"{endpoint.name} {path}: {answer.text}", ".".join(map(str, path))
            if path[0] == "input":  # of a bulk, of which the others are changed
                assert "NOT_FOUND" in answer.text, case
                continue
            assert answer.status_code == 422, case
            (told,) = answer.json()["error"]["details"]
            assert told["code"] == "NOT_FOUND", case
            assert told["field"].rpartition(".")[0] == field.rpartition(".")[0], case  # one of two names of a line
    assert await everything(owner) == before


def id_paths(type_: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where an input takes ids, and their prefixes, as its descriptions say."""
    for name, field in get_named_type(type_).fields.items():
        bare = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        below = (*path, name, 0) if isinstance(bare, GraphQLList) else (*path, name)
        if isinstance(get_named_type(bare), GraphQLInputObjectType):
            yield from id_paths(bare, below)
        elif found := PREFIX.search(field.description or ""):
            yield below, found[1]
        elif name in NAMES or name == "id":
            yield below, NAMES.get(name, "img")


def put_made_up(made: Any, type_: Any, path: Path, value: str) -> None:
    """Set a value in an input; the objects above it that are missing are made up."""
    named: Any = get_named_type(type_)
    for step in path[:-1]:
        if isinstance(step, str):
            field = named.fields[step]
            made.setdefault(step, made_up(field.type))
            named = get_named_type(field.type)
        made = made[step]
    made[path[-1]] = value


VALID: dict[str, dict[str, Any]] = {
    "createShipment": {"carrier": "pedal", "service": "same_day"},
    "createReturn": {},
    "approveReturn": {},
    "receiveReturn": {},
    "refundReturn": {},
    "shippingRates": {},
}
"""Operations whose made-up inputs are valid with this, so that each id is looked for."""


async def test_no_input_of_graphql_names_an_object_of_another_store(
    owner: Client, caller: tuple[Client, Any], theirs: Ids, mine: Ids
) -> None:
    """Each id of each input, by what its description says. Nothing of the other store is shown or changed."""
    before = await everything(owner)
    walked = set()
    for root in root_fields():
        type_ = root.field.args["input"].type if "input" in root.field.args else None
        if type_ is None or not isinstance(get_named_type(type_), GraphQLInputObjectType):
            continue
        ids, is_list = own_ids(root.name, mine), isinstance(getattr(type_, "of_type", None), GraphQLList)
        for path, prefix in id_paths(type_):
            given = {**made_up(get_named_type(type_)), **VALID.get(root.name, {})}
            for other, kind in id_paths(type_):
                if len(other) == 1 and other[0] in given:
                    put_made_up(given, type_, other, ids.get(kind, "none"))
            put_made_up(given, type_, path, theirs.get(prefix, "none"))
            if root.name in VALID and path[-1] != "id" and path[0] == "items":
                put_made_up(given, type_, (*path[:-1], "id"), ids["item"])
            query, variables = root.operation({"input": [given] if is_list else given})
            data = (await caller[0]("POST", "/graphql", json={"query": query, "variables": variables})).json()
            shown = str(data.get("data"))
            assert not [id for id in theirs.values() if f"'{id}'" in shown], (root.name, path, data)
            walked.add((root.name, *path))
            if root.name in VALID:
                assert "NOT_FOUND" in str(data), (root.name, path, data)
    assert {each[-1] for each in walked} >= {"orderId", "customerId", "productId", "variantId", "paymentId"}
    assert ("shippingRates", "orderId") in walked
    assert ("receiveReturn", "items", 0, "warehouseId") in walked
    assert await everything(owner) == before


async def test_no_filter_finds_an_object_of_another_store(
    owner: Client, caller: tuple[Client, Any], theirs: Ids, mine: Ids
) -> None:
    """By each id that a filter takes."""
    walked = set()
    for root in root_fields():
        type_ = root.field.args["filter"].type if "filter" in root.field.args else None
        for path, prefix in () if type_ is None else id_paths(type_):
            for id in dict.fromkeys([theirs.get(prefix, "none"), theirs["ord"], theirs["sent"], theirs["whole"]]):
                given: dict[str, Any] = {}
                put_made_up(given, type_, path, id) if len(path) == 1 else given.update({str(path[0]): [id]})
                query, variables = root.operation({"filter": given})
                answer = (await caller[0]("POST", "/graphql", json={"query": query, "variables": variables})).json()
                assert not [each for each in theirs.values() if f"'{each}'" in str(answer.get("data"))], answer
                walked.add((root.name, path[0]))
    assert {("orders", "customerId"), ("shipments", "orderId"), ("returns", "orderId")} <= walked
