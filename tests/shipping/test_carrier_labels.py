"""Labels that carriers make by contract: bought with a shipment, voided with its cancelling."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text

from domain import access, shipping
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.outbound_execution import OutboundReconciler
from tests.conftest import Client, Shop
from tests.shipping.conftest import (
    BEVERLY_HILLS,
    BOTH,
    NEW_YORK,
    PARCEL,
    MakeOrder,
    Ship,
    contract,
    frozen,
    get,
    post,
    problems_of,
)
from tests.shipping.fake_carriers import CLIENT_SECRET, FakeCarriers

ORDERS = {"fedex": "/ship/v1/shipments", "ups": "/api/shipments/v2409/ship"}
CARRIERS = tuple(ORDERS)
FIRST = timedelta(seconds=50)
"""After this time an attempt without an outcome is looked at first."""


@pytest.fixture
async def contracts(fakes: FakeCarriers, desk: Client) -> FakeCarriers:
    """The test store has contracts, with the carriers' test environments."""
    await contract(desk, *BOTH)
    return fakes


async def settle(database: Database, after: timedelta) -> None:
    """Let the reconciler work, so much later."""
    with frozen(database, system_clock() + after):
        reconciler = OutboundReconciler(database, access.stores_by_number, clock=lambda: system_clock() + after)
        while await reconciler.reconcile_due():
            pass


def orders_of(fakes: FakeCarriers, path: str) -> list[Any]:
    """What a carrier was ordered to do."""
    return [body for asked, body in fakes.asked if asked == path]


async def tracking(desk: Client, id: str) -> list[tuple[str, str]]:
    """The statuses and texts of a shipment's tracking."""
    found = (await get(desk, f"/v2/shipments/{id}/track"))["data"]
    return [(each["status"], each["description"]) for each in found]


async def events(database: Database, id: str) -> list[tuple[str, int]]:
    """The types and sequences of the events about a shipment."""
    async with database.system_connection() as connection:
        query = "SELECT type, sequence FROM event WHERE object_id = $1 ORDER BY seq"
        return [(row["type"], row["sequence"]) for row in await connection.fetch(query, id)]


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_the_carrier_makes_the_label(
    contracts: FakeCarriers, desk: Client, database: Database, make_order: MakeOrder, carrier: str
) -> None:
    """Numbers and labels are the carrier's; a repeat of the request is answered alike and buys nothing."""
    order = await make_order()
    asked = {"order_id": order["id"], "carrier": carrier, "service": "ground", "packages": [PARCEL, PARCEL]}
    more = {"insurance_value": 100.01, "signature_required": True}
    headers = {"Idempotency-Key": "ship-it"}
    answers = [await desk("POST", "/v2/shipments", json={**asked, **more}, headers=headers) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201], answers[0].text
    shipment = answers[0].json()
    assert answers[1].json() == shipment
    numbers = [each["tracking_number"] for each in shipment["packages"]]
    assert (shipment["status"], shipment["source"], shipment["failure"]) == ("created", "carrier", None)
    assert numbers == list(contracts.labels)
    assert shipment["tracking_number"] == numbers[0]
    assert numbers[0] in shipment["tracking_url"]
    assert [text for text, _ in await tracking(desk, shipment["id"])] == ["pending", "created"]
    assert await events(database, shipment["id"]) == [("shipment.created", 1)]
    (sent,) = orders_of(contracts, ORDERS[carrier])
    _CHECKS[carrier](sent, order)
    await _check_label(desk, shipment["id"], numbers)


def _check_fedex(sent: Any, order: Any) -> None:
    asked = sent["requestedShipment"]
    assert asked["serviceType"] == "GROUND_HOME_DELIVERY"
    assert asked["recipients"][0]["address"]["streetLines"] == ["9 Rodeo Drive"]
    assert asked["recipients"][0]["contact"]["personName"] == "Jane Doe"
    assert asked["shipper"]["contact"]["companyName"] == "Main warehouse"
    packages = asked["requestedPackageLineItems"]
    assert [each["declaredValue"] for each in packages] == [
        {"amount": 50.01, "currency": "GBP"},
        {"amount": 50.0, "currency": "GBP"},
    ]
    assert {each["weight"]["units"] for each in packages} == {"LB"}
    assert packages[0]["customerReferences"][0]["value"] == str(order["number"])
    assert packages[0]["packageSpecialServices"]["signatureOptionType"] == "DIRECT"


