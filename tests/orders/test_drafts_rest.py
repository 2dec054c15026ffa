"""Draft orders and settings in REST."""

from __future__ import annotations

from typing import Any

from domain import catalog
from tests.conftest import Client, MakeCustomer
from tests.orders.conftest import LONDON, Stock
from tests.raw_json import compact


async def prepare(rest: Client, mug: catalog.Product, **given: Any) -> Any:
    """Create a draft of two mugs and return the response."""
    line = {"product_id": mug.id, "quantity": 2}
    return await rest("POST", "/v2/draft_orders", json={"items": [line], **given})


async def test_a_draft_is_created_updated_and_completed(
    rest: Client, mug: catalog.Product, make_customer: MakeCustomer, stock: Stock
) -> None:
    customer = await make_customer(email="jane@example.com")
    created = await prepare(rest, mug, customer_id=customer.id, shipping_address=LONDON, shipping_method="standard")
    draft = created.json()
    path = f"/v2/draft_orders/{draft['id']}"
    assert (created.status_code, created.headers["Location"]) == (201, path)
    assert (draft["order_id"], draft["total"], draft["email"]) == (None, 15.0, "jane@example.com")
    assert (await rest("GET", path)).json() == draft
    assert (await rest("GET", "/v2/draft_orders")).json()["data"] == [draft]

    dearer = {**draft["items"][0], "price": 6}
    changed = await rest("PUT", path, json={"items": [dearer], "discount": {"percent": 50}, "version": 1})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["subtotal"], changed.json()["discount"], changed.json()["total"]) == (12.0, 6.0, 11.0)
    assert (await rest("POST", f"{path}/complete", json={"version": 1})).status_code == 409
    assert await stock() == {"MUG": (10, 0)}

    placed = await rest("POST", f"{path}/complete")
    order = placed.json()
    assert (placed.status_code, placed.headers["Location"]) == (201, f"/v2/orders/{order['id']}")
    assert (order["status"], order["total"], order["customer_id"]) == ("pending", 11.0, customer.id)
    assert await stock() == {"MUG": (10, 2)}
    assert (await rest("GET", path)).json()["order_id"] == order["id"]
    for method, tail, body in (("POST", "/complete", None), ("PUT", "", {"email": None}), ("DELETE", "", None)):
        assert (await rest(method, path + tail, json=body)).status_code == 409


async def test_a_draft_document_can_be_sent_back(rest: Client, mug: catalog.Product) -> None:
    created = await prepare(rest, mug, shipping_address=LONDON, discount={"amount": 1})
    path = f"/v2/draft_orders/{created.json()['id']}"
    same = await rest("PUT", path, json=created.json())
    assert same.status_code == 200, same.text
    for name in ("discount", "total", "shipping_address", "metadata"):
        assert same.json()[name] == created.json()[name]
    line = {**same.json()["items"][0], "attributes": {"color": "Red"}}
    refused = await rest("PUT", path, json={"items": [line]})
    assert [(each["field"], each["code"]) for each in refused.json()["error"]["details"]] == [
        ("items.0.attributes", "READ_ONLY")
    ]


async def test_a_draft_is_deleted(rest: Client, mug: catalog.Product) -> None:
    created = await prepare(rest, mug)
    path = f"/v2/draft_orders/{created.json()['id']}"
    assert (await rest("DELETE", path, headers={"If-Match": '"9-x"'})).status_code == 409
    assert (await rest("DELETE", path, headers={"If-Match": created.headers["ETag"]})).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await rest(method, path)).status_code == 404


async def test_settings_are_read_updated_and_used_by_new_orders(
    rest: Client, mug: catalog.Product, make_customer: MakeCustomer
) -> None:
    seen = await rest("GET", "/v2/settings")
    assert b'"shipping_methods":[{"code":"standard","name":"Standard delivery","price":5.00},' in compact(seen.content)
    assert (seen.json()["tax_rates"], seen.json()["currency"], seen.json()["version"]) == ([], "gbp", 1)
    rates = [{"country": "GB", "percent": 17.5, "on_shipping": True}]
    changed = await rest("PUT", "/v2/settings", json={**seen.json(), "tax_rates": rates})
    assert changed.status_code == 200, changed.text
    assert b'"tax_rates":[{"country":"GB","state":null,"percent":17.5,"on_shipping":true}]' in compact(changed.content)
    stale = await rest("PUT", "/v2/settings", json={"tax_rates": []}, headers={"If-Match": seen.headers["ETag"]})
    assert stale.status_code == 409
    body = {"items": [{"product_id": mug.id, "quantity": 2}], "shipping_method": "express", "shipping_address": LONDON}
    order = (await rest("POST", "/v2/orders", json=body)).json()
    assert (order["shipping_tax"], order["tax"], order["total"]) == (2.63, 4.38, 29.38)
    refused = await rest(
        "PUT", "/v2/settings", json={"shipping_methods": [{"code": "Bad code", "name": "", "price": -1}]}
    )
    assert sorted(each["field"] for each in refused.json()["error"]["details"]) == [
        "shipping_methods.0.code",
        "shipping_methods.0.name",
        "shipping_methods.0.price",
    ]
