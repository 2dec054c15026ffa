"""No store sees another's rows: every route and every root field, made from their declarations, with the ids of a shop
and the keys of another, and of the same account's sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from domain import access
from domain.catalog.commands import ImageInput, VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.database import Database
from domain.kernel.money import Money
from rest_compat import ENDPOINTS
from rest_compat.actions import PageAction
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.contract.document_fixtures import TEXT, trust
from tests.contract.job_fixtures import queue
from tests.contract.oauth_fixtures import authorize
from tests.contract.operations import mutation_of, root_fields
from tests.contract.payment_fixtures import charge
from tests.contract.request_bodies import needs_sandbox, options_of
from tests.contract.shipping_fixtures import send
from tests.contract.store_fixtures import sell
from tests.contract.webhook_fixtures import hook

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
async def sandbox_of_stranger(http: httpx.AsyncClient, other_shop: Shop, make_key: MakeKey) -> Client:
    """For routes that only a test store has."""
    return Client(http, await make_key(other_shop.test))


@pytest.fixture
async def theirs(
    owner: Client, make_product: MakeProduct, make_customer: MakeCustomer, shop: Shop, database: Database
) -> Ids:
    """The ids of everything there is in the owner's store, by the prefix of each."""
    product = await make_product(
        sku="THEIRS",
        categories=("theirs",),
        tags=("theirs",),
        images=(ImageInput(url="https://images.example.com/theirs.jpg"),),
        variants=(VariantInput(sku="THEIRS-1", price=Money(1, "GBP"), inventory=7), VariantInput(sku="THEIRS-2")),
    )
    customer = await make_customer(
        email="jane@theirs.example",
        first_name="Theirs",
        tags=("theirs",),
        addresses=(CustomerAddressInput(line1="1", city="Leeds", country="GB"),),
    )
    category = (await owner("GET", "/v2/categories/theirs")).json()
    keys = (await owner("GET", "/v2/access/keys")).json()["data"]
    ids = {"prod": product.id, "var": product.variants[0].id, "img": product.images[0].id}
    ids |= {"cust": customer.id, "addr": customer.addresses[0].id}
    ids |= await sell(database, shop.live, "THEIRS-1", customer.id)
    ids |= await charge(database, shop.live, ids["ord"], ids["item"], customer.id)
    ids |= await send(database, shop.live, customer.id)
    ids |= await run_low(owner, ids)
    ids |= await hook(database, shop.live)
    ids |= await queue(database, shop.live)
    ids |= await trust(database, shop.live)
    ids |= await authorize(database, shop.live)
    async with asyncio.timeout(5):
        while len(told := (await owner("GET", "/v2/events")).json()["data"]) < 7:
            await asyncio.sleep(0.02)  # its position is given after the commit
    return {**ids, "cat": category["id"], "key": keys[0]["id"], "evt": told[0]["id"]}


async def run_low(owner: Client, ids: Ids) -> Ids:
    """An alert, the movement that made it fire, the purchase order it recorded, and where that shall come."""
    stock = f"/v2/inventory/{ids['var']}"
    alert = (await owner("POST", f"{stock}/alerts", json={"threshold": 3, "reorder_quantity": 5})).json()
    adjusted = (await owner("POST", f"{stock}/adjust", json={"quantity": -1, "reason": "lost"})).json()
    (order,) = (await owner("GET", "/v2/purchase_orders")).json()["data"]
    return {"alert": alert["id"], "mov": adjusted["movement"]["id"], "po": order["id"], "wh": order["warehouse_id"]}