def _check_ups(sent: Any, order: Any) -> None:
    asked = sent["ShipmentRequest"]["Shipment"]
    assert asked["Service"]["Code"] == "03"
    assert asked["ShipTo"]["Address"]["AddressLine"] == ["9 Rodeo Drive"]
    assert asked["ShipTo"]["Address"]["ResidentialAddressIndicator"] == "Y"
    assert asked["Shipper"]["ShipperNumber"] == "740561073"
    options = [each["PackageServiceOptions"] for each in asked["Package"]]
    values = [each["DeclaredValue"] for each in options]
    assert values == [{"CurrencyCode": "GBP", "MonetaryValue": each} for each in ("50.01", "50.00")]
    assert options[0]["DeliveryConfirmation"]["DCISType"] == "1"
    assert asked["Package"][0]["ReferenceNumber"]["Value"] == str(order["number"])


_CHECKS = {"fedex": _check_fedex, "ups": _check_ups}


async def _check_label(desk: Client, id: str, numbers: list[str]) -> None:
    """A page for each package, whose barcode is read back, in each format."""
    path = f"/v2/shipments/{id}/label"
    pdf = await desk("GET", path)
    assert pdf.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(BytesIO(pdf.content)) as document:
        pages = [page.render(scale=300 / 72).to_pil() for page in document]
    assert [zxingcpp.read_barcodes(page)[0].text for page in pages] == numbers
    png = await desk("GET", path, headers={"Accept": "image/png"})
    shown = Image.open(BytesIO(png.content))
    assert shown.size == (812, 2 * 1218)
    assert {each.text for each in zxingcpp.read_barcodes(shown.convert("L"))} == set(numbers)
    zpl = (await desk("GET", path, headers={"Accept": "application/zpl"})).text
    pictures = [_picture(each) for each in zpl.split("^XZ") if "^GFA" in each]
    assert [zxingcpp.read_barcodes(each)[0].text for each in pictures] == numbers


