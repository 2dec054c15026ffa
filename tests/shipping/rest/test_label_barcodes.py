"""The labels of whole shipments and returns are read back: each bears the number that its package has."""

from __future__ import annotations

from io import BytesIO

import httpx
import pypdfium2
import pytest
import zxingcpp

from tests.conftest import Client, MakeKey, MakeProduct, Shop
from tests.shipping.conftest import (
    BEVERLY_HILLS,
    BOTH,
    NEW_YORK,
    PARCEL,
    MakeOrder,
    Ship,
    contract,
    get,
    post,
    problems_of,
    stock_products,
)
from tests.shipping.fake_carriers import FakeCarriers
from tests.shipping.rest.conftest import Send, line
from tests.shipping.rest.test_rates import carrier


async def barcodes(desk: Client, path: str) -> list[str]:
    """What a reader reads of each page of a label, without the brackets of GS1."""
    answer = await desk("GET", f"{path}/label")
    assert answer.status_code == 200, answer.text
    with pypdfium2.PdfDocument(BytesIO(answer.content)) as document:
        pages = [page.render(scale=203 / 72).to_pil() for page in document]
    return [zxingcpp.read_barcodes(page)[0].text.replace("(", "").replace(")", "") for page in pages]


async def test_each_package_has_its_number(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    sent = await ship((await make_order())["id"], packages=[PARCEL, PARCEL, PARCEL])
    numbers = [each["tracking_number"] for each in sent["packages"]]
    assert len(set(numbers)) == 3
    assert await barcodes(desk, f"/v2/shipments/{sent['id']}") == numbers


async def test_a_carrier_of_the_stores_own_numbers_its_packages(desk: Client, make_order: MakeOrder) -> None:
    """With fourteen digits, or as the caller says, whose blanks are for people only."""
    await post(desk, "/v2/shipping/carriers", **carrier())
    order = await make_order()
    given = {"order_id": order["id"], "carrier": "pedal", "service": "same_day", "packages": [PARCEL]}
    items = [{"id": order["items"][0]["id"], "quantity": 1}]
    made = await post(desk, "/v2/shipments", **given, items=items)
    (number,) = await barcodes(desk, f"/v2/shipments/{made['id']}")
    assert (number, len(number), number.isdigit()) == (made["tracking_number"], 14, True)
    own = await post(desk, "/v2/shipments", **given, items=items, tracking_number="PEDAL 1234-AB 99")
    assert own["tracking_number"] == "PEDAL 1234-AB 99"
    assert await barcodes(desk, f"/v2/shipments/{own['id']}") == ["PEDAL1234-AB99"]


@pytest.mark.parametrize(("code", "service"), [("ups", "ground"), ("usps", "priority"), ("dhl", "ecommerce")])
async def test_the_label_of_a_return_bears_its_number(desk: Client, delivered: Send, code: str, service: str) -> None:
    """Those that the USPS carries say the ZIP code of the warehouse as well."""
    order = await delivered()
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)])
    path = f"/v2/returns/{asked['id']}"
    approved = await post(desk, f"{path}/approve", carrier=code, service=service)
    head = "42010001" if code != "ups" else ""
    assert await barcodes(desk, path) == [f"{head}{approved['tracking_number']}"]


async def test_dhl_ecommerce_is_followed_on_its_own_page(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    """Its parcels are unknown to DHL Express."""
    small = {**PARCEL, "length": 10, "width": 6, "height": 4}
    sent = await ship((await make_order())["id"], carrier="dhl", service="ecommerce", packages=[small])
    assert sent["tracking_url"] == f"https://webtrack.dhlecs.com/orders?trackingNumber={sent['tracking_number']}"


async def test_returns_of_a_live_store_are_labelled_elsewhere(
    fakes: FakeCarriers, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """An account changes nothing of that, so none is asked for. A number of the caller's own, or a carrier of the
    store's own, takes the return from request to refund."""
    desk = Client(http, await make_key(shop.live))
    await stock_products(make_product, shop.live)
    await contract(desk, *BOTH)
    await post(desk, "/v2/shipping/carriers", **carrier())
    items = [{"sku": "MUG", "quantity": 2}]
    order = await post(desk, "/v2/orders", items=items, shipping_address=BEVERLY_HILLS)
    given = {"carrier": "ups", "service": "ground", "packages": [PARCEL], "ship_from": NEW_YORK}
    sent = await post(desk, "/v2/shipments", order_id=order["id"], tracking_number="1Z999AA10123456784", **given)
    await post(desk, f"/v2/shipments/{sent['id']}/track", status="delivered")
    first, second = [await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)]) for _ in "12"]
    path = f"/v2/returns/{first['id']}"
    refused = await desk("POST", f"{path}/approve", json={"carrier": "fedex", "service": "ground"})
    assert (refused.status_code, problems_of(refused)) == (409, [("tracking_number", "ILLEGAL_TRANSITION")])
    assert "set an account" not in refused.text
    bought = {"carrier": "ups", "service": "ground", "tracking_number": "1Z5R89390357567127"}
    approved = await post(desk, f"{path}/approve", **bought)
    assert (approved["tracking_number"], approved["label_url"]) == ("1Z5R89390357567127", None)
    received = await post(desk, f"{path}/receive")
    assert (received["status"], received["items"][0]["restocked"]) == ("received", 1)
    (warehouse,) = (await get(desk, "/v2/warehouses"))["data"]
    address = {name: NEW_YORK[name] for name in ("line1", "city", "state", "zip", "country")}
    await desk("PUT", f"/v2/warehouses/{warehouse['id']}", json=address)
    own = await post(desk, f"/v2/returns/{second['id']}/approve", carrier="pedal", service="same_day")
    assert await barcodes(desk, f"/v2/returns/{second['id']}") == [own["tracking_number"]]
    unpaid = await desk("POST", f"/v2/returns/{second['id']}/refund", json={})
    assert (unpaid.status_code, problems_of(unpaid)) == (409, [("id", "ILLEGAL_TRANSITION")])
