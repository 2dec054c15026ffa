"""D22: every example of the OpenAPI document is accepted when it is sent as it is documented."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from domain.kernel.database import Database
from domain.kernel.ids import new_id
from rest_compat import ENDPOINTS, openapi
from rest_compat.endpoint import JSON
from tests.conftest import Client, MakeKey, Shop
from tests.contract.job_fixtures import give_result
from tests.contract.request_bodies import CSV, LINES, PDF, options_of

DOCUMENT: dict[str, Any] = json.loads(json.dumps(openapi.document()))
ID = re.compile(r"\b([a-z]+)_[0-9a-hjkmnp-tv-z]{26}\b")
HOME = {"line1": "1 High Street", "city": "Leeds", "zip": "LS1 1AA", "country": "GB"}
OPERATIONS = [
    (method, path, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]
WRITES = [each for each in OPERATIONS if each[0] != "get"]

Seeded = tuple[Client, dict[str, str]]
MakeShop = Callable[..., Awaitable[Shop]]


CARDS = {
    "confirmPaymentIntent": "4000000000000002",
    "settleSandboxPayment": "4000002760003184",
}
"""What an intent is paid with, so that the operation is possible: declined, or waiting for the buyer."""
AUTHORIZED = frozenset({*CARDS, "capturePaymentIntent", "cancelPaymentIntent"})
"""The operations of intents that were not captured."""


OF_ORDERS = ("payments", "shipments", "returns")
OF_TEST_STORES = ("/payments", "/sandbox", "/ship", "/returns", *(f"/orders/{{id}}/{name}" for name in OF_ORDERS))
RETURN_STEPS = ("approve", "receive")
"""The steps of a return, in their order."""
LABELLED = {"carrier": "mule", "service": "slow"}
STEPS_BEFORE = {"getReturnLabel": 1, "receiveReturn": 1, "refundReturn": 2, "closeReturn": 2}
"""How many of them precede an operation of returns."""


def is_of_test_stores(path: str) -> bool:
    """Whether it pays or ships: in a test store, in the currency of the examples."""
    return path.startswith(OF_TEST_STORES)


async def paid(rest: Client, order_id: str, operation: str) -> dict[str, str]:
    """A payment of the order that allows the operation, with a refund and a dispute; their ids by prefix."""

    async def made(path: str, **body: Any) -> Any:
        answer = await rest("POST", f"/v2{path}", json=body)
        assert answer.status_code == 201, (path, answer.text)
        return answer.json()

    if operation == "createPaymentIntent":
        return {}
    card = {"number": CARDS.get(operation, "4242424242424242"), "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    intent = await made("/payments/intents", amount=60_000, order_id=order_id, payment_method_details={"card": card})
    found = {"pi": intent["id"], "pay": intent["payments"][0]["id"]}
    if operation in AUTHORIZED:
        return found
    await made(f"/payments/{intent['id']}/capture")
    found["re"] = (await made(f"/payments/{intent['id']}/refund", amount=1_000))["id"]
    transfers = await rest("GET", "/v2/payments/ledger")
    found["led"] = transfers.json()["data"][0]["id"]
    if operation != "raiseSandboxDispute":
        found["dp"] = (await made(f"/sandbox/payments/{found['pay']}/dispute", amount=2_000))["id"]
        (upload,) = [endpoint for endpoint in ENDPOINTS if endpoint.name == "addDisputeFile"]
        added = await rest("POST", f"/v2/payments/disputes/{found['dp']}/files", **options_of(upload))
        found["file"] = added.json()["id"]
    return found


async def shipped(rest: Client, order: dict[str, Any], operation: str) -> dict[str, str]:
    """A carrier of the store's own, a shipment of one of the order's items, and a return of it that allows the
    operation; their ids by prefix, with the warehouse that has the rest."""

    async def made(path: str, **body: Any) -> Any:
        answer = await rest("POST", f"/v2{path}", json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    rate = {"zone": "all", "weight_from": 0, "weight_to": 30, "price": 4.95}
    service = {"code": "slow", "name": "Slow", "min_days": 1, "max_days": 3, "rates": [rate]}
    zones, services = [{"code": "all"}], [service]
    carrier = await made(
        "/shipping/carriers", code="mule", name="Mule", weight_unit="kg", zones=zones, services=services
    )
    (item,) = order["items"]
    parcel = {"weight": 2, "weight_unit": "kg"}
    box = parcel | {"length": 20, "width": 20, "height": 20, "dimension_unit": "cm"}
    sent = {"order_id": order["id"], "items": [{"id": item["id"], "quantity": 1}], "packages": [box]}
    shipment = await made("/shipments", **sent, carrier="mule", service="slow", ship_from=HOME)
    found = {"carr": carrier["id"], "shp": shipment["id"], "wh": shipment["warehouse_id"]}
    placed = await rest("PUT", f"/v2/warehouses/{found['wh']}", json=HOME)
    assert placed.is_success, placed.text
    if operation in ("advanceShipment", "cancelShipment"):
        return found
    await made(f"/shipments/{shipment['id']}/advance", status="in_transit")
    back = [{"id": item["id"], "quantity": 1, "reason": "damaged"}]
    if operation == "createReturn":
        return found
    returned = (await made("/returns", order_id=order["id"], items=back))["id"]
    for step in RETURN_STEPS[: STEPS_BEFORE.get(operation, 0)]:
        await made(f"/returns/{returned}/{step}", **(LABELLED if step == "approve" else {}))
    return {**found, "ret": returned}


async def seeded(rest: Client, operation: str = "", *, is_paid: bool = False) -> dict[str, str]:
    """A store with one thing of each kind; their ids by prefix. ``is_paid``: with payments and a shipment, for the
    operation."""

    async def made(method: str, path: str, **body: Any) -> Any:
        answer = await rest(method, f"/v2{path}", json=body)
        assert answer.status_code in (200, 201), (path, answer.text)
        return answer.json()

    product = await made(
        "POST",
        "/products",
        name="Mug",
        sku="MUG",
        price=500 if is_paid else 5,
        categories=["electronics"],
        images=["https://images.example.com/1.jpg"],
        variants=[{"sku": f"MUG-{color}", "inventory": 40} for color in ("RED", "BLUE")],
    )
    variant = product["variants"][0]["id"]
    warehouse = (await made("POST", "/warehouses", name="Leeds", country="GB"))["id"]
    customer = await made("POST", "/customers", email="jane@customers.example", addresses=[HOME])
    movement = await made("POST", f"/inventory/{variant}/adjust", quantity=5, reason="received")
    stock = {"threshold": 3, "reorder_quantity": 50, "variant_id": variant}
    alert = await made("POST", f"/inventory/{product['id']}/alerts", **stock)
    await made("POST", f"/inventory/{variant}/adjust", quantity=-43, reason="damaged")
    await made("POST", f"/inventory/{variant}/adjust", quantity=60, reason="received")
    basket = {"customer_id": customer["id"], "items": [{"sku": "MUG-BLUE", "quantity": 3}], "shipping_address": HOME}
    order, draft = await made("POST", "/orders", **basket), await made("POST", "/draft_orders", **basket)
    more = await paid(rest, order["id"], operation) if is_paid else {}
    if is_paid:
        more |= await shipped(rest, order, operation)
    note = await made("POST", f"/orders/{order['id']}/notes", text="Rang twice.")
    hook = await made("POST", "/webhooks", url="https://hooks.example.com/", events=["*"])
    is_published = {"type": "publishable", "origins": ["https://shop.example"]} if operation == "updateKey" else {}
    key = await made("POST", "/access/keys", name="storefront", scopes=["products:read"], **is_published)
    trusted = await made("POST", "/documents", text="{ shop { id } }")
    server = await made("POST", "/access/clients", name="Mailer", type="confidential", scopes=["products:read"])
    imported = await rest("POST", "/v2/imports?kind=stock", content=CSV, headers={"Content-Type": "text/csv"})
    async with asyncio.timeout(10):
        while not (events := (await rest("GET", "/v2/events?types=order.created")).json()["data"]):
            await asyncio.sleep(0.02)  # its position is given after the commit
    return {
        "prod": product["id"],
        "var": variant,
        "img": product["images"][0]["id"],
        "cat": (await made("POST", "/categories", name="Audio"))["id"],
        "cust": customer["id"],
        "addr": customer["addresses"][0]["id"],
        "mov": movement["movement"]["id"],
        "alert": alert["id"],
        "wh": warehouse,
        "po": (await rest("GET", "/v2/purchase_orders")).json()["data"][0]["id"],
        "ord": order["id"],
        "item": order["items"][0]["id"],
        "note": note["id"],
        "dord": draft["id"],
        "whk": hook["id"],
        "dlv": (await made("POST", f"/webhooks/{hook['id']}/test"))["id"],
        "key": key["id"],
        "doc": trusted["id"],
        "cli": server["id"],
        "grant": await grant_of(rest, server),
        "usr": new_id("usr"),
        "evt": events[0]["id"],
        "job": imported.json()["id"],
        "upl": imported.json()["file_id"],
        **more,
    }


async def grant_of(rest: Client, server: dict[str, Any]) -> str:
    """The grant of a client that has asked for a token of its own."""
    given = {"grant_type": "client_credentials", "client_id": server["id"], "client_secret": server["secret"]}
    answer = await rest.http.post("/oauth/token", data=given)
    assert answer.status_code == 200, answer.text
    (grant,) = (await rest("GET", "/v2/access/grants")).json()["data"]
    return str(grant["id"])


def with_ids(value: Any, ids: dict[str, str]) -> Any:
    """The example with the ids of this store: it cannot know them."""
    return json.loads(ID.sub(lambda found: ids[found[1]], json.dumps(value)))


def request_of(path: str, operation: dict[str, Any], ids: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The path, and the rest of the request, with every example that is documented."""
    query: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for reference in operation["parameters"]:
        parameter = reference
        if "$ref" in reference:
            parameter = DOCUMENT["components"]["parameters"][reference["$ref"].rpartition("/")[2]]
        if "example" not in parameter:
            continue
        example = with_ids(parameter["example"], ids)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", example)
        elif parameter["in"] == "query":
            query[parameter["name"]] = ",".join(map(str, example)) if isinstance(example, list) else example
        else:
            headers[parameter["name"]] = example
    sent: dict[str, Any] = {"params": query, "headers": headers}
    content = operation["requestBody"]["content"] if "requestBody" in operation else {}
    if JSON in content:
        sent["json"] = with_ids(content[JSON]["example"], ids)
    elif content:
        files = {"text/csv": CSV, "application/x-ndjson": LINES, "application/pdf": PDF}
        headers["Content-Type"], sent["content"] = next(each for each in files.items() if each[0] in content)
    return "/v2" + path, sent