def _picture(commands: str) -> Image.Image:
    """What a printer makes of ``^GFA``: 1 is black."""
    whole, _, width, content = commands.partition("^GFA,")[2].partition("^FS")[0].split(",")
    dots = bytes.fromhex(content)
    assert len(dots) == int(whole)
    return (
        Image.frombytes("1", (int(width) * 8, len(dots) // int(width)), dots).point(lambda dot: 255 - dot).convert("L")
    )


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_a_carrier_that_refuses_leaves_the_order_as_it_was(
    contracts: FakeCarriers, desk: Client, database: Database, make_order: MakeOrder, ship: Ship, carrier: str
) -> None:
    """The shipment says why; the stock is reserved again, and the lines can be shipped once the cause is gone."""
    order = await make_order()
    before = await stock_of(desk)
    contracts.alert = "The postal code does not match the state."
    refused = await ship(order["id"], carrier=carrier)
    assert (refused["status"], refused["failure"]) == ("cancelled", contracts.alert)
    assert (refused["tracking_number"], refused["label_url"]) == (None, None)
    assert await tracking(desk, refused["id"]) == [
        ("pending", "The label was requested from the carrier."),
        ("cancelled", contracts.alert),
    ]
    assert await events(database, refused["id"]) == []
    assert await stock_of(desk) == before
    assert (await get(desk, f"/v2/orders/{order['id']}"))["fulfillment_status"] == "unfulfilled"
    contracts.alert = ""
    assert (await ship(order["id"], carrier=carrier))["status"] == "created"


async def test_credentials_that_the_carrier_refuses_make_no_shipment(
    fakes: FakeCarriers, desk: Client, make_order: MakeOrder, ship: Ship
) -> None:
    order = await make_order()
    await contract(desk, {**BOTH[0], "client_secret": "not-the-secret"})
    refused = await ship(order["id"])
    assert (refused["status"], refused["failure"]) == ("cancelled", "The carrier refuses the credentials.")


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("kind", ["is_mute", "has_fault"])
async def test_a_lost_answer_leaves_the_shipment_pending(
    contracts: FakeCarriers,
    desk: Client,
    database: Database,
    make_order: MakeOrder,
    ship: Ship,
    carrier: str,
    kind: str,
) -> None:
    """The carrier may have made a label, so that it is not asked again; after ten minutes the shipment is given up.

    Taken out to see it fail: ``CarrierFaultError`` (a fault counts as a refusal).
    """
    order = await make_order()
    setattr(contracts, kind, True)
    shipment = await ship(order["id"], carrier=carrier)
    assert (shipment["status"], shipment["tracking_number"], shipment["label_url"]) == ("pending", None, None)
    for action in ("cancel", "advance"):
        answer = await desk("POST", f"/v2/shipments/{shipment['id']}/{action}", json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict"), answer.text
    assert (await desk("GET", f"/v2/shipments/{shipment['id']}/label")).status_code == 404
    await settle(database, FIRST)
    assert (await get(desk, f"/v2/shipments/{shipment['id']}"))["status"] == "pending"
    await settle(database, timedelta(minutes=11))
    given_up = await get(desk, f"/v2/shipments/{shipment['id']}")
    assert given_up["status"] == "cancelled"
    assert given_up["failure"].startswith("The carrier did not respond in time.")
    assert len(orders_of(contracts, ORDERS[carrier])) == 1
    assert (await get(desk, f"/v2/orders/{order['id']}"))["fulfillment_status"] == "unfulfilled"


async def test_a_lost_shipment_of_an_order_that_is_closed_is_given_up_all_the_same(
    contracts: FakeCarriers, desk: Client, database: Database, make_order: MakeOrder, ship: Ship
) -> None:
    """Its lines then stay as they are. Taken out to see it fail: the second half refuses, and is run for ever."""
    order = await make_order()
    contracts.is_mute = True
    shipment = await ship(order["id"])
    moved = await desk("PATCH", f"/v2/orders/{order['id']}/status", json={"status": "shipped"})
    assert moved.status_code == 200, moved.text
    await settle(database, timedelta(minutes=11))
    assert (await get(desk, f"/v2/shipments/{shipment['id']}"))["status"] == "cancelled"
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "shipped"


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_cancelling_voids_the_label(
    contracts: FakeCarriers, desk: Client, make_order: MakeOrder, ship: Ship, carrier: str
) -> None:
    order = await make_order()
    shipment = await ship(order["id"], carrier=carrier)
    cancelled = await post(desk, f"/v2/shipments/{shipment['id']}/cancel")
    assert (cancelled["status"], cancelled["label_url"]) == ("cancelled", None)
    assert set(contracts.labels.values()) == {False}
    assert (await tracking(desk, shipment["id"]))[-1][1].endswith("has voided the label.")
    assert (await desk("GET", f"/v2/shipments/{shipment['id']}/label")).status_code == 404
    assert (await get(desk, f"/v2/orders/{order['id']}"))["fulfillment_status"] == "unfulfilled"


async def test_a_label_that_is_not_voided_says_so(
    contracts: FakeCarriers, desk: Client, database: Database, make_order: MakeOrder, ship: Ship
) -> None:
    """The carrier refuses; the store has no account any more; or the answer is lost, and the carrier is asked again."""
    order = await make_order()
    first, second, third = [
        await ship(order["id"], items=[{"id": order["items"][0]["id"], "quantity": 1}]) for _ in "123"
    ]
    contracts.alert = "It is in transit."
    cancelled = await post(desk, f"/v2/shipments/{first['id']}/cancel")
    assert cancelled["status"] == "cancelled"
    assert (await tracking(desk, first["id"]))[-1][1] == "FedEx has not voided the label. It is in transit."
    contracts.alert, contracts.is_mute = "", True
    await post(desk, f"/v2/shipments/{second['id']}/cancel")
    contracts.is_mute = False
    contracts.labels[second["tracking_number"]] = True
    await settle(database, FIRST)
    assert (await tracking(desk, second["id"]))[-1][1] == "FedEx has voided the label."
    await contract(desk)
    await post(desk, f"/v2/shipments/{third['id']}/cancel")
    assert (await tracking(desk, third["id"]))[-1][
        1
    ] == "FedEx has not voided the label. The store has no account there."


async def test_a_label_to_another_country_is_bought_at_the_carrier(
    contracts: FakeCarriers, desk: Client, make_order: MakeOrder
) -> None:
    order = await make_order(shipping_address={**BEVERLY_HILLS, "country": "CA", "state": "ON", "zip": "K1A 0B1"})
    asked = {"order_id": order["id"], "carrier": "ups", "service": "ground", "packages": [PARCEL]}
    answer = await desk("POST", "/v2/shipments", json=asked)
    assert (answer.status_code, problems_of(answer)) == (409, [("tracking_number", "ILLEGAL_TRANSITION")])
    shipment = await post(desk, "/v2/shipments", **asked, tracking_number="1Z999AA10123456784")
    assert shipment["status"] == "created"
    assert contracts.labels == {}


async def test_carriers_without_an_account_draw_their_labels_as_before(
    fakes: FakeCarriers, desk: Client, make_order: MakeOrder, ship: Ship
) -> None:
    await contract(desk, BOTH[0])
    order = await make_order()
    assert (await ship(order["id"], carrier="ups"))["source"] == "sandbox"
    assert fakes.labels == {}


async def test_a_label_follows_its_parcel_and_its_buyer(
    contracts: FakeCarriers, desk: Client, database: Database, make_order: MakeOrder, ship: Ship, shop: Shop
) -> None:
    """The carrier is asked about the parcel; an erasure removes the label, and what is stored of the call has neither
    addresses nor credentials.

    Taken out to see it fail: ``after_redaction`` of shipping; ``UNSTORED``.
    """
    customer = await post(desk, "/v2/customers", email="jane@example.com", first_name="Jane", last_name="Doe")
    order = await make_order(customer_id=customer["id"])
    contracts.is_mute = True
    lost = await ship(order["id"], items=[{"id": order["items"][0]["id"], "quantity": 1}])
    contracts.is_mute = False
    shipment = await ship(order["id"], items=[{"id": order["items"][0]["id"], "quantity": 1}])
    async with database.transaction(shop.test) as work:
        rows = (await work.session.execute(text("SELECT a::text FROM outbound_attempt a"))).scalars().all()
    stored = " ".join(rows)
    assert lost["id"] in stored
    assert not [each for each in ("Rodeo", "Jane", CLIENT_SECRET, "JVBER") if each in stored]
    at = system_clock() + timedelta(minutes=40)
    contracts.events = [("OD", f"{system_clock():%Y-%m-%dT%H:%M:%S}+00:00", "York")]
    with frozen(database, at):
        await shipping.follow_shipments(database, access.stores_by_number, at)
    assert (await get(desk, f"/v2/shipments/{shipment['id']}"))["status"] == "out_for_delivery"
    await post(desk, f"/v2/customers/{customer['id']}/erase")
    assert (await desk("GET", f"/v2/shipments/{shipment['id']}/label")).status_code == 404
    async with database.transaction(shop.test) as work:
        assert (await work.session.execute(text("SELECT count(*) FROM shipment_label"))).scalar_one() == 0


async def test_a_label_of_somebody_erased_meanwhile_is_not_kept(
    contracts: FakeCarriers, desk: Client, database: Database, make_order: MakeOrder, ship: Ship, shop: Shop
) -> None:
    """The carrier's answer with the address comes after the erasure. Taken out to see it fail: ``ERASED`` of
    ``_label``."""
    customer = await post(desk, "/v2/customers", email="jane@example.com", first_name="Jane", last_name="Doe")
    order = await make_order(customer_id=customer["id"])
    contracts.is_held = True
    buying = asyncio.create_task(ship(order["id"]))
    async with asyncio.timeout(10):
        while not contracts.labels:
            await asyncio.sleep(0.01)
    await post(desk, f"/v2/customers/{customer['id']}/erase")
    contracts.released.set()
    shipment = await buying
    assert (shipment["status"], shipment["label_url"]) == ("created", None)
    assert (await desk("GET", f"/v2/shipments/{shipment['id']}/label")).status_code == 404
    async with database.transaction(shop.test) as work:
        assert (await work.session.execute(text("SELECT count(*) FROM shipment_label"))).scalar_one() == 0


async def test_a_carrier_without_anything_to_print_has_no_label(
    contracts: FakeCarriers, desk: Client, make_order: MakeOrder, ship: Ship
) -> None:
    """Taken out to see it fail: ``outcome.content`` of ``_label``."""
    order = await make_order()
    contracts.has_pictures = False
    shipment = await ship(order["id"])
    assert (shipment["status"], shipment["label_url"]) == ("created", None)
    assert shipment["tracking_number"] in contracts.labels
    assert (await desk("GET", f"/v2/shipments/{shipment['id']}/label")).status_code == 404


async def test_graphql_buys_and_voids(
    contracts: FakeCarriers, desk: Client, make_order: MakeOrder, http: httpx.AsyncClient
) -> None:
    order = await make_order()
    create = """mutation ($input: CreateShipmentInput!) { createShipment(input: $input) {
        shipment { id status source trackingNumber failure packages { trackingNumber } } userErrors { code } } }"""
    address = {**{name: value for name, value in NEW_YORK.items() if name != "first_name"}, "firstName": "Ann"}
    package = {"weight": 2, "weightUnit": "POUND", "length": 9, "width": 6, "height": 3, "dimensionUnit": "INCH"}
    given = {"orderId": order["id"], "carrier": "ups", "service": "ground", "packages": [package], "shipFrom": address}
    answer = await desk("POST", "/graphql", json={"query": create, "variables": {"input": given}})
    assert "errors" not in answer.json(), answer.text
    shipment = answer.json()["data"]["createShipment"]["shipment"]
    assert (shipment["status"], shipment["source"]) == ("CREATED", "CARRIER")
    assert [shipment["trackingNumber"]] == list(contracts.labels)
    cancel = "mutation ($id: ID!) { cancelShipment(input: {id: $id}) { shipment { status } } }"
    answer = await desk("POST", "/graphql", json={"query": cancel, "variables": {"id": shipment["id"]}})
    assert answer.json()["data"]["cancelShipment"]["shipment"] == {"status": "CANCELLED"}
    assert set(contracts.labels.values()) == {False}


async def stock_of(desk: Client) -> Any:
    """What is on hand and reserved of each variant."""
    found = (await get(desk, "/v2/inventory"))["data"]
    return sorted((each["variant_id"], each["on_hand"], each["reserved"]) for each in found)
