"""Shipping by GraphQL: a whole life with each event in order on a live stream, and the same life by REST."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import orjson
import pytest

from domain import events
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from gateway.execution import StrawberryEngine, StreamedResponse
from gateway.graphql.documents import DocumentCache
from resolvers.context import Context
from tests.conftest import Client, Shop
from tests.shipping.conftest import PARCEL, MakeOrder, get, post

Run = Callable[..., Awaitable[Any]]
Follow = Callable[[str], AsyncGenerator[StreamedResponse]]
CREATE = """mutation ($input: CreateShipmentInput!) { createShipment(input: $input) { shipment {
  id version status carrier carrierName service serviceName source trackingNumber trackingUrl labelUrl
  order { id number status } warehouse { name } shipFrom { city } shipTo { zip } cost { amount currency }
  insuranceValue { minorUnits } signatureRequired estimatedDelivery
  packages { id weight weightUnit length dimensionUnit trackingNumber } items { quantity sku item { id fulfilled } }
  tracking { id status description location occurredAt } } userErrors { code message field } } }"""
ADVANCE = """mutation ($input: AdvanceShipmentInput!) { advanceShipment(input: $input) {
  shipment { status shippedAt deliveredAt order { status fulfillmentStatus } tracking { status } }
  userErrors { code field } } }"""
RETURN = """mutation ($input: CreateReturnInput!) { createReturn(input: $input) { return {
  id status refundAmount { amount } items { quantity reason condition item { id } } history { status note } }
  userErrors { code field } } }"""
APPROVE = """mutation ($input: ApproveReturnInput!) { approveReturn(input: $input) {
  return { status warehouse { name } trackingNumber labelUrl } userErrors { code field } } }"""
RECEIVE = """mutation ($input: ReceiveReturnInput!) { receiveReturn(input: $input) {
  return { status items { restocked warehouse { name } } order { items { returned } } } userErrors { code field } } }"""
REFUND = """mutation ($input: RefundReturnInput!) { refundReturn(input: $input) {
  return { refund { status amount { amount } items { quantity } } } userErrors { code field } } }"""
CLOSE = """mutation ($input: CloseReturnInput!) { closeReturn(input: $input) {
  return { status } userErrors { code field } } }"""
PAY = """mutation ($input: CreatePaymentIntentInput!) { createPaymentIntent(input: $input) {
  paymentIntent { id status } userErrors { code field } } }"""
FOLLOW = """subscription ($after: Cursor) { events(types: [ORDER_UPDATED, ORDER_FULFILLED, ORDER_REFUNDED,
  SHIPMENT_CREATED, SHIPMENT_IN_TRANSIT, SHIPMENT_DELIVERED, PAYMENT_SUCCEEDED, PAYMENT_REFUNDED], after: $after) { type
  changedFields ... on ShipmentDelivered { shipment { status } snapshot { objectId status
    packages { weight weightUnit } items { quantity } } } } }"""
LIFE = [
    "payment.succeeded",
    "order.updated",
    "shipment.created",
    "order.updated",
    "shipment.created",
    "order.updated",
    "shipment.in_transit",
    "shipment.in_transit",
    "order.fulfilled",
    "shipment.delivered",
    "shipment.delivered",
    "order.updated",
    "order.updated",
    "order.updated",
    "order.updated",
    "order.updated",
    "payment.refunded",
    "order.refunded",
    "order.updated",
]
"""Paid; two parcels made; both on their way, so shipped; both there, so delivered; a return that is requested,
approved, received and begun to be refunded; refunded; closed."""
CARD = {"number": "4242424242424242", "expMonth": 12, "expYear": 2099, "cvc": "123"}


@pytest.fixture
def run(desk: Client) -> Run:
    """Run an operation in the test store: ``await run(CREATE, orderId=…)``. Returns the one root field of its data."""

    async def send(query: str, **given: Any) -> Any:
        body = {"query": query, "variables": {"input": given}}
        answer = (await desk("POST", "/graphql", json=body)).json()
        assert "errors" not in answer, answer["errors"]
        (found,) = answer["data"].values()
        assert found["userErrors"] == [], found["userErrors"]
        return found

    return send


@pytest.fixture
def follow(database: Database, log: EventLog, shop: Shop) -> Follow:
    """A subscription of the test store, from a cursor on."""
    engine = StrawberryEngine(events.cursor_of)
    operation = DocumentCache(engine.schema).operation(FOLLOW, None)

    def begin(after: str) -> AsyncGenerator[StreamedResponse]:
        return engine.subscribe(operation, {"after": after}, lambda: Context(shop.test, database, "req_test", log=log))

    return begin


async def take(stream: AsyncGenerator[StreamedResponse], count: int) -> list[Any]:
    """The next events of a subscription."""
    found: list[Any] = []
    async with asyncio.timeout(20), aclosing(stream):
        async for each in stream:
            if each.body:
                found.append(orjson.loads(each.body)["data"]["events"])
            if len(found) == count:
                break
    return found


async def test_a_life_from_payment_to_refund(
    run: Run, make_order: MakeOrder, follow: Follow, log: EventLog, desk: Client
) -> None:
    """Order, pay, two parcels, deliver, return one item, refund."""
    order = await make_order()
    mug, plate = (item["id"] for item in order["items"])
    start = f"e1.{await log.head()}"
    live = asyncio.create_task(take(follow(start), len(LIFE)))
    details = {"paymentMethodDetails": {"card": CARD}, "captureMethod": "AUTOMATIC"}
    paid = await run(PAY, amount={"amount": "65"}, orderId=order["id"], **details)
    assert paid["paymentIntent"]["status"] == "SUCCEEDED"
    package = {"weight": "2.5", "weightUnit": "POUND", "length": 12, "width": 8, "height": 6, "dimensionUnit": "INCH"}
    sent = {"orderId": order["id"], "carrier": "fedex", "service": "ground", "packages": [package]}
    items = [{"id": mug, "quantity": 3}]
    insured = {"insuranceValue": {"amount": "45"}, "signatureRequired": True}
    first = (await run(CREATE, **sent, items=items, **insured))["shipment"]
    assert (first["status"], first["order"]["status"], first["warehouse"]["name"]) == (
        "CREATED",
        "PROCESSING",
        "Main warehouse",
    )
    assert first["packages"][0] | {"id": ""} == {
        "id": "",
        "weight": "2.5",
        "weightUnit": "POUND",
        "length": "12",
        "dimensionUnit": "INCH",
        "trackingNumber": first["trackingNumber"],
    }
    assert (first["insuranceValue"]["minorUnits"], first["signatureRequired"]) == (4500, True)
    assert first["items"] == [{"quantity": 3, "sku": "MUG", "item": {"id": mug, "fulfilled": 3}}]
    assert [each["status"] for each in first["tracking"]] == ["CREATED"]
    second = (await run(CREATE, **sent))["shipment"]
    assert [each["item"]["id"] for each in second["items"]] == [plate]
    for status in ("IN_TRANSIT", "DELIVERED"):
        for each in (first, second):
            moved = (await run(ADVANCE, id=each["id"], status=status))["shipment"]
    assert moved["order"] == {"status": "DELIVERED", "fulfillmentStatus": "FULFILLED"}
    line = {"id": plate, "quantity": 1, "reason": "UNWANTED", "condition": "NEW"}
    asked = (await run(RETURN, orderId=order["id"], items=[line], note="Too blue."))["return"]
    assert (asked["status"], asked["refundAmount"]["amount"]) == ("REQUESTED", "10.00")
    approved = (await run(APPROVE, id=asked["id"], carrier="usps", service="priority"))["return"]
    assert (approved["status"], approved["labelUrl"] is not None) == ("APPROVED", True)
    received = (await run(RECEIVE, id=asked["id"]))["return"]
    assert received["items"] == [{"restocked": 1, "warehouse": {"name": "Main warehouse"}}]
    assert [each["returned"] for each in received["order"]["items"]] == [0, 1]
    refund = (await run(REFUND, id=asked["id"]))["return"]["refund"]
    assert refund == {"status": "SUCCEEDED", "amount": {"amount": "10.00"}, "items": [{"quantity": 1}]}
    assert (await run(CLOSE, id=asked["id"]))["return"]["status"] == "CLOSED"
    told = await live
    assert [each["type"].lower().replace("_", ".", 1) for each in told] == LIFE
    delivered = next(each for each in told if each["type"] == "SHIPMENT_DELIVERED")
    assert (delivered["snapshot"]["objectId"], delivered["snapshot"]["status"]) == (first["id"], "DELIVERED")
    assert delivered["snapshot"]["packages"] == [{"weight": "2.5", "weightUnit": "POUND"}]
    assert "returns" in told[-1]["changedFields"]
    shown = await get(desk, f"/v2/orders/{order['id']}")
    assert (shown["status"], shown["refunded"]) == ("delivered", 10)


async def test_the_same_life_by_rest_has_the_same_events(
    desk: Client, make_order: MakeOrder, follow: Follow, log: EventLog
) -> None:
    order = await make_order()
    mug, plate = (item["id"] for item in order["items"])
    start = f"e1.{await log.head()}"
    live = asyncio.create_task(take(follow(start), len(LIFE)))
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
    details = {"payment_method_details": {"card": card}, "capture_method": "automatic"}
    await post(desk, "/v2/payments/intents", amount=6500, order_id=order["id"], **details)
    sent = {"order_id": order["id"], "carrier": "fedex", "service": "ground", "packages": [PARCEL]}
    first = await post(desk, "/v2/shipments", **sent, items=[{"id": mug, "quantity": 3}])
    second = await post(desk, "/v2/shipments", **sent)
    for status in ("in_transit", "delivered"):
        for each in (first, second):
            await post(desk, f"/v2/shipments/{each['id']}/advance", status=status)
    line = {"id": plate, "quantity": 1, "reason": "unwanted"}
    back = await post(desk, "/v2/returns", order_id=order["id"], items=[line])
    for step in ("approve", "receive", "refund", "close"):
        await post(desk, f"/v2/returns/{back['id']}/{step}")
    assert [each["type"].lower().replace("_", ".", 1) for each in await live] == LIFE


async def test_lists_are_filtered_and_found_by_node(desk: Client, make_order: MakeOrder) -> None:
    """By status, carrier, order and number; from the order as well."""
    order = await make_order()
    sent = {"order_id": order["id"], "carrier": "ups", "service": "2day", "packages": [PARCEL]}
    made = await post(desk, "/v2/shipments", **sent)
    query = """query ($id: ID!, $number: String!) {
      shipments(filter: { status: [CREATED], carrier: ["ups"], trackingNumber: $number }) { totalCount nodes { id } }
      none: shipments(filter: { carrier: ["dhl"] }) { totalCount }
      shipment(id: $id) { id } node(id: $id) { __typename id }
      orders(first: 1) { nodes { shipments { id packages { weight } } returns { id } } } }"""
    variables = {"id": made["id"], "number": made["tracking_number"]}
    answer = (await desk("POST", "/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in answer, answer
    assert answer["data"] == {
        "shipments": {"totalCount": 1, "nodes": [{"id": made["id"]}]},
        "none": {"totalCount": 0},
        "shipment": {"id": made["id"]},
        "node": {"__typename": "Shipment", "id": made["id"]},
        "orders": {"nodes": [{"shipments": [{"id": made["id"], "packages": [{"weight": "2.5"}]}], "returns": []}]},
    }
