"""What is held of a person: all of it is exported, and erasing leaves none of it, in any table."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain import customers, data_export, orders
from domain.areas import all_tables
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from domain.kernel.sql.tables import Base
from domain.kernel.use_cases.personal_data import PersonalTable
from tests.conftest import Client, MakeKey, MakeProduct, Shop

TABLES: tuple[PersonalTable, ...] = (
    customers.personal_data.CUSTOMER,
    *(each.table for each in data_export.SECTIONS.values()),
)
OF_A_PERSON = ("customer_id", "order_id", "draft_id", "id")
"""Columns that lead from a row to a person, in tables of customers and of what is theirs."""
ROOTS = {"customer", "sales_order", "draft_order"}
HOME = {
    "first_name": "Zq-ship-first",
    "last_name": "Zq-ship-last",
    "company": "Zq-company",
    "line1": "Zq-line-one",
    "line2": "Zq-line-two",
    "city": "Zq-city",
    "zip": "ZQ1 1ZQ",
    "country": "GB",
    "phone": "+44 20 7946 0951",
}


def texts_of(table: Any) -> set[str]:
    """The columns that can hold what somebody wrote: not keys, which are ids and words of our own."""
    return {
        column.name
        for column in table.columns
        if isinstance(column.type, JSONB | ARRAY) or (isinstance(column.type, Text) and column.type.collation is None)
    }


def test_every_text_of_a_persons_rows_is_erased_and_exported_or_said_to_stay() -> None:
    """Walks the tables whose rows lead to a customer, so that a new column cannot be forgotten."""
    declared = {table.name: table for table in TABLES}
    walked = set()
    for name, table in Base.metadata.tables.items():
        leads = {key.column.table.name for key in table.foreign_keys} & ROOTS or {name} & ROOTS
        if not leads or name in customers.personal_data.PERSONAL_DATA.removed:
            continue
        walked.add(name)
        if name in declared:
            known = {*declared[name].blanks, *declared[name].derived, *declared[name].keeps}
        else:
            known = orders.personal_data.PERSONAL_DATA.retained.get(
                name, frozenset()
            )  # of derived rows: no text of their own
        assert texts_of(table) <= known, (name, texts_of(table) - known)
    assert walked >= {"customer", "sales_order", "draft_order", "order_note", "order_status_change", "order_item"}


async def fill(rest: Client, sku: str) -> tuple[str, set[str]]:
    """A customer with something recognisable everywhere; answers its id and all that was written."""
    written = {value for name, value in HOME.items() if name not in ("country", "line1")}

    async def post(path: str, body: dict[str, Any], method: str = "POST") -> Any:
        key = f"personal-{len(path)}-{body!r:.40}".encode().hex()[:80]
        response = await rest(method, path, json=body, headers={"Idempotency-Key": key})
        assert response.status_code in (200, 201), response.text
        return response.json()

    profile = {
        "email": "zq-mail@zq-domain.example",
        "first_name": "Zq-first",
        "last_name": "Zq-last",
        "phone": "+44 20 7946 0952",
        "tags": ["zq-tag"],
        "metadata": {"zq-key": "zq-value"},
        "addresses": [{**HOME, "line1": "Zq-own-line"}],
    }
    written |= {*profile["tags"], "zq-key", "zq-value", "Zq-own-line"}  # type: ignore[misc]
    written |= {str(profile[name]) for name in ("email", "first_name", "last_name", "phone")}
    made = await post("/v2/customers", profile)
    items = [{"sku": sku, "quantity": 1}]
    order = await post(
        "/v2/orders",
        {
            "customer_id": made["id"],
            "email": "zq-order@zq-domain.example",
            "items": items,
            "shipping_address": {**HOME, "line1": "Zq-order-ship"},
            "billing_address": {**HOME, "line1": "Zq-order-bill"},
            "metadata": {"zq-order": "zq-order-value"},
        },
    )
    await pay(post, order["id"])
    written |= await send_back(post, made["id"], sku)
    await post(f"/v2/orders/{order['id']}/notes", {"text": "Zq-note"})
    await post(f"/v2/orders/{order['id']}/status", {"status": "processing", "note": "Zq-step"}, "PATCH")
    await post(f"/v2/orders/{order['id']}/cancel", {"reason": "Zq-reason"})
    await post(
        "/v2/draft_orders",
        {
            "customer_id": made["id"],
            "email": "zq-draft@zq-domain.example",
            "items": items,
            "shipping_address": {**HOME, "line1": "Zq-draft-ship"},
            "metadata": {"zq-draft": "zq-draft-value"},
        },
    )
    written |= {"zq-order@zq-domain.example", "Zq-order-ship", "Zq-order-bill", "zq-order", "zq-order-value"}
    written |= {"zq-pay", "zq-pay-value"}
    written |= {"Zq-note", "Zq-step", "Zq-reason", "zq-draft@zq-domain.example", "Zq-draft-ship", "zq-draft-value"}
    return made["id"], written


async def send_back(post: Any, customer: str, sku: str) -> set[str]:
    """An order that is on its way and comes back, with all that is written of a parcel; answers what was written."""
    address = {**HOME, "line1": "Zq-sent-to"}
    asked = {"items": [{"sku": sku, "quantity": 1}], "customer_id": customer, "shipping_address": address}
    order = await post("/v2/orders", asked)
    package = {"weight": 1, "weight_unit": "kg", "length": 9, "width": 9, "height": 9, "dimension_unit": "cm"}
    sent = {"order_id": order["id"], "carrier": "dhl", "service": "express", "packages": [package]}
    dock = {"line1": "1 Quay", "city": "Hull", "country": "GB"}
    shipment = await post("/v2/shipments", {**sent, "ship_from": dock})
    told = {"status": "in_transit", "description": "Zq-signed", "location": "Zq-doorstep"}
    await post(f"/v2/shipments/{shipment['id']}/track", told)
    line = {"id": order["items"][0]["id"], "quantity": 1, "reason": "other"}
    back = await post("/v2/returns", {"order_id": order["id"], "items": [line], "note": "Zq-torn"})
    await post(f"/v2/returns/{back['id']}/reject", {"note": "Zq-late"})
    return {"Zq-sent-to", "Zq-signed", "Zq-doorstep", "Zq-torn", "Zq-late"}


async def pay(post: Any, order: str) -> None:
    """A payment that is collected and refunded, and one that is declined, with all that a buyer may be asked for."""
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
    details = {"card": card, "billing_address": {**HOME, "line1": "Zq-pay-bill"}}
    given = {"amount": 100, "order_id": order, "payment_method_details": details}
    paid = await post("/v2/payments/intents", {**given, "metadata": {"zq-pay": "zq-pay-value"}})
    await post(f"/v2/payments/{paid['id']}/capture", {})
    await post(f"/v2/payments/{paid['id']}/refund", {"amount": 50})
    card["number"] = "4000000000000002"
    assert (await post("/v2/payments/intents", {**given, "amount": 101}))["status"] == "failed"


async def send(database: Database, store: int) -> None:
    """Let the deliveries look as if they had been sent and answered."""
    attempt = {"number": 1, "at": "2026-01-15T10:30:00+00:00", "duration_ms": 1, "status": 500, "error": None}
    async with database.system_connection() as connection:
        await connection.execute(
            "UPDATE webhook_delivery SET request = 'zq-sent', attempts = $2::text::jsonb WHERE store_id = $1"
            " AND type NOT LIKE 'product.%'",
            store,
            orjson.dumps([{**attempt, "response": "zq-answered"}]).decode(),
        )


async def every_row(database: Database, store: int) -> dict[str, str]:
    """All that the store's tables hold, as text, by table."""
    found = {}
    async with database.system_connection() as connection:
        for name in sorted(all_tables().of_stores):
            column = "number" if name == "store" else "store_id"
            rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {name} AS t WHERE {column} = $1", store)
            found[name] = "\n".join(row[0] for row in rows)
    return found