async def everything(owner: Client) -> list[Any]:
    """All that the owner can read, to see afterwards that none of it was touched."""
    paths = ("/v2/access/keys", "/v2/products", "/v2/categories", "/v2/customers", "/v2/access/audit", "/v2/events")
    paths += ("/v2/warehouses", "/v2/purchase_orders", "/v2/inventory/THEIRS", "/v2/inventory/THEIRS/movements")
    paths += (
        "/v2/inventory/THEIRS/alerts",
        "/v2/orders",
        "/v2/draft_orders",
        "/v2/settings",
        "/v2/webhooks",
        "/v2/jobs",
        "/v2/documents",
        "/v2/access/clients",
        "/v2/access/grants",
        "/v2/payments/intents",
        "/v2/payments",
        "/v2/payments/disputes",
        "/v2/payments/ledger",
        "/v2/payments/ledger/balances",
        "/v2/settings/payments",
        "/v2/shipments",
        "/v2/returns",
        "/v2/shipping/carriers",
        "/v2/settings/shipping",
    )
    found = [(await owner("GET", path)).json() for path in paths]
    for key in found[0]["data"]:
        key["last_used_at"] = None
    return found


def path_of(template: str, ids: Ids) -> str:
    prefixes = {
        "/products": "prod",
        "/categories": "cat",
        "/variants": "var",
        "/customers": "cust",
        "/inventory": "prod",
        "/warehouses": "wh",
        "/purchase_orders": "po",
        "/payments/disputes": "dp",
        "/payments/intents": "pi",
        "/payments/ledger": "led",
        "/payments": "pay",
        "/sandbox/payments/intents": "pi",
        "/sandbox/payments/disputes": "dp",
        "/sandbox/payments/refunds": "re",
        "/sandbox/payments": "pay",
        "/shipments": "shp",
        "/returns": "ret",
        "/shipping/carriers": "carr",
        "/orders": "ord",
        "/draft_orders": "dord",
        "/access/keys": "key",
        "/access/clients": "cli",
        "/access/grants": "grant",
        "/events": "evt",
        "/webhooks": "whk",
        "/documents": "doc",
        "/jobs": "job",
    }
    prefix = next(prefix for head, prefix in prefixes.items() if template.startswith(head))
    path = template.replace("{id}", ids[prefix])
    below_it = {"variant_id": "var", "image_id": "img", "address_id": "addr", "movement_id": "mov", "alert_id": "alert"}
    below_it |= {"item_id": "item", "note_id": "note", "delivery_id": "dlv", "intent_id": "pi", "refund_id": "re"}
    below_it |= {"file_id": "file"}
    for name, below in below_it.items():
        path = path.replace(f"{{{name}}}", ids[below])
    return f"/v2{path}"


async def test_every_route_answers_not_found_for_a_strangers_ids(
    owner: Client, stranger: Client, sandbox_of_stranger: Client, theirs: Ids
) -> None:
    before = await everything(owner)
    found = {}
    for endpoint in (each for each in ENDPOINTS if each.ids):
        options = options_of(endpoint)
        body = options.get("json")
        if body and "images" in body:  # an id in the body would be refused as such, before the product is looked for
            body.pop("images"), body.pop("variants")
        caller = sandbox_of_stranger if needs_sandbox(endpoint) else stranger
        answer = await caller(endpoint.method, path_of(endpoint.path, theirs), **options)
        found[endpoint.name] = answer.status_code
    assert set(found.values()) == {404}, found
    assert await everything(owner) == before


async def test_every_list_leaves_out_a_strangers_rows(stranger: Client, theirs: Ids) -> None:
    for endpoint in (each for each in ENDPOINTS if isinstance(each.action, PageAction) and not each.ids):
        for query in ("", "?cursor="):
            answer = await stranger("GET", f"/v2{endpoint.path}{query}")
            assert answer.status_code == 200
            assert not [id for id in theirs.values() if id in answer.text], endpoint.name
    for query in ("search=theirs", "category=theirs", "tags=theirs"):
        assert (await stranger("GET", f"/v2/products?{query}")).json()["data"] == []
    for query in ("email=theirs", "email=jane", "name=theirs", "tags=theirs"):
        assert (await stranger("GET", f"/v2/customers?{query}")).json()["data"] == []
    assert (await stranger("GET", f"/v2/orders?customer_id={theirs['cust']}")).json()["data"] == []
    assert (await stranger("GET", "/v2/products/THEIRS-1")).status_code == 404
    assert (await stranger("GET", f"/v2/documents/{access.hash_of_document(TEXT)}")).status_code == 404
    assert (await stranger("GET", "/v2/customers/jane@theirs.example")).status_code == 404


