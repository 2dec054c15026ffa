"""Customers in REST, as a client of the platform document uses them."""

from __future__ import annotations

import asyncio

import pytest

from domain import customers
from tests.conftest import Client, MakeCustomer

JANE = {
    "email": "customer@example.com",
    "first_name": "Jane",
    "last_name": "Doe",
    "phone": "+1-555-0123",
    "addresses": [
        {"line1": "1 Home Road", "city": "Leeds", "country": "gb", "default_shipping": True},
        {"line1": "2 Work Road", "city": "York", "country": "GB", "zip": "YO1", "default_billing": True},
    ],
    "tags": ["vip", "newsletter"],
}


async def test_the_customer_of_the_platform_document_is_created_and_read(rest: Client) -> None:
    created = await rest("POST", "/v2/customers", json=JANE)
    assert created.status_code == 201
    document = created.json()
    assert created.headers["Location"] == f"/v2/customers/{document['id']}"
    assert {name: document[name] for name in ("email", "first_name", "last_name", "phone", "tags")} == {
        name: JANE[name] for name in ("email", "first_name", "last_name", "phone", "tags")
    }
    assert (document["phone_e164"], document["status"], document["acquisition_channel"]) == (None, "active", "api")
    home, work = document["addresses"]
    assert (home["country"], home["zip"], home["default_shipping"], home["default_billing"]) == (
        "GB",
        None,
        True,
        False,
    )
    assert (work["default_shipping"], work["default_billing"]) == (False, True)
    for key in (document["id"], "CUSTOMER@example.com"):
        read = await rest("GET", f"/v2/customers/{key}")
        assert (read.json(), read.headers["ETag"]) == (document, created.headers["ETag"])
    unchanged = await rest("GET", f"/v2/customers/{document['id']}", headers={"If-None-Match": created.headers["ETag"]})
    assert unchanged.status_code == 304
    assert (await rest("GET", "/v2/customers/nobody@example.com")).status_code == 404


async def test_a_document_can_be_sent_back_without_its_addresses(rest: Client) -> None:
    document = (await rest("POST", "/v2/customers", json=JANE)).json()
    path = f"/v2/customers/{document['id']}"
    refused = await rest("PUT", path, json=document)
    assert refused.status_code == 422
    assert [(each["field"], each["code"]) for each in refused.json()["error"]["details"]] == [
        ("addresses", "READ_ONLY")
    ]
    addresses = document.pop("addresses")
    same = await rest("PUT", path, json=document)
    assert (same.status_code, same.json()) == (200, {**document, "addresses": addresses})
    changed = await rest("PUT", path, json={**document, "first_name": "Ada"})
    assert (changed.json()["first_name"], changed.json()["version"]) == ("Ada", 2)
    stale = await rest("PUT", path, json={**document, "first_name": "Eve"})
    assert (stale.status_code, stale.json()["error"]["details"][0]["code"]) == (409, "VERSION_MISMATCH")


async def test_writes_to_addresses_check_and_increase_the_version_of_the_customer(rest: Client) -> None:
    created = await rest("POST", "/v2/customers", json=JANE)
    path = f"/v2/customers/{created.json()['id']}/addresses"
    old = {"If-Match": created.headers["ETag"]}
    added = await rest("POST", path, json={"line1": "3", "city": "Bath", "country": "GB"}, headers=old)
    assert (added.status_code, added.headers["ETag"][:3]) == (201, '"2-')
    address = added.json()
    assert added.headers["Location"] == f"{path}/{address['id']}"
    assert (await rest("PUT", f"{path}/{address['id']}", json={"city": "Wells"}, headers=old)).status_code == 409
    put = await rest("PUT", f"{path}/{address['id']}", json={**address, "city": "Wells"})
    assert (put.json()["city"], put.headers["ETag"][:3]) == ("Wells", '"3-')
    chosen = await rest("POST", f"{path}/{address['id']}/set-default", json={"type": "shipping"})
    assert (chosen.status_code, chosen.json()["default_shipping"], chosen.json()["default_billing"]) == (
        201,
        True,
        False,
    )
    listed = (await rest("GET", path)).json()["data"]
    assert [each["default_shipping"] for each in listed] == [False, False, True]
    assert (await rest("GET", f"{path}/{address['id']}")).json() == listed[2]
    assert (await rest("DELETE", f"{path}/{address['id']}")).status_code == 204
    assert not any(each["default_shipping"] for each in (await rest("GET", path)).json()["data"])
    assert (await rest("DELETE", f"{path}/{address['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ("email=CUSTOMER", ["customer@example.com"]),
        ("email=example.com&sort=email", ["ann@example.com", "customer@example.com"]),
        ("name=do%20ja", ["customer@example.com"]),
        ("tags=vip,newsletter", ["customer@example.com"]),
        ("tags=vip&sort=email&order=desc", ["customer@example.com", "ann@example.com"]),
        ("status=archived", ["ann@example.com"]),
        ("status=active,archived&sort=name", ["ann@example.com", "customer@example.com"]),
        ("created_from=2001-01-01&created_to=2999-12-31", ["ann@example.com", "customer@example.com"]),
        ("created_to=2001-01-01", []),
    ],
)
async def test_lists_are_filtered_as_documented(
    rest: Client, make_customer: MakeCustomer, query: str, emails: list[str]
) -> None:
    await rest("POST", "/v2/customers", json=JANE)
    ann = await make_customer(email="ann@example.com", tags=("VIP",))
    await rest("DELETE", f"/v2/customers/{ann.id}")
    for page in ("", "&cursor="):
        response = await rest("GET", f"/v2/customers?{query}{page}")
        assert response.status_code == 200
        assert [each["email"] for each in response.json()["data"]] == emails