@pytest.mark.both_servers
async def test_a7_all_that_is_written_of_a_customer_is_exported_and_erased_everywhere(
    database: Database, shop: Shop, http: httpx.AsyncClient, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """Taken out: NOTES of ``orders.personal_data`` (not exported), one name of ``blanks`` (found after erasing)."""
    rest = Client(http, await make_key(shop.test))  # its payments have a processor
    store = shop.test.store.number
    await make_product(shop.test, variants=(VariantInput(sku="ZQ", inventory=10),))
    hooked = {"url": "https://hooks.example.com/theirs", "events": ["*"]}
    assert (await rest("POST", "/v2/webhooks", json=hooked)).status_code == 201
    customer, written = await fill(rest, "ZQ")
    path = f"/v2/customers/{customer}/export"
    async with asyncio.timeout(20):
        while len((export := (await rest("GET", path)).json())["events"]) < 4 or not export["deliveries"]:
            await asyncio.sleep(0.05)
    await send(database, store)
    written |= {"zq-sent", "zq-answered"}
    export = (await rest("GET", path)).json()
    text = orjson.dumps(export).decode()
    assert {word for word in written if word not in text} == set()
    assert {event["type"] for event in export["events"]} >= {"customer.created", "order.created", "order.cancelled"}
    assert all(export[name] for name in (*data_export.SECTIONS, "events", "deliveries", "stored_responses"))
    before = await every_row(database, store)
    assert {"customer_tag", "event", "webhook_delivery", "order_note"} < {
        name for name, rows in before.items() if any(word.lower() in rows.lower() for word in written)
    }
    assert (await rest("POST", f"/v2/customers/{customer}/erase")).status_code == 201
    marks = [*(word.lower() for word in written), "zq-", "442079460952"]
    after = await every_row(database, store)
    left = {(name, mark) for name, rows in after.items() for mark in marks if mark in rows.lower()}
    assert left == set()
    async with database.system_connection() as connection:
        answers = await connection.fetch(
            "SELECT answer FROM idempotency_record WHERE store_id = $1 AND $2 = ANY (people)",
            store,
            customer,
        )
    assert len(answers) == 15
    assert {bytes(row["answer"]) for row in answers} == {b""}
    again = (await rest("GET", path)).json()
    assert not any(mark in orjson.dumps(again).decode().lower() for mark in marks)
    assert again["stored_responses"] == []


async def test_a7_the_members_of_an_export_need_their_scopes(
    shop: Shop, http: httpx.AsyncClient, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """Without orders:read nothing of an order is shown, in events and deliveries neither."""
    rest = Client(http, await make_key(shop.test))
    await make_product(shop.test, variants=(VariantInput(sku="ZQ", inventory=10),))
    customer, _ = await fill(rest, "ZQ")
    narrow = Client(rest.http, await make_key(shop.test, "customers:read", "webhooks:read"))
    export = (await narrow("GET", f"/v2/customers/{customer}/export")).json()
    assert export.keys() == {"customer", "events", "deliveries", "stored_responses"}
    assert "order" not in orjson.dumps(export).decode()
    narrow = Client(rest.http, await make_key(shop.test, "customers:read"))
    assert "deliveries" not in (await narrow("GET", f"/v2/customers/{customer}/export")).json()
