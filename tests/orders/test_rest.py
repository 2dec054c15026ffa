"""Orders in REST, as a client of the platform document uses them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain import catalog, orders
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.orders import OrderStatus
from domain.orders.commands import OrderItemInput
from tests.conftest import Client, Do, MakeCustomer, Shop
from tests.orders.conftest import LONDON, MakeOrder, Stock
from tests.raw_json import compact

NOTHING = "0" * 26


def details(response: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in response.json()["error"]["details"]]


async def test_the_order_of_the_platform_document_is_created_processed_and_cancelled(
    rest: Client, mug: catalog.Product, make_customer: MakeCustomer, stock: Stock
) -> None:
    customer = await make_customer(email="jane@example.com")
    line = {"product_id": mug.id, "variant_id": mug.variants[0].id, "quantity": 2, "price": 199.99}
    created = await rest(
        "POST",
        "/v2/orders",
        json={
            "customer_id": customer.id,
            "items": [line],
            "shipping_address": LONDON,
            "billing_address": {**LONDON, "first_name": "Jane"},
            "payment_method": "card",
            "shipping_method": "standard",
        },
    )
    assert created.status_code == 201
    document = created.json()
    path = f"/v2/orders/{document['id']}"
    assert created.headers["Location"] == path
    assert b'"subtotal":399.98,"discount":0.00,"shipping":5.00,' in compact(created.content)
    assert {name: document[name] for name in ("number", "status", "payment_status", "fulfillment_status")} == {
        "number": "1001",
        "status": "pending",
        "payment_status": "pending",
        "fulfillment_status": "unfulfilled",
    }
    assert (document["customer_id"], document["email"], document["currency"]) == (customer.id, customer.email, "gbp")
    assert (document["total"], document["version"], document["items"][0]["name"]) == (404.98, 1, "Red mug")
    assert document["billing_address"]["first_name"] == "Jane"
    read = await rest("GET", path)
    assert (read.json(), read.headers["ETag"]) == (document, created.headers["ETag"])
    assert (await rest("GET", path, headers={"If-None-Match": created.headers["ETag"]})).status_code == 304

    paid = {"status": "processing", "note": "Payment confirmed, preparing shipment"}
    moved = await rest("PATCH", f"{path}/status", json=paid)
    assert (moved.status_code, moved.json()["status"], moved.json()["version"]) == (200, "processing", 2)
    assert await stock() == {"MUG": (10, 2)}
    changed_mind = {"reason": "customer_request", "refund": True, "note": "Customer changed mind"}
    cancelled = await rest("POST", f"{path}/cancel", json=changed_mind)
    assert (cancelled.status_code, cancelled.json()["status"]) == (201, "cancelled")
    assert cancelled.json()["cancel_reason"] == "customer_request"
    assert cancelled.json()["cancelled_at"] == cancelled.json()["updated_at"]
    assert await stock() == {"MUG": (10, 0)}
    steps = (await rest("GET", f"{path}/history")).json()["data"]
    assert [(step["from_status"], step["status"], step["note"]) for step in steps] == [
        (None, "pending", None),
        ("pending", "processing", paid["note"]),
        ("processing", "cancelled", changed_mind["note"]),
    ]


async def test_lines_and_notes_have_urls_of_their_own(rest: Client, make_order: MakeOrder) -> None:
    order, other = await make_order(), await make_order()
    path = f"/v2/orders/{order.id}"
    written = await rest("POST", f"{path}/notes", json={"text": " Rang twice. "}, headers={"If-Match": '"1-x"'})
    note = written.json()
    assert (written.status_code, note["text"], written.headers["ETag"][:3]) == (201, "Rang twice.", '"2-')
    assert written.headers["Location"] == f"{path}/notes/{note['id']}"
    assert (await rest("GET", written.headers["Location"])).json() == note
    assert (await rest("GET", f"{path}/notes")).json() == {"data": [note]}
    items = (await rest("GET", f"{path}/items")).json()["data"]
    assert items == (await rest("GET", path)).json()["items"]
    assert (await rest("GET", f"{path}/items/{items[0]['id']}")).json() == items[0]
    for tail in (f"notes/{note['id']}", f"items/{items[0]['id']}"):
        assert (await rest("GET", f"/v2/orders/{other.id}/{tail}")).status_code == 404


async def test_a_document_can_be_sent_back(rest: Client, make_order: MakeOrder) -> None:
    order = await make_order(shipping_method="standard")
    path = f"/v2/orders/{order.id}"
    document = (await rest("GET", path)).json()
    same = await rest("PATCH", path, json=document)
    assert (same.status_code, same.json()) == (200, document), same.text
    changed = await rest("PATCH", path, json={**document, "shipping_method": "express"})
    assert (changed.json()["shipping"], changed.json()["version"]) == (15.0, 2)
    stale = await rest("PATCH", path, json={**document, "shipping_method": None})
    assert (stale.status_code, details(stale)) == (409, [("version", "VERSION_MISMATCH")])
    derived = await rest("PATCH", path, json={"payment_status": "paid", "total": 1})
    assert derived.status_code == 422
    assert sorted(details(derived)) == [("payment_status", "READ_ONLY"), ("total", "READ_ONLY")]


@pytest.fixture
async def five(do: Do, make_order: MakeOrder, make_customer: MakeCustomer, database: Database, shop: Shop) -> list[str]:
    """The ids of five orders, an hour or a day apart, oldest first."""
    jane = await make_customer(email="jane@example.com")
    instants = (
        "01-14T23:59:59.999",
        "01-15T00:00:00.000",
        "01-15T12:30:00.500",
        "01-15T23:59:59.999",
        "01-16T00:00:00",
    )
    created = []
    for number, price in enumerate((100, 200, 300, 400, 100)):
        items = (OrderItemInput(sku="MUG", quantity=1, price=Money(price, "GBP")),)
        created.append(await make_order(items=items, customer_id=jane.id if number < 2 else None))
    for order, steps in zip(created, ("", "p", "ps", "psd", "c"), strict=True):
        for step in steps:
            status = {"p": "processing", "s": "shipped", "d": "delivered", "c": "cancelled"}[step]
            await do(orders.update_order_status, id=order.id, status=OrderStatus(status))
    async with database.system_connection() as connection:
        for order, instant in zip(created, instants, strict=True):
            await connection.execute(
                "UPDATE sales_order SET created_at = $3, payment_failed = $4, captured = $5, refunded = $6 "
                "WHERE store_id = $1 AND id = $2",
                shop.live.store.number,
                order.id,
                datetime.fromisoformat(f"2026-{instant}+00:00"),
                order is created[1],
                order.total if order in created[2:4] else 0,
                order.total if order is created[3] else 0,
            )
    return [order.id for order in created]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "43210"),
        ("order=asc", "43210"[::-1]),
        ("sort=created_at", "01234"),
        ("sort=total&order=desc", "32140"),
        ("sort=total", "04123"),
        ("status=pending", "0"),
        ("status=pending,pending", "0"),
        ("status=pending,cancelled,pending", "40"),
        ("status=pending,cancelled", "40"),
        ("status=shipped,delivered,processing&sort=created_at", "123"),
        ("payment_status=pending", "40"),
        ("payment_status=paid", "2"),
        ("payment_status=failed,refunded", "31"),
        ("fulfillment_status=fulfilled", "32"),
        ("fulfillment_status=unfulfilled,partial", "410"),
        ("number=1001", "0"),
        ("number=9999", ""),
        ("date_from=2026-01-15", "4321"),
        ("date_to=2026-01-15", "3210"),
        ("date_from=2026-01-15&date_to=2026-01-15", "321"),
        ("date_from=2026-01-15T12:30:00Z&date_to=2026-01-15T12:30:00Z", "2"),
        ("date_from=2026-01-15T01:00:00%2B01:00&date_to=2026-01-15T13:29:59%2B01:00", "1"),
        ("date_from=2026-01-17", ""),
        ("status=shipped,delivered&payment_status=paid,refunded&fulfillment_status=fulfilled&date_to=2026-01-15", "32"),
    ],
)
async def test_lists_are_filtered_and_sorted_as_documented(
    rest: Client, five: list[str], query: str, found: str
) -> None:
    for page in ("", "&cursor="):
        response = await rest("GET", f"/v2/orders?{query}{page}")
        assert response.status_code == 200, response.text
        assert "".join(str(five.index(order["id"])) for order in response.json()["data"]) == found


async def test_a_customers_orders_are_found_by_their_id(
    rest: Client, five: list[str], make_customer: MakeCustomer
) -> None:
    customer_id = (await rest("GET", f"/v2/orders/{five[0]}")).json()["customer_id"]
    for query in (f"customer_id={customer_id}", f"customer_id={customer_id}&status=pending,processing"):
        found = (await rest("GET", f"/v2/orders?{query}")).json()
        assert [order["id"] for order in found["data"]] == [five[1], five[0]]
        assert found["pagination"]["total_items"] == 2
    for stranger in ((await make_customer()).id, f"cust_{NOTHING}"):
        assert (await rest("GET", f"/v2/orders?customer_id={stranger}")).json()["data"] == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "sort=total&order=desc",
        "status=pending,processing,shipped",
        "status=cancelled,shipped,delivered&payment_status=paid,refunded,pending",
        "date_from=2026-01-15",
    ],
)
async def test_pages_by_number_and_by_cursor_show_the_same(rest: Client, five: list[str], query: str) -> None:
    whole = [order["id"] for order in (await rest("GET", f"/v2/orders?{query}")).json()["data"]]
    numbered: list[str] = []
    for number in (1, 2, 3):
        page = (await rest("GET", f"/v2/orders?{query}&limit=2&page={number}")).json()
        numbered += [order["id"] for order in page["data"]]
        assert page["pagination"]["total_items"] == len(whole)
    walked: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await rest("GET", f"/v2/orders?{query}&limit=2&cursor={cursor}")).json()
        walked += [order["id"] for order in page["data"]]
        cursor = page["pagination"]["next_cursor"]
        assert page["pagination"]["has_more"] is (cursor is not None)
    assert numbered == walked == whole
    assert len(whole) >= 3


@pytest.mark.parametrize(
    "query",
    [
        "status=gone", "status=PENDING", "status=", "status=pending,", "payment_status=captured",
        "fulfillment_status=shipped", "date_from=2026-02-01&date_to=2026-01-31", "date_from=soon",
        "date_to=2026-01-31T10:00:00", "date_from=", "customer_id=", "number=x", "number=1" + "0" * 18, "number=##1",
        "total_from=5&total_to=4", "total_from=x", "total_from=1.234", "total_from=-1", "sort=email", "total=5",
    ],
)  # fmt: skip
async def test_an_invalid_query_is_a_bad_request(rest: Client, query: str) -> None:
    response = await rest("GET", f"/v2/orders?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "validation_error")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"items": []}, [("items", "TOO_SHORT")]),
        ({"items": None}, [("items", "NULL_NOT_ALLOWED")]),
        ({"items": [{"sku": "MUG"}]}, [("items.0.quantity", "REQUIRED")]),
        (
            {"items": [{"sku": "MUG", "quantity": 1}, {"sku": "MUG", "quantity": 0, "price": 1.005}]},
            [("items.1.quantity", "TOO_SMALL"), ("items.1.price", "TOO_MANY_DECIMALS")],
        ),
        ({"items": [{"sku": "MUG", "quantity": "2"}]}, [("items.0.quantity", "INVALID")]),
        ({"items": [{"sku": "MUG", "quantity": 1, "price": -1}]}, [("items.0.price", "TOO_SMALL")]),
        ({"items": [{"sku": "MUG", "quantity": 1, "colour": "red"}]}, [("items.0.colour", "UNKNOWN_FIELD")]),
        ({"items": [{"product_id": f"prod_{NOTHING}", "quantity": 1}]}, [("items.0.product_id", "NOT_FOUND")]),
        ({"customer_id": f"cust_{NOTHING}"}, [("customer_id", "NOT_FOUND")]),
        ({"shipping_address": {**LONDON, "country": "XX"}}, [("shipping_address.country", "INVALID")]),
        ({"billing_address": {"line1": "1", "city": "York"}}, [("billing_address.country", "REQUIRED")]),
        ({"payment_method": "cash"}, [("payment_method", "INVALID")]),
        ({"shipping_method": "pigeon"}, [("shipping_method", "NOT_FOUND")]),
        ({"discount": {"percent": 101}}, [("discount.percent", "TOO_LARGE")]),
        ({"discount": {"amount": 5.01}}, [("discount.amount", "TOO_LARGE")]),
        ({"discount": {"amount": 1, "percent": 1}}, [("discount", "INVALID")]),
        ({"status": "shipped"}, [("status", "UNKNOWN_FIELD")]),
    ],
)
async def test_an_invalid_field_is_reported_by_its_path_and_nothing_is_written(
    rest: Client, mug: catalog.Product, stock: Stock, change: dict[str, Any], refused: list[tuple[str, str]]
) -> None:
    body = {"items": [{"product_id": mug.id, "quantity": 1}], **change}
    response = await rest("POST", "/v2/orders", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "validation_error")
    assert sorted(details(response)) == sorted(refused)
    assert (await rest("GET", "/v2/orders")).json()["pagination"]["total_items"] == 0
    assert await stock() == {"MUG": (10, 0)}


async def test_an_impossible_change_is_a_conflict_and_an_unknown_object_is_not_found(
    rest: Client, make_order: MakeOrder, mug: catalog.Product, stock: Stock
) -> None:
    order = await make_order(9)
    path = f"/v2/orders/{order.id}"
    before = (await rest("GET", path)).json()
    attempts = [
        ("POST", "/v2/orders", {"items": [{"product_id": mug.id, "quantity": 2}]}, "INSUFFICIENT_STOCK"),
        ("PATCH", path, {"add_items": [{"sku": "MUG", "quantity": 2}]}, "INSUFFICIENT_STOCK"),
        ("PATCH", f"{path}/status", {"status": "pending"}, "ILLEGAL_TRANSITION"),
        ("PATCH", f"{path}/status", {"status": "delivered"}, "ILLEGAL_TRANSITION"),
        ("POST", f"{path}/cancel", {"version": 2}, "VERSION_MISMATCH"),
    ]
    for method, where, body, code in attempts:
        response = await rest(method, where, json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (409, "conflict"), response.text
        assert [each["code"] for each in response.json()["error"]["details"]] == [code]
    assert (await rest("GET", path)).json() == before
    assert await stock() == {"MUG": (10, 9)}
    for where in (f"ord_{NOTHING}", "nonsense", mug.id):
        for method, tail, given in (
            ("GET", "", None),
            ("GET", "/items", None),
            ("GET", "/notes", None),
            ("GET", "/history", None),
            ("PATCH", "", {"email": "a@b.example"}),
            ("PATCH", "/status", {"status": "processing"}),
            ("POST", "/cancel", None),
            ("POST", "/notes", {"text": "x"}),
        ):
            response = await rest(method, f"/v2/orders/{where}{tail}", json=given)
            assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


async def test_a_page_of_orders_takes_one_statement(rest: Client, make_order: MakeOrder, statements: list[str]) -> None:
    for _ in range(5):
        await make_order(1)
    await rest("GET", "/v2/orders")
    statements.clear()
    assert len((await rest("GET", "/v2/orders")).json()["data"]) == 5
    assert len(statements) == 1, statements
