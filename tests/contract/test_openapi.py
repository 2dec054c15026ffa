"""The OpenAPI document is valid, says what is done, and its examples are true."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.routing import Route

from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.fields import Integer, ListOf, Metadata, Text, Url
from gateway.app import build
from gateway.authentication import Authenticator
from gateway.graphql import ConnectionRegistry
from gateway.settings import Settings
from rest_compat import ENDPOINTS, openapi
from rest_compat.actions import PageAction, StreamAction
from rest_compat.command_binding import body_fields
from rest_compat.endpoint import Endpoint
from rest_compat.routing import RestDependencies, endpoint_routes
from rest_compat.wire_format import WIRE_FORMAT
from tests.conftest import Client, MakeKey, Shop
from tests.contract.job_fixtures import give_result, queue
from tests.contract.oauth_fixtures import authorize
from tests.contract.request_bodies import options_of

HOME = {"line1": "1", "city": "Leeds", "country": "GB"}
DOCUMENT: dict[str, Any] = json.loads(json.dumps(openapi.document()))


def check(value: Any, schema: dict[str, Any]) -> None:
    """Insists that ``value`` is as the schema of the document says."""
    whole = {"components": DOCUMENT["components"], **schema}  # where its references lead
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert list(validator.iter_errors(value)) == []


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The node itself, or what it refers to."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def operations() -> Iterator[tuple[Endpoint, dict[str, Any]]]:
    """Every endpoint with what the document says of it."""
    for endpoint in ENDPOINTS:
        yield endpoint, DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object within."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def test_the_document_is_openapi_of_this_version() -> None:
    validate(DOCUMENT)
    assert (DOCUMENT["openapi"], DOCUMENT["info"]["version"]) == ("3.1.0", "2.3.0")
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/v2"]


async def test_it_is_served_without_a_key(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v2/openapi.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {**DOCUMENT, "servers": openapi.servers("http://127.0.0.1")}


def test_it_has_every_endpoint_and_nothing_else() -> None:
    listed = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert listed == {(endpoint.method.lower(), endpoint.path) for endpoint in ENDPOINTS}
    names = [operation["operationId"] for _, operation in operations()]
    assert sorted(set(names)) == sorted(names)


def test_every_operation_says_its_scope_and_its_refusals() -> None:
    for endpoint, operation in operations():
        assert operation.get("x-required-scope") == endpoint.scope
        assert {"400", "401", "406", "429", "500", "503", str(endpoint.status)} <= operation["responses"].keys()
        assert "403" in operation["responses"]
        assert ("404" in operation["responses"]) is bool(endpoint.ids)
        assert ("409" in operation["responses"]) is (endpoint.method != "GET" and endpoint.calculation is None)
        has_body = endpoint.body is not None or endpoint.upload is not None
        assert ({"413", "415", "422"} <= operation["responses"].keys()) is has_body
        assert ("requestBody" in operation) is has_body


def test_every_example_is_valid() -> None:
    checked = 0
    for node in nodes(DOCUMENT):
        if "schema" in node and "example" in node:
            check(node["example"], node["schema"])
            checked += 1
    for schema in DOCUMENT["components"]["schemas"].values():
        for node in nodes(schema):
            for example in node.get("examples", []):
                check(example, node)
                checked += 1
    assert checked > 150


def test_every_body_shows_an_example() -> None:
    for endpoint, operation in operations():
        if endpoint.body is not None:
            assert "example" in operation["requestBody"]["content"]["application/json"], endpoint.name
        if endpoint.response is not None and endpoint.file is None:
            success = operation["responses"][str(endpoint.status)]
            assert "example" in success["content"][endpoint.media_types[0]], endpoint.name


def test_bodies_take_their_fields_and_no_others() -> None:
    for endpoint, operation in operations():
        if endpoint.body is not None:
            body = resolved(operation["requestBody"]["content"]["application/json"]["schema"])
            assert body["additionalProperties"] is False
            elsewhere = {"id", "expected_version", *(kind.field for kind in endpoint.ids.values())}
            assert elsewhere.isdisjoint(
                name for name, schema in body["properties"].items() if not schema.get("readOnly")
            )
            assert all(schema["description"] for schema in body["properties"].values())


def test_an_upload_has_a_file_of_each_media_type_and_says_which_parameters_it_needs() -> None:
    uploads = {endpoint.name: operation for endpoint, operation in operations() if endpoint.upload is not None}
    assert list(uploads["startImport"]["requestBody"]["content"]) == [
        "text/csv",
        "application/x-ndjson",
        "application/jsonl",
    ]
    assert set(uploads) == {"addDisputeFile", "startImport", "startBulkMutation"}
    operation = uploads["addDisputeFile"]
    assert operation["requestBody"]["required"] is True
    content = operation["requestBody"]["content"]
    assert list(content) == ["application/pdf", "image/jpeg", "image/png", "text/plain"]
    for media_type, described in content.items():
        assert described["schema"]["contentMediaType"] == media_type
        assert described["schema"]["maxLength"] == 10 * 1_048_576
    parameters = [resolved(parameter) for parameter in operation["parameters"]]
    assert [each["name"] for each in parameters if each["in"] == "query" and each["required"]] == [
        "evidence_type",
        "name",
    ]
    assert {"If-Match", "Idempotency-Key"} <= {each["name"] for each in parameters}


def test_members_of_documents_are_described() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        assert schema["description"]
        for name, member in schema.get("properties", {}).items():
            assert member.get("description") or name in ("error", "pagination"), name


def test_limits_of_fields_are_those_that_validate() -> None:
    limits = {Text: "maxLength", Url: "maxLength", Integer: "maximum", ListOf: "maxItems", Metadata: "maxProperties"}
    checked = 0
    for command in [endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None]:
        properties = DOCUMENT["components"]["schemas"][command.__name__]["properties"]
        for spec in body_fields(command):
            if type(spec.rule) in limits:
                assert properties[WIRE_FORMAT.name(spec.name)][limits[type(spec.rule)]] == getattr(spec.rule, "max")  # noqa: B009
                checked += 1
    assert checked > 30


def test_a_stream_says_what_its_events_are() -> None:
    (operation,) = [operation for endpoint, operation in operations() if isinstance(endpoint.action, StreamAction)]
    content = operation["responses"]["200"]["content"]
    assert content.keys() == {"text/event-stream"}
    assert content["text/event-stream"]["schema"]["x-event-data"] == {"$ref": "#/components/schemas/Event"}
    assert "304" not in operation["responses"]
    parameters = [resolved(parameter) for parameter in operation["parameters"]]
    assert [(each["in"], each["name"]) for each in parameters] == [
        ("query", "types"),
        ("query", "object_id"),
        ("query", "object_ids"),
        ("query", "where"),
        ("query", "after"),
        ("header", "Last-Event-ID"),
    ]


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if isinstance(e.action, PageAction)], ids=lambda e: e.name)
def test_lists_say_how_they_are_paged(endpoint: Endpoint) -> None:
    operation = DOCUMENT["paths"][endpoint.path]["get"]
    parameters = {parameter["name"]: parameter["schema"] for parameter in operation["parameters"]}
    assert {"page", "limit", "cursor", "sort", "order"} <= parameters.keys()
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    assert parameters["sort"]["enum"] == list(endpoint.action.listing.sorts)  # type: ignore[union-attr]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    by_number = {"page": 1, "limit": 1, "total_pages": 0, "total_items": 0, "has_next": False, "has_previous": False}
    for pagination in (by_number, {"next_cursor": None, "has_more": False}):
        check({"data": [], "pagination": pagination}, schema)


async def test_real_answers_are_as_documented(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, database: Database
) -> None:
    allowed = await authorize(database, shop.test)
    rest = Client(http, await make_key(shop.test))  # it has a payment processor
    made = await rest(
        "POST",
        "/v2/products",
        json={"name": "Mug", "price": 5, "sku": "M", "images": ["https://a.example/1"], "categories": ["home"]},
    )
    product = made.json()
    person = {"email": "jane@example.com", "phone": "+1-555-0123", "addresses": [{**HOME, "default_billing": True}]}
    customer = (await rest("POST", "/v2/customers", json=person)).json()
    stock = f"/v2/inventory/{product['id']}"
    alert = (await rest("POST", f"{stock}/alerts", json={"threshold": 3, "reorder_quantity": 5})).json()
    for quantity in (5, -2):
        adjusted = await rest("POST", f"{stock}/adjust", json={"quantity": quantity, "reason": "counted"})
    check(
        adjusted.json(),
        DOCUMENT["paths"]["/inventory/{id}/adjust"]["post"]["responses"]["201"]["content"]["application/json"][
            "schema"
        ],
    )
    given = {"url": "https://hooks.example.com/", "events": ["product.deleted"]}
    hook = (await rest("POST", "/v2/webhooks", json=given)).json()
    document = (await rest("POST", "/v2/documents", json={"text": "{ shop { id } }"})).json()
    sold = await sell_one(rest, product["id"], customer["id"])
    paid = await sell_and_pay(rest, product["id"])
    sent = await send_and_take_back(rest, product["id"], customer["id"])
    async with asyncio.timeout(5):
        while len(events := (await rest("GET", "/v2/events")).json()["data"]) < 3:
            await asyncio.sleep(0.02)  # its position is given after the commit
    ids = {
        "/access/clients/{id}": allowed["cli"],
        "/access/grants/{id}": allowed["grant"],
        "/products/{id}": product["id"],
        "/products/{id}/variants/{variant_id}": product["variants"][0]["id"],
        "/products/{id}/images/{image_id}": product["images"][0]["id"],
        "/categories/{id}": "home",
        "/variants/{id}": product["variants"][0]["sku"],
        "/customers/{id}": customer["id"],
        "/customers/{id}/addresses/{address_id}": customer["addresses"][0]["id"],
        "/inventory/{id}/movements/{movement_id}": adjusted.json()["movement"]["id"],
        "/inventory/{id}/alerts/{alert_id}": alert["id"],
        "/warehouses/{id}": adjusted.json()["locations"][0]["warehouse_id"],
        "/purchase_orders/{id}": (await rest("GET", "/v2/purchase_orders")).json()["data"][0]["id"],
        "/orders/{id}/items/{item_id}": paid["order"]["items"][0]["id"],
        "/orders/{id}/notes/{note_id}": paid["note"]["id"],
        "/access/keys/{id}": (await rest("GET", "/v2/viewer")).json()["credential"],
        "/documents/{id}": document["id"],
        "/jobs/{id}": (await queue(database, shop.test))["job"],
        "/events/{id}": events[0]["id"],
        "/payments/intents/{id}": paid["intent"]["id"],
        "/payments/{id}/refunds/{refund_id}": paid["refund"]["id"],
        "/payments/disputes/{id}": paid["dispute"]["id"],
        "/payments/disputes/{id}/files/{file_id}": paid["file"]["id"],
        "/payments/ledger/{id}": (await rest("GET", "/v2/payments/ledger")).json()["data"][0]["id"],
        "/webhooks/{id}/deliveries/{delivery_id}": (await rest("POST", f"/v2/webhooks/{hook['id']}/test")).json()["id"],
    }
    await give_result(database, shop.test, ids["/jobs/{id}"])
    for endpoint, operation in operations():
        if endpoint.method == "GET" and not isinstance(endpoint.action, StreamAction):  # which its own tests compare
            path = endpoint.path
            for template, id in ids.items():
                if path == template:
                    path = f"{template.rpartition('/')[0]}/{id}"
            parents = {"customers": customer, "orders": paid["order"], "draft_orders": sold["/draft_orders"]}
            parents |= {"webhooks": hook, "payments": paid["payment"], "shipping": sent["carrier"]}
            parents |= {"jobs": {"id": ids["/jobs/{id}"]}}
            parents |= {"shipments": sent["shipment"], "returns": sent["return"]}
            parent = paid["dispute"] if "/disputes/{id}/" in path else parents.get(path.split("/")[1], product)
            answer = await rest("GET", "/v2" + path.replace("{id}", parent["id"]))
            assert answer.status_code == 200, path
            if endpoint.file is not None:
                assert answer.headers["content-type"] in operation["responses"]["200"]["content"]
                continue
            check(answer.json(), operation["responses"]["200"]["content"]["application/json"]["schema"])
    for path, made_there in {"/products": product, "/customers": customer, **sold}.items():
        created = DOCUMENT["paths"][path]["post"]["responses"]["201"]
        check(made_there, created["content"]["application/json"]["schema"])


async def sell_one(rest: Client, product_id: str, customer_id: str) -> dict[str, dict[str, Any]]:
    """An order with a note, that has moved on, and a draft, each by where it was made."""
    rates = [{"country": "GB", "state": "Kent", "percent": 17.5}, {"country": "GB", "percent": 20, "on_shipping": True}]
    assert (await rest("PUT", "/v2/settings", json={"tax_rates": rates})).status_code == 200
    body = {
        "customer_id": customer_id,
        "items": [{"product_id": product_id, "quantity": 1}],
        "shipping_address": HOME,
        "shipping_method": "standard",
        "discount": {"percent": 10},
    }
    made = {path: (await rest("POST", f"/v2{path}", json=body)).json() for path in ("/orders", "/draft_orders")}
    order = f"/v2/orders/{made['/orders']['id']}"
    for method, path, given in (
        ("POST", "/notes", {"text": "Rang twice."}),
        ("PATCH", "/status", {"status": "processing", "note": "Paid"}),
        ("POST", "/cancel", {"reason": "customer_request", "refund": True}),
    ):
        answer = await rest(method, order + path, json=given)
        document = DOCUMENT["paths"][f"/orders/{{id}}{path}"][method.lower()]["responses"]
        check(answer.json(), document[str(answer.status_code)]["content"]["application/json"]["schema"])
    return made


async def sell_and_pay(rest: Client, product_id: str) -> dict[str, dict[str, Any]]:
    """A paid order with a note, a part of which was refunded and another is disputed, and what was made by name."""

    async def made(path: str, given: dict[str, Any], template: str) -> dict[str, Any]:
        answer = await rest("POST", f"/v2{path}", json=given)
        document = DOCUMENT["paths"][template]["post"]["responses"]["201"]
        found: dict[str, Any] = answer.json()
        check(found, document["content"]["application/json"]["schema"])
        return found

    line = {"items": [{"product_id": product_id, "quantity": 1}], "email": "guest@example.com"}
    order = await made("/orders", line, "/orders")
    note = await made(f"/orders/{order['id']}/notes", {"text": "Rang twice."}, "/orders/{id}/notes")
    given = {"amount": 400, "order_id": order["id"]}
    intent = await made("/payments/intents", given, "/payments/intents")
    captured = await made(f"/payments/{intent['id']}/capture", {"amount": 300}, "/payments/{intent_id}/capture")
    (payment,) = captured["payments"]
    refund = await made(f"/payments/{payment['id']}/refund", {"amount": 100}, "/payments/{id}/refund")
    raised = f"/sandbox/payments/{payment['id']}/dispute"
    dispute = await made(raised, {"amount": 150}, "/sandbox/payments/{id}/dispute")
    draft = {"evidence": {"shipping_proof": "Signed."}}
    await made(f"/payments/disputes/{dispute['id']}/respond", draft, "/payments/disputes/{id}/respond")
    (upload,) = [endpoint for endpoint in ENDPOINTS if endpoint.name == "addDisputeFile"]
    added = await rest("POST", f"/v2/payments/disputes/{dispute['id']}/files", **options_of(upload))
    file: dict[str, Any] = added.json()
    document = DOCUMENT["paths"][upload.path]["post"]["responses"]["201"]
    check(file, document["content"]["application/json"]["schema"])
    made_there = {"order": order, "note": note, "intent": intent, "payment": payment, "refund": refund}
    return {**made_there, "dispute": dispute, "file": file}


async def send_and_take_back(rest: Client, product_id: str, customer_id: str) -> dict[str, dict[str, Any]]:
    """A carrier, a shipment on its way, and a return with a label, by name."""

    async def made(path: str, given: dict[str, Any], template: str) -> dict[str, Any]:
        answer = await rest("POST", f"/v2{path}", json=given)
        document = DOCUMENT["paths"][template]["post"]["responses"]["201"]
        found: dict[str, Any] = answer.json()
        check(found, document["content"]["application/json"]["schema"])
        return found

    price = {"zone": "all", "weight_from": 0, "weight_to": 9.5, "price": 4.95}
    service = {"code": "slow", "name": "Slow", "min_days": 1, "max_days": 2, "rates": [price]}
    carrier = {"code": "mule", "name": "Mule", "weight_unit": "kg", "zones": [{"code": "all"}], "services": [service]}
    mule = await made("/shipping/carriers", carrier, "/shipping/carriers")
    (warehouse,) = (await rest("GET", "/v2/warehouses")).json()["data"]
    dock = {"line1": "1 Quay", "city": "Hull", "country": "GB"}
    await rest("PUT", f"/v2/warehouses/{warehouse['id']}", json=dock)
    package = {"weight": 1.5, "weight_unit": "kg", "length": 9, "width": 9, "height": 9, "dimension_unit": "cm"}
    near = {"country": "GB"}
    asked = {"origin": near, "destination": near, "packages": [package]}
    rates = await made("/shipping/rates", asked, "/shipping/rates")
    assert (rates["data"][0]["carrier"], len(rates["unavailable"])) == ("mule", 4)
    sold = {"customer_id": customer_id, "items": [{"product_id": product_id, "quantity": 1}], "shipping_address": HOME}
    order = (await rest("POST", "/v2/orders", json=sold)).json()
    given = {"order_id": order["id"], "carrier": "mule", "service": "slow", "packages": [package]}
    shipment = await made("/shipments", given, "/shipments")
    await made(f"/shipments/{shipment['id']}/advance", {}, "/shipments/{id}/advance")
    line = {"id": order["items"][0]["id"], "quantity": 1, "reason": "other"}
    back = await made("/returns", {"order_id": order["id"], "items": [line]}, "/returns")
    await made(f"/returns/{back['id']}/approve", {"carrier": "mule", "service": "slow"}, "/returns/{id}/approve")
    return {"carrier": mule, "shipment": shipment, "return": back}


def test_literal_paths_win_over_ids(database: Database, settings: Settings) -> None:
    services = RestDependencies(
        database, settings.keyring, Authenticator(database), EventLog(database), ConnectionRegistry(database)
    )
    paths = [route.path for route in endpoint_routes(services, ENDPOINTS) if isinstance(route, Route)]
    assert paths.index("/v2/events/stream") < paths.index("/v2/events/{id}")
    assert paths.index("/v2/access/keys") < paths.index("/v2/access/keys/{id}")
    assert len(paths) == len(set(paths)) == len({endpoint.path for endpoint in ENDPOINTS})


async def test_its_server_is_the_public_url_where_that_is_set(database: Database, settings: Settings) -> None:
    public = settings.model_copy(update={"public_url": "https://api.shop.example"})
    transport = httpx.ASGITransport(build(public, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/v2/openapi.json")
    assert [server["url"] for server in answer.json()["servers"]] == ["https://api.shop.example/v2"]


@pytest.mark.parametrize("url", ["shop.example", "ftp://shop.example", "https://", "https://shop.example/?a=b"])
def test_a_public_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        Settings.model_validate({"public_url": url})


async def test_exactly_one_of_alternatives_is_given(rest: Client) -> None:
    for discount in ({}, {"amount": 1, "percent": 10}, {"amount": None}):
        answer = await rest("POST", "/v2/orders", json={"items": [{"sku": "MUG", "quantity": 1}], "discount": discount})
        (detail,) = answer.json()["error"]["details"]
        assert (answer.status_code, detail["field"]) == (422, "discount")
        assert detail["message"] == "Give exactly one of amount and percent."
    schema = DOCUMENT["components"]["schemas"]["DiscountInput"]
    assert [each["$ref"].rpartition("/")[2] for each in schema["oneOf"]] == ["DiscountAmount", "DiscountPercent"]
