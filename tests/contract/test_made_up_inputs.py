"""Every input of both surfaces, filled with whatever JSON can say: nothing of it is the gateway's fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.catalog.commands import ImageInput, VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from rest_compat import ENDPOINTS
from rest_compat.actions import StreamAction
from rest_compat.endpoint import Endpoint
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.contract.operations import OF_TEST_STORES, RootField, root_fields
from tests.contract.payment_fixtures import charge
from tests.contract.random_inputs import TEXTS, of_command, of_type
from tests.contract.shipping_fixtures import send
from tests.contract.store_fixtures import sell
from tests.examples import examples
from tests.store_copies import TemplateStores

WRITES = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]
READS = [
    endpoint for endpoint in ENDPOINTS if endpoint.method == "GET" and not isinstance(endpoint.action, StreamAction)
]
PARAMETERS = (
    *("limit", "page", "cursor", "sort", "order", "search", "q", "status", "category", "tags", "types"),
    *("object_id", "sku", "include", "after", "first", "created_after", ""),
)
JSON = {"Content-Type": "application/json"}
FORESEEN = {"BAD_REQUEST", "BAD_USER_INPUT", "CONFLICT", "CURSOR_EXPIRED", "LIMIT_EXCEEDED"}
often = settings(max_examples=examples(8), suppress_health_check=list(HealthCheck))


@pytest.fixture
async def till(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """A client of the test store, which pays with the sandbox."""
    return Client(http, await make_key(shop.test))


@pytest.fixture
async def ids(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    database: Database,
    shop: Shop,
    template_stores: TemplateStores,
) -> Mapping[str, str]:
    """Of things that are there, by the prefix of each. No key is among them, so that none ends the key that asks. The
    payments are those of the test store.
    """

    async def make(owner: Principal) -> Mapping[str, str]:
        return await make_things(owner, database, make_product, make_customer)

    found = await template_stores.fill(shop.live, "things", make)
    return found | await fill_till(shop.test, database, make_product, template_stores)


async def make_things(
    owner: Principal, database: Database, make_product: MakeProduct, make_customer: MakeCustomer
) -> dict[str, str]:
    """A product, a customer, orders and a draft; their ids by prefix."""
    images = (ImageInput(url="https://images.example.com/1.jpg"),)
    made = await make_product(owner, images=images, variants=(VariantInput(sku="PLATE", inventory=20),))
    jane = await make_customer(owner, addresses=(CustomerAddressInput(line1="1", city="Leeds", country="GB"),))
    sold = await sell(database, owner, "PLATE", jane.id)
    ids = {"prod": made.id, "var": made.variants[0].id, "img": made.images[0].id}
    return {**ids, "cust": jane.id, "addr": jane.addresses[0].id, **sold}


async def fill_till(
    owner: Principal, database: Database, make_product: MakeProduct, template_stores: TemplateStores
) -> dict[str, str]:
    """Give a test store an order with payments; answers the ids of the payments."""

    async def make(owner: Principal) -> Mapping[str, str]:
        await make_product(owner, variants=(VariantInput(sku="PLATE", inventory=20),))
        order = await sell(database, owner, "PLATE")
        paid = await charge(database, owner, order["ord"], order["item"])
        return {**paid, **await send(database, owner)}

    return await template_stores.fill(owner, "till", make)


def path_of(endpoint: Endpoint, ids: Mapping[str, str], **wrong: str) -> str:
    """The endpoint's path, to things that are there where there are such."""
    right = {name: ids.get(kind.prefix, f"{kind.prefix}_{'0' * 26}") for name, kind in endpoint.ids.items()}
    return "/v2" + endpoint.path.format(**{**right, **wrong})


def written(value: Any) -> bytes:
    """As JSON: lone surrogates escaped, NaN and Infinity as Python has them."""
    return json.dumps(value).encode()


@pytest.mark.parametrize("root", list(root_fields()), ids=lambda root: root.name)
@given(data=st.data())
@often
async def test_graphql_refuses_what_it_cannot_take(
    rest: Client, till: Client, ids: Mapping[str, str], root: RootField, data: st.DataObject
) -> None:
    client = till if root.pays else rest
    arguments = {name: of_type(argument.type, list(ids.values())) for name, argument in root.field.args.items()}
    query, variables = root.operation(data.draw(st.fixed_dictionaries({}, optional=arguments)))
    answer = await client("POST", "/graphql", content=written({"query": query, "variables": variables}), headers=JSON)
    assert answer.status_code in (200, 400), answer.text
    codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
    assert codes <= FORESEEN, answer.text


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda endpoint: endpoint.name)
@given(data=st.data())
@often
async def test_rest_refuses_bodies_that_it_cannot_take(
    rest: Client, till: Client, ids: Mapping[str, str], endpoint: Endpoint, data: st.DataObject
) -> None:
    assert endpoint.body is not None
    client = till if endpoint.scope in OF_TEST_STORES else rest
    body = written(data.draw(of_command(endpoint.body)))
    answer = await client(endpoint.method, path_of(endpoint, ids), content=body, headers=JSON)
    assert answer.status_code in (200, 201, 202, 204, 400, 404, 409, 422), answer.text


@pytest.mark.parametrize("endpoint", READS, ids=lambda endpoint: endpoint.name)
@given(parameters=st.dictionaries(st.sampled_from(PARAMETERS) | TEXTS, TEXTS | st.integers().map(str), max_size=4))
@often
async def test_rest_refuses_parameters_that_it_cannot_take(
    rest: Client, ids: Mapping[str, str], endpoint: Endpoint, parameters: Mapping[str, str]
) -> None:
    # Lone surrogates are sent as bytes that are no UTF-8: half a character is `%ED%A0%80`.
    query = urlencode(parameters, errors="surrogatepass")
    answer = await rest("GET", f"{path_of(endpoint, ids)}?{query}")
    assert answer.status_code in (200, 400, 404, 414, 422), answer.text


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.ids], ids=lambda endpoint: endpoint.name)
@given(text=TEXTS.filter(lambda text: text not in {"", ".", ".."}))
@often
async def test_rest_refuses_ids_that_it_cannot_take(
    rest: Client, till: Client, ids: Mapping[str, str], endpoint: Endpoint, text: str
) -> None:
    client = till if endpoint.scope in OF_TEST_STORES else rest
    wrong = {list(endpoint.ids)[-1]: quote(text[:2_000].encode(errors="surrogatepass"), safe="")}
    options = {"content": b"{}", "headers": JSON} if endpoint.body else {}
    answer = await client(endpoint.method, path_of(endpoint, ids, **wrong), **options)
    assert answer.status_code in (400, 404, 405, 422), answer.text