async def test_a_time_that_was_read_matches_objects_created_in_that_second(rest: Client) -> None:
    created = (await rest("POST", "/v2/customers", json=JANE)).json()
    found = await rest("GET", f"/v2/customers?created_from={created['created_at']}&created_to={created['created_at']}")
    assert [each["id"] for each in found.json()["data"]] == [created["id"]]


@pytest.mark.parametrize(
    "query",
    [
        "created_from=2026-02-01&created_to=2026-01-31",
        "created_from=soon",
        "status=gone",
        "email=",
        "updated_from=2026-02-01&updated_to=2026-01-31",
        "sort=phone",
    ],
)
async def test_an_invalid_query_is_a_bad_request(rest: Client, query: str) -> None:
    response = await rest("GET", f"/v2/customers?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "validation_error")


async def test_a_page_of_customers_takes_one_statement(
    rest: Client, make_customer: MakeCustomer, statements: list[str]
) -> None:
    for _ in range(5):
        await make_customer(addresses=(customers.commands.CustomerAddressInput(line1="1", city="x", country="GB"),))
    await rest("GET", "/v2/customers")
    statements.clear()
    assert len((await rest("GET", "/v2/customers")).json()["data"]) == 5
    assert len([statement for statement in statements if "FROM customer" in statement]) == 1


async def test_an_export_contains_all_data(rest: Client) -> None:
    created = (await rest("POST", "/v2/customers", json=JANE)).json()
    path = f"/v2/customers/{created['id']}"
    now = (await rest("PUT", path, json={"last_name": "Smith"})).json()
    async with asyncio.timeout(5):
        while len((export := (await rest("GET", f"{path}/export")).json())["events"]) < 2:
            await asyncio.sleep(0.02)  # positions are assigned after the commit
    for profile in (created, now):
        assert profile.pop("order_summary")["order_count"] == 0  # the export contains the orders themselves
    assert (export["customer"], export["orders"]) == (now, [])
    assert [event["type"] for event in export["events"]] == ["customer.created", "customer.updated"]
    assert export["events"][0]["data"]["object"] == created
    assert export["events"][1]["data"]["changed_fields"] == ["last_name"]
    request = {"query": "query ($id: ID!) { customerExport(id: $id) }", "variables": {"id": created["id"]}}
    assert (await rest("POST", "/graphql", json=request)).json()["data"]["customerExport"] == export


async def test_an_erased_customer_is_returned_anonymized(rest: Client) -> None:
    created = (await rest("POST", "/v2/customers", json=JANE)).json()
    erased = await rest("POST", f"/v2/customers/{created['id']}/erase")
    assert erased.status_code == 201
    document = erased.json()
    assert (document["status"], document["email"]) == ("erased", f"{created['id']}@erased.invalid")
    assert (document["first_name"], document["addresses"], document["tags"]) == (None, [], [])
    assert (await rest("GET", "/v2/customers/customer@example.com")).status_code == 404
    refused = await rest("PUT", f"/v2/customers/{created['id']}", json={"first_name": "Jane"})
    assert refused.status_code == 409
    assert (await rest("POST", "/v2/customers", json=JANE)).status_code == 201