@pytest.fixture
async def new_store(
    http: httpx.AsyncClient, make_shop: MakeShop, make_key: MakeKey, database: Database
) -> Callable[[str, str], Awaitable[Seeded]]:
    """Makes a store with something in it: ``await new_store(path, operation_id)``."""

    async def make(path: str, operation: str) -> Seeded:
        if not is_of_test_stores(path):
            owner = (await make_shop()).live
            client = Client(http, await make_key(owner))
            ids = await seeded(client, operation)
            await give_result(database, owner, ids["job"])
            return client, ids
        client = Client(http, await make_key((await make_shop(currency="USD")).test))
        return client, await seeded(client, operation, is_paid=True)

    return make


async def send(store: Seeded, method: str, path: str, operation: dict[str, Any]) -> str | None:
    """What is wrong with the documented request, or None."""
    rest, ids = store
    address, sent = request_of(path, operation, ids)
    answer = await rest(method.upper(), address, **sent)
    return None if answer.is_success else f"{method} {address} {sent} {answer.text}"


def is_stream(operation: dict[str, Any]) -> bool:
    """Whether it answers for as long as somebody listens; streams have tests of their own."""
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


async def test_d22_documented_reads_are_accepted(new_store: Callable[[str, str], Awaitable[Seeded]]) -> None:
    """Fails with ``page`` beside ``cursor`` in the examples of lists."""
    stores = {False: await new_store("/products", "listProducts"), True: await new_store("/payments", "getReturnLabel")}
    reads = [each for each in OPERATIONS if each[0] == "get" and not is_stream(each[2])]
    refused = [await send(stores[is_of_test_stores(each[1])], *each) for each in reads]
    assert [each for each in refused if each is not None] == []
    assert len(reads) > 30


@pytest.mark.parametrize("operation", [pytest.param(each, id=each[2]["operationId"]) for each in WRITES])
async def test_d22_documented_writes_are_accepted(
    new_store: Callable[[str, str], Awaitable[Seeded]], operation: tuple[str, str, dict[str, Any]]
) -> None:
    """Fails with a discount of amount and percent, with a stale If-Match, with ids that no store has."""
    _, path, declared = operation
    assert await send(await new_store(path, declared["operationId"]), *operation) is None
