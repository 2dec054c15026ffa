"""What is asked of customers on both surfaces: use case, REST request, GraphQL input, and the code of a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Ids = Mapping[str, str]
Given = dict[str, Any]
Case = tuple[str, Callable[[Ids], tuple[str, str, Given | bytes | None]], Callable[[Ids], Given], str | None]

HOME = {"line1": "1 Home Road", "city": "Leeds", "country": "gb", "zip": " LS1 ", "company": ""}
HOME_INPUT = HOME
PERSON = {"first_name": " Ada ", "last_name": "Lovelace", "phone": "+1-555-0123", "tags": ["vip", "VIP"]}
PERSON_INPUT = {"firstName": " Ada ", "lastName": "Lovelace", "phone": "+1-555-0123", "tags": ["vip", "VIP"]}


def customer(ids: Ids, tail: str = "") -> str:
    return f"/v2/customers/{ids['cust']}{tail}"


def address(ids: Ids, tail: str = "") -> str:
    return customer(ids, f"/addresses/{ids['addr']}{tail}")


def of_address(ids: Ids, **given: Any) -> Given:
    return {"customerId": ids["cust"], "id": ids["addr"], **given}


CASES: tuple[Case, ...] = (
    (
        "customers.create_customer",
        lambda _: ("POST", "/v2/customers", {"email": "new@example.com"}),
        lambda _: {"email": "new@example.com"},
        None,
    ),
    (
        "customers.create_customer",
        lambda _: (
            "POST",
            "/v2/customers",
            {
                "email": "New@Example.COM",
                **PERSON,
                "metadata": {"a": [1, None]},
                "acquisition_channel": "fair",
                "addresses": [{**HOME, "default_shipping": True, "phone": "0113 496 0000"}, HOME],
            },
        ),
        lambda _: {
            "email": "New@Example.COM",
            **PERSON_INPUT,
            "metadata": {"a": [1, None]},
            "acquisitionChannel": "fair",
            "addresses": [{**HOME_INPUT, "defaultShipping": True, "phone": "0113 496 0000"}, HOME_INPUT],
        },
        None,
    ),
    (
        "customers.create_customer",
        lambda _: ("POST", "/v2/customers", {"email": "JANE@example.com"}),
        lambda _: {"email": "JANE@example.com"},
        "TAKEN",
    ),
    (
        "customers.create_customer",
        lambda _: (
            "POST",
            "/v2/customers",
            {"email": "jane", "phone": "123", "addresses": [{"line1": "", "city": "x", "country": "xx"}]},
        ),
        lambda _: {"email": "jane", "phone": "123", "addresses": [{"line1": "", "city": "x", "country": "xx"}]},
        "INVALID",
    ),
    (
        "customers.create_customer",
        lambda _: (
            "POST",
            "/v2/customers",
            {"email": "x@example.com", "addresses": [{**HOME, "default_billing": True}] * 2},
        ),
        lambda _: {"email": "x@example.com", "addresses": [{**HOME_INPUT, "defaultBilling": True}] * 2},
        "DUPLICATE",
    ),
    (
        "customers.update_customer",
        lambda ids: (
            "PUT",
            customer(ids),
            {"email": "ada@example.com", **PERSON, "metadata": {"gone": None, "new": 1}, "acquisition_channel": "x"},
        ),
        lambda ids: {
            "id": ids["cust"],
            "email": "ada@example.com",
            **PERSON_INPUT,
            "metadata": {"gone": None, "new": 1},
            "acquisitionChannel": "x",
        },
        None,
    ),
    (
        "customers.update_customer",
        lambda ids: ("PUT", customer(ids), {"first_name": "Jane", "email": "jane@EXAMPLE.com"}),
        lambda ids: {"id": ids["cust"], "firstName": "Jane", "email": "jane@EXAMPLE.com"},
        None,
    ),
    (
        "customers.update_customer",
        lambda ids: ("PUT", customer(ids), {"phone": None, "last_name": None, "status": "archived", "version": 1}),
        lambda ids: {"id": ids["cust"], "phone": None, "lastName": None, "status": "ARCHIVED", "expectedVersion": 1},
        None,
    ),
    (
        "customers.update_customer",
        lambda ids: ("PUT", customer(ids), {"first_name": "X", "version": 9}),
        lambda ids: {"id": ids["cust"], "firstName": "X", "expectedVersion": 9},
        "VERSION_MISMATCH",
    ),
    (
        "customers.update_customer",
        lambda ids: ("PUT", customer(ids), {"email": "Other@example.com"}),
        lambda ids: {"id": ids["cust"], "email": "Other@example.com"},
        "TAKEN",
    ),
    (
        "customers.update_customer",
        lambda ids: ("PUT", customer(ids), {"status": "erased"}),
        lambda ids: {"id": ids["cust"], "status": "ERASED"},
        "INVALID",
    ),
    (
        "customers.archive_customer",
        lambda ids: ("DELETE", customer(ids), None),
        lambda ids: {"id": ids["cust"]},
        None,
    ),
    (
        "customers.erase_customer",
        lambda ids: ("POST", customer(ids, "/erase"), {}),
        lambda ids: {"id": ids["cust"]},
        None,
    ),
    (
        "customers.add_address",
        lambda ids: ("POST", customer(ids, "/addresses"), {**HOME, "default_billing": True}),
        lambda ids: {"customerId": ids["cust"], **HOME_INPUT, "defaultBilling": True},
        None,
    ),
    (
        "customers.add_address",
        lambda ids: ("POST", customer(ids, "/addresses"), {**HOME, "phone": "1"}),
        lambda ids: {"customerId": ids["cust"], **HOME_INPUT, "phone": "1"},
        "INVALID",
    ),
    (
        "customers.update_address",
        lambda ids: ("PUT", address(ids), {"line2": "Flat 2", "zip": None, "default_shipping": False}),
        lambda ids: of_address(ids, line2="Flat 2", zip=None, defaultShipping=False),
        None,
    ),
    (
        "customers.update_address",
        lambda ids: ("PUT", address(ids), {"line1": "1 Old Road"}),
        lambda ids: of_address(ids, line1="1 Old Road"),
        None,
    ),
    ("customers.remove_address", lambda ids: ("DELETE", address(ids), None), of_address, None),
    (
        "customers.set_default_address",
        lambda ids: ("POST", address(ids, "/set-default"), {"type": "billing"}),
        lambda ids: of_address(ids, type="BILLING"),
        None,
    ),
    (
        "customers.set_default_address",
        lambda ids: ("POST", address(ids, "/set-default"), None),
        of_address,
        None,
    ),
)
