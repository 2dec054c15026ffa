"""Import of past orders: what is created, matched, refused, and what a second run does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from domain.kernel.database import Database
from tests.conftest import Client, Graph, MakeKey, MakeProduct, Shop
from tests.jobs.conftest import Finished, Running
from tests.jobs.imports import JSON_LINES, Imports, bare

HEADER = "number,created_at,sku,quantity,price,name,status,email,first_name,country,shipping,discount,tags,paid\n"
ORDERS = (
    HEADER
    + "A-1,2025-03-04T10:00:00Z,mug,2,5.00,,delivered,jane@example.com,Jane,GB,3.50,1.00,gift; vip,\n"
    + "A-1,,JUG,1,7.25,Jug,,,,,,,,\n"
    + "A-2,2025-03-05T10:00:00Z,JUG,1,7,,cancelled,,,,,,,no\n"
    + "A-3,2025-03-06T10:00:00Z,JUG,0,7,,,,,,,,,\n"
    + "A-3,,JUG,1,7,,,,,,,,,\n"
    + "A-4,2025-03-06T11:00:00Z,MUG,3,0,,processing,JANE@example.com,,,,,,\n"
)


@pytest.fixture
def imports(rest: Client, running: Running, finished: Finished) -> Imports:
    return Imports(rest, running, finished)


async def test_orders_are_created_with_their_time_status_and_amounts(
    imports: Imports, make_product: MakeProduct, events: Any
) -> None:
    """Rows of one number are one order. Taken out: ``created_at`` of ``_past_order``; the steps."""
    await make_product(sku="MUG", name="Mug")
    job = await imports.run("orders", ORDERS)
    assert (job["status"], job["counts"]) == ("succeeded", {"created": 4, "refused": 2}), job["error"]
    found = (await imports.rest("GET", "/v2/orders?sort=created_at&order=asc")).json()["data"]
    assert [(each["created_at"][:10], each["status"], each["total"], each["payment_status"]) for each in found] == [
        ("2025-03-04", "delivered", 19.75, "paid"),
        ("2025-03-05", "cancelled", 7.0, "pending"),
        ("2025-03-06", "processing", 0.0, "paid"),
    ]
    first = (await imports.rest("GET", f"/v2/orders/{found[0]['id']}")).json()
    assert [(item["sku"], item["name"], item["quantity"], item["price"]) for item in first["items"]] == [
        ("MUG", "Mug", 2, 5.0),
        ("JUG", "Jug", 1, 7.25),
    ]
    assert first["tags"] == ["gift", "vip"]
    assert (first["shipping_address"]["country"], first["shipping_address"]["city"]) == ("GB", "-")
    assert found[0]["customer_id"] == found[2]["customer_id"] is not None
    assert {event["origin"] for event in await events() if event["type"] == "order.created"} == {"import"}
    assert len([event for event in await events() if event["type"] == "order.created"]) == 3


async def test_the_report_names_the_line_and_column_of_what_was_refused(imports: Imports) -> None:
    """Taken out: ``items`` in ``OrderImporter.place`` (the first row of A-3 is named without a column)."""
    job = await imports.run("orders", ORDERS)
    rows = await imports.report(job["id"])
    assert bare(rows)[3:5] == [("5", "refused", "quantity"), ("6", "refused", "")]
    assert [row[2][:4] for row in rows] == ["ord_", "ord_", "ord_", "", "", "ord_"]


async def test_customers_and_products_that_are_missing_are_created(imports: Imports, make_product: MakeProduct) -> None:
    """A product is archived, and not for sale. Taken out: ``_create_products`` (its orders are refused)."""
    await make_product(sku="MUG", name="Mug")
    await imports.run("orders", ORDERS)
    jug = (await imports.rest("GET", "/v2/products/JUG")).json()
    assert (jug["name"], jug["status"], jug["price"]) == ("Jug", "archived", 7.25)
    (jane,) = (await imports.rest("GET", "/v2/customers")).json()["data"]
    assert (jane["email"], jane["first_name"], jane["acquisition_channel"]) == ("jane@example.com", "Jane", "import")
    assert (jane["created_at"][:10], jane["order_summary"]["order_count"]) == ("2025-03-04", 2)


async def test_no_stock_moves_but_what_open_orders_reserve(imports: Imports) -> None:
    """And that is booked in, so what is available stays. Taken out: ``books_sales=False``."""
    await imports.run("products", "sku,name,price,inventory\nMUG,Mug,5.00,10\n")
    await imports.run("orders", ORDERS)
    level = (await imports.rest("GET", "/v2/inventory/MUG")).json()
    assert (level["total_on_hand"], level["total_reserved"], level["total_available"]) == (13, 3, 10)
    reasons = [each["reason"] for each in (await imports.rest("GET", "/v2/inventory/MUG/movements")).json()["data"]]
    assert sorted(reasons) == ["opening", "opening"]


async def test_the_same_file_again_changes_nothing(imports: Imports, events: Any) -> None:
    """Also where it has more orders now. Taken out: ``find_known_orders`` (the key of ``imported_order`` fails)."""
    await imports.run("orders", ORDERS)
    before, told = (await imports.rest("GET", "/v2/orders")).json()["data"], await events()
    again = await imports.run("orders", ORDERS)
    assert again["counts"] == {"unchanged": 4, "refused": 2}
    assert (await imports.rest("GET", "/v2/orders")).json()["data"] == before
    assert await events() == told
    more = await imports.run("orders", ORDERS + "A-5,2025-03-07T10:00:00Z,JUG,1,7,,,,,,,,,\n")
    assert more["counts"] == {"unchanged": 4, "refused": 2, "created": 1}


async def test_a_dry_run_keeps_nothing(imports: Imports, events: Any) -> None:
    job = await imports.run("orders", ORDERS, dry_run=True)
    assert job["counts"] == {"created": 4, "refused": 2}
    for path in ("orders", "customers", "products"):
        assert (await imports.rest("GET", f"/v2/{path}")).json()["data"] == []
    assert await events() == []


async def test_rows_of_an_order_that_do_not_follow_each_other_are_refused(imports: Imports) -> None:
    """Not lost: the report says which. Taken out: ``begun`` of ``find_known_orders``; ``import_id`` (unchanged)."""
    line = "{number},2025-03-04T10:00:00Z,JUG,1,7,,,,,,,,,\n"
    filling = "".join(line.format(number=f"B-{row}") for row in range(2_100))
    content = HEADER + line.format(number="A") + line.format(number="B") + line.format(number="A")
    job = await imports.run("orders", content + filling + line.format(number="B"))
    assert job["counts"] == {"created": 2_102, "refused": 2}
    refused = [row for row in await imports.report(job["id"]) if row[1] == "refused"]
    assert bare(refused) == [("4", "refused", "number"), ("2105", "refused", "number")]
    assert refused[0][4].startswith("The order A began in line 2")


async def test_orders_of_json_lines(imports: Imports) -> None:
    """Amounts are numbers as in REST; each source counts for itself."""
    order = {"number": "7", "created_at": "2025-03-04T10:00:00Z", "items": [{"sku": "A", "quantity": 1, "price": 2.5}]}
    lines = [
        order,
        {**order, "source": "pos"},
        {**order, "number": "8", "created_at": "2999-01-01T00:00:00Z"},
        {**order, "number": "9", "discount": 9},
        {**order, "number": "10", "items": []},
        {**order, "number": "11", "colour": "red"},
    ]
    job = await imports.run("orders", "\n".join(map(json.dumps, lines)), JSON_LINES)
    assert job["counts"] == {"created": 2, "refused": 4}
    assert bare(await imports.report(job["id"])) == [
        ("1", "created", ""),
        ("2", "created", ""),
        ("3", "refused", "created_at"),
        ("4", "refused", "discount.amount"),
        ("5", "refused", "items"),
        ("6", "refused", "colour"),
    ]


async def test_an_archived_customer_keeps_past_orders_and_stays_archived(
    imports: Imports, database: Database, shop: Shop
) -> None:
    """Taken out: ``also_archived``."""
    made = await imports.rest("POST", "/v2/customers", json={"email": "jane@example.com"})
    await imports.rest("PUT", f"/v2/customers/{made.json()['id']}", json={"status": "archived"})
    job = await imports.run("orders", HEADER + "A,2025-03-04T10:00:00Z,JUG,1,7,,,jane@example.com,,,,,,\n")
    assert job["counts"] == {"created": 1}
    (order,) = (await imports.rest("GET", "/v2/orders")).json()["data"]
    assert order["customer_id"] == made.json()["id"]


async def test_a_product_with_several_variants_needs_the_sku_of_one(imports: Imports) -> None:
    """The others of the batch are imported. Taken out: the SKU in the path of ``find_past_sellable``."""
    await imports.run("products", "sku,name,price,variant_sku\nTEE,Tee,9,TEE-S\nTEE,,,TEE-L\n")
    content = HEADER + "".join(
        f"{number},2025-03-04T10:00:00Z,{sku},1,7,,,,,,,,,\n" for number, sku in ((1, "TEE-S"), (2, "JUG"), (2, "TEE"))
    )
    job = await imports.run("orders", content)
    assert job["counts"] == {"created": 1, "refused": 2}
    assert bare(await imports.report(job["id"])) == [
        ("2", "created", ""),
        ("3", "refused", ""),
        ("4", "refused", "sku"),
    ]


async def test_the_report_is_paged_in_graphql_as_it_is_in_rest(imports: Imports, graph: Graph) -> None:
    """Pages cross batches. Taken out: ``skipped`` in ``import_report_page`` (rows are shown twice)."""
    job = await imports.run(
        "orders", ORDERS + "".join(f"C-{n},2025-03-07T10:00:00Z,X,1,{n % 3 or 'x'},,,,,,,,,\n" for n in range(2_100))
    )
    query = """query ($id: ID!, $first: Int, $after: String) { importReport(id: $id, first: $first, after: $after) {
        rows { line outcome objectId column reason } hasNextPage endCursor } }"""
    rows: list[list[str]] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        page = (await graph(query, id=job["id"], first=97, after=page["endCursor"]))["importReport"]
        rows += [[str(value or "") for value in row.values()] for row in page["rows"]]
    assert len(rows) == 2_106
    assert rows == [[row[0], row[1].upper(), *row[2:]] for row in await imports.report(job["id"])]


@pytest.mark.parametrize("given", [{"first": 0}, {"first": 101}, {"after": "x"}, {"after": "1-" + "9" * 40}])
async def test_pages_of_a_report_that_cannot_be_are_refused(imports: Imports, given: dict[str, Any]) -> None:
    job = await imports.run("orders", ORDERS)
    query = """query ($id: ID!, $first: Int, $after: String) {
        importReport(id: $id, first: $first, after: $after) { endCursor } }"""
    body = {"query": query, "variables": {"id": job["id"], **given}}
    answer = (await imports.rest("POST", "/graphql", json=body)).json()
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_report_of_a_job_that_the_caller_may_not_see_is_null(
    http: httpx.AsyncClient, shop: Shop, other_shop: Shop, make_key: MakeKey, imports: Imports
) -> None:
    """Taken out: ``job`` in the resolver."""
    id = (await imports.run("orders", ORDERS))["id"]
    for client in (
        Client(http, await make_key(other_shop.live)),
        Client(http, await make_key(shop.live, "customers:read", "products:read")),
    ):
        body = {"query": "query ($id: ID!) { importReport(id: $id) { endCursor } }", "variables": {"id": id}}
        assert (await client("POST", "/graphql", json=body)).json() == {"data": {"importReport": None}}


@pytest.mark.parametrize("missing", ["orders:write", "customers:write", "products:write"])
async def test_an_import_of_orders_needs_the_scopes_of_all_that_it_creates(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, running: Running, finished: Finished, missing: str
) -> None:
    """Taken out: ``ALSO_WRITTEN``."""
    scopes = {"orders:write", "customers:write", "products:write"} - {missing}
    client = Client(http, await make_key(shop.live, *scopes))
    answer = await Imports(client, running, finished).send("orders", ORDERS)
    assert answer.status_code == 403
    assert answer.json()["error"]["message"].endswith(f"{missing}.")