async def test_every_root_field_finds_nothing_of_a_stranger(owner: Client, stranger: Client, theirs: Ids) -> None:
    before = await everything(owner)
    filters = {
        "products": {"category": "theirs"},
        "customers": {"email": "theirs"},
        "orders": {"customerId": theirs["cust"]},
        "events": {"objectId": theirs["prod"]},
    }
    for root in root_fields():
        for arguments in (
            *({"id": id, "product": id, "ids": list(theirs.values())} for id in theirs.values()),
            {
                "sku": "THEIRS",
                "product": "THEIRS",
                "slug": "theirs",
                "email": "jane@theirs.example",
                "hash": access.hash_of_document(TEXT),
                "search": "theirs",
                "filter": filters.get(root.name),
            },
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
        given = variables["input"][0] if isinstance(variables["input"], list) else variables["input"]
        for name in [name for name in given if name.lower().endswith("id")]:
            given[name] = theirs["prod"]


@pytest.mark.parametrize("path", ["/v2/orders", "/v2/draft_orders"])
async def test_nothing_is_sold_of_a_stranger_or_to_their_customers(
    owner: Client, stranger: Client, theirs: Ids, make_product: MakeProduct, path: str
) -> None:
    before = await everything(owner)
    namings = ({"product_id": theirs["prod"]}, {"variant_id": theirs["var"]}, {"sku": "THEIRS-1"})
    bodies = [({"items": [{**naming, "quantity": 1}]}, f"items.0.{next(iter(naming))}") for naming in namings]
    own = (await stranger("POST", "/v2/products", json={"name": "Mine", "price": 1, "sku": "MINE"})).json()
    line = {"product_id": own["id"], "quantity": 1}
    bodies.append(({"items": [line], "customer_id": theirs["cust"]}, "customer_id"))
    for body, field in bodies:
        answer = await stranger("POST", path, json=body)
        assert answer.status_code == 422, body
        assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [(field, "NOT_FOUND")]
    assert (await stranger("GET", path)).json()["data"] == []
    assert await everything(owner) == before


async def test_no_order_or_customer_of_a_stranger_is_charged(
    owner: Client, sandbox_of_stranger: Client, theirs: Ids
) -> None:
    before = await everything(owner)
    for name, prefix in (("order_id", "ord"), ("customer_id", "cust")):
        given = {"amount": 1, name: theirs[prefix]}
        answer = await sandbox_of_stranger("POST", "/v2/payments/intents", json=given)
        assert answer.status_code == 422, name
        assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [(name, "NOT_FOUND")]
    assert (await sandbox_of_stranger("GET", "/v2/payments")).json()["data"] == []
    assert await everything(owner) == before


OF_TEST_STORES = (
    "settleSandboxPayment",
    "raiseSandboxDispute",
    "closeSandboxDispute",
    "settleSandboxRefund",
    "advanceShipment",
)
"""Live stores are refused these whatever they name."""


async def test_nothing_of_a_stranger_is_paid_or_settled_in_the_sandbox(
    owner: Client, theirs: Ids, http: httpx.AsyncClient, shop: Shop, other_shop: Shop, make_key: MakeKey
) -> None:
    before = await everything(owner)
    inputs = {
        "settleSandboxPayment": {"id": theirs["secure"]},
        "raiseSandboxDispute": {"id": theirs["whole"]},
        "closeSandboxDispute": {"id": theirs["dp"], "outcome": "LOST"},
        "settleSandboxRefund": {"id": theirs["re"], "outcome": "FAILED"},
        "advanceShipment": {"id": theirs["shp"]},
    }
    assert set(inputs) == set(OF_TEST_STORES)
    mutations = {root.name: root for root in root_fields() if root.kind == "mutation"}
    one = {"amount": {"amount": "1"}}
    for caller in (shop.test, other_shop.test):
        stranger = Client(http, await make_key(caller))
        for name, given in inputs.items():
            sent = mutation_of(mutations[name], given, "userErrors { code }")
            answer = (await stranger("POST", "/graphql", json=sent)).json()
            assert answer["data"][name] == {"userErrors": [{"code": "NOT_FOUND"}]}, name
        for field, id in (("orderId", theirs["ord"]), ("customerId", theirs["cust"])):
            sent = mutation_of(mutations["createPaymentIntent"], {**one, field: id}, "userErrors { code field }")
            refused = (await stranger("POST", "/graphql", json=sent)).json()["data"]["createPaymentIntent"]
            assert refused == {"userErrors": [{"code": "NOT_FOUND", "field": [field]}]}
        assert (await stranger("POST", "/graphql", json={"query": "{ payments { totalCount } }"})).json() == {
            "data": {"payments": {"totalCount": 0}}
        }
    assert await everything(owner) == before


async def test_mutations_of_a_strangers_things_are_not_found(
    owner: Client, stranger: Client, theirs: Ids, graph: Callable[..., Awaitable[Any]]
) -> None:
    before = await everything(owner)
    inputs = {
        "updateProduct": {"id": theirs["prod"], "name": "Mine"},
        "archiveProduct": {"id": theirs["prod"]},
        "updateProducts": {"input": [{"id": theirs["prod"], "name": "Mine"}]},
        "archiveProducts": {"input": [{"id": theirs["prod"]}]},
        "adjustInventories": {"input": [{"productId": theirs["prod"], "quantity": 1, "reason": "mine"}]},
        "recordProductView": {"productId": theirs["prod"]},
        "addVariant": {"productId": theirs["prod"], "sku": "MINE"},
        "updateVariant": {"productId": theirs["prod"], "id": theirs["var"], "sku": "MINE"},
        "removeVariant": {"productId": theirs["prod"], "id": theirs["var"]},
        "addImage": {"productId": theirs["prod"], "url": "https://images.example.com/mine.jpg"},
        "updateImage": {"productId": theirs["prod"], "id": theirs["img"], "alt": "Mine"},
        "updateCategory": {"id": theirs["cat"], "name": "Mine"},
        "removeCategory": {"id": theirs["cat"]},
        "removeImage": {"productId": theirs["prod"], "id": theirs["img"]},
        "updateCustomer": {"id": theirs["cust"], "firstName": "Mine"},
        "archiveCustomer": {"id": theirs["cust"]},
        "eraseCustomer": {"id": theirs["cust"]},
        "addAddress": {"customerId": theirs["cust"], "line1": "1", "city": "Leeds", "country": "GB"},
        "updateAddress": {"customerId": theirs["cust"], "id": theirs["addr"], "city": "York"},
        "removeAddress": {"customerId": theirs["cust"], "id": theirs["addr"]},
        "setDefaultAddress": {"customerId": theirs["cust"], "id": theirs["addr"]},
        "adjustInventory": {"productId": theirs["prod"], "quantity": 1, "reason": "mine"},
        "setInventory": {"productId": theirs["prod"], "quantity": 1},
        "createPurchaseOrder": {"lines": [{"productId": theirs["prod"], "quantity": 1}]},
        "cancelPurchaseOrder": {"id": theirs["po"]},
        "transferInventory": {"productId": theirs["prod"], "quantity": 1, "toLocation": theirs["wh"]},
        "setInventoryAlert": {"productId": theirs["prod"], "threshold": 1},
        "removeInventoryAlert": {"productId": theirs["prod"], "id": theirs["alert"]},
        "updateWarehouse": {"id": theirs["wh"], "name": "Mine"},
        "receivePurchaseOrder": {"id": theirs["po"]},
        "updateOrder": {"id": theirs["ord"], "tags": ["mine"]},
        "assignOrders": {"customerId": theirs["cust"]},
        "editOrder": {"id": theirs["ord"], "shippingMethod": "express"},
        "updateOrderStatus": {"id": theirs["ord"], "status": "PROCESSING"},
        "cancelOrder": {"id": theirs["ord"]},
        "addOrderNote": {"orderId": theirs["ord"], "text": "Mine"},
        "updateDraftOrder": {"id": theirs["dord"], "email": "mine@example.com"},
        "deleteDraftOrder": {"id": theirs["dord"]},
        "completeDraftOrder": {"id": theirs["dord"]},
        "cancelShipment": {"id": theirs["shp"]},
        "addTrackingEvent": {"shipmentId": theirs["shp"], "status": "DELIVERED"},
        "approveReturn": {"id": theirs["ret"]},
        "rejectReturn": {"id": theirs["ret"]},
        "receiveReturn": {"id": theirs["ret"]},
        "refundReturn": {"id": theirs["ret"]},
        "closeReturn": {"id": theirs["ret"]},
        "updateShippingCarrier": {"id": theirs["carr"], "name": "Mine"},
        "deleteShippingCarrier": {"id": theirs["carr"]},
        "createShipment": {"orderId": theirs["sent"], "carrier": "pedal", "service": "same_day"},
        "createReturn": {
            "orderId": theirs["sent"],
            "items": [{"id": theirs["sent_item"], "quantity": 1, "reason": "OTHER"}],
        },
        "updateApiKey": {"id": theirs["key"], "name": "Mine"},
        "rollApiKey": {"id": theirs["key"]},
        "revokeApiKey": {"id": theirs["key"]},
        "updateWebhook": {"id": theirs["whk"], "active": False},
        "deleteWebhook": {"id": theirs["whk"]},
        "rollWebhookSecret": {"id": theirs["whk"]},
        "previewWebhook": {"id": theirs["whk"], "eventId": theirs["evt"]},
        "testWebhook": {"id": theirs["whk"]},
        "redeliverWebhookDelivery": {"webhookId": theirs["whk"], "id": theirs["dlv"]},
        "redeliverWebhook": {"id": theirs["whk"]},
        "removeTrustedDocument": {"id": theirs["doc"]},
        "revokeOAuthClient": {"id": theirs["cli"]},
        "cancelJob": {"id": theirs["job"]},
        "revokeGrant": {"id": theirs["grant"]},
        "confirmPaymentIntent": {"id": theirs["waiting"]},
        "capturePaymentIntent": {"id": theirs["held"]},
        "cancelPaymentIntent": {"id": theirs["held"]},
        "refundPayment": {"id": theirs["whole"]},
        "respondToDispute": {"id": theirs["dp"], "evidence": {"shippingProof": "Mine"}},
        "addDisputeFile": {
            "disputeId": theirs["dp"],
            "evidenceType": "SHIPPING_PROOF",
            "name": "mine.txt",
            "mediaType": "text/plain",
            "content": "TWluZQ==",
        },
        "removeDisputeFile": {"disputeId": theirs["dp"], "id": theirs["file"]},
    }
    mutations = {root.name: root for root in root_fields() if root.kind == "mutation"}
    assert set(mutations) == {
        *inputs,
        *OF_TEST_STORES,
        "createPaymentIntent",
        "updatePaymentSettings",
        "createProduct",
        "createCategory",
        "createCustomer",
        "createWarehouse",
        "createOrder",
        "createDraftOrder",
        "updateSettings",
        "createApiKey",
        "createOAuthClient",
        "createShippingCarrier",
        "updateShippingSettings",
        "createWebhook",
        "registerTrustedDocument",
        "previewWebhookQuery",
        "startImport",
        "startBulkExport",
        "startEventExport",
        "startBulkMutation",
    }  # a new mutation belongs into this list
    for name, given in inputs.items():
        sent = mutation_of(mutations[name], given, "userErrors { code }")
        answer = (await stranger("POST", "/graphql", json=sent)).json()
        assert answer["data"][name] == {"userErrors": [{"code": "NOT_FOUND"}]}, name
    assert await everything(owner) == before
