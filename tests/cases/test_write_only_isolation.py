"""Keys that may write and not read: no answer to them depends on what was there before.

The same write is sent to two stores, of which the second holds other values beneath the same ids. What a key without
the read scope is told must be the same in both, but for ids, versions and times. Walks every write of both surfaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from graphql import get_named_type, is_leaf_type

from domain.kernel.database import OWNER_ROLE
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.registry import USE_CASES
from resolvers.sources import ChangedRowSource
from rest_compat.actions import WriteAction
from schema.strawberry_internals import field_of
from tests.cases.test_write_only import (
    BY_CASE,
    DONE,
    ROUTES,
    members,
    operation,
    outcome_type,
    scope_of,
    whole,
    writing,
)
from tests.conftest import Client, MakeKey
from tests.contract.document_fixtures import TEXT
from tests.contract.operations import RootField, selection
from tests.contract.test_parity import Asked, Change, OpenSide, Side, options_of_body

COPIES = frozenset({"orders.create_order", "orders.create_draft_order"})
"""What these make holds copies of what it was made of: prices of the catalog, addresses of the customer."""
INHERITED = {
    "catalog.add_variant": ("price", "effective_price", "position"),
    "payments.refund_payment": ("fee",),
}
"""A new variant without a price of its own has the product's; its picture stands after the others. A refund gives back
its share of the payment's fee."""
PREVIEWS = frozenset({"webhooks.preview_webhook", "webhooks.preview_webhook_query"})
"""Write nothing; the scopes of what they show are asked for (tests/cases/test_webhook_rights.py)."""
FAR = "2100-01-01T00:00:00.000Z"
VERSIONS = ("version", "expected_version", "expectedVersion", "expected_quantity", "expectedQuantity")

KEYS = (
    Asked(
        "access.create_key",
        lambda _: ("POST", "/v2/access/keys", {"name": "New", "scopes": ["access:write"]}),
        lambda _: {"name": "New", "scopes": ["access:write"]},
    ),
    Asked(
        "access.update_key",
        lambda ids: ("PUT", f"/v2/access/keys/{ids['key']}", {"name": "New"}),
        lambda ids: {"id": ids["key"], "name": "New"},
    ),
    Asked(
        "access.roll_key",
        lambda ids: ("POST", f"/v2/access/keys/{ids['key']}/roll", {"overlap_seconds": 60}),
        lambda ids: {"id": ids["key"], "overlapSeconds": 60},
    ),
    Asked(
        "access.revoke_key",
        lambda ids: ("DELETE", f"/v2/access/keys/{ids['key']}", None),
        lambda ids: {"id": ids["key"]},
    ),
)
TAKEN_BACK = {"email": None, "items": [{"sku": "PLATE", "quantity": 1, "price": None}]}
MORE = (
    Asked(
        "orders.edit_order",
        lambda ids: ("PATCH", f"/v2/orders/{ids['ord']}", {"discount": {"percent": 50}}),
        lambda ids: {"id": ids["ord"], "discount": {"percent": "50"}},
    ),
    Asked(
        "orders.update_draft_order",
        lambda ids: ("PUT", f"/v2/draft_orders/{ids['dord']}", {"discount": {"percent": 50}}),
        lambda ids: {"id": ids["dord"], "discount": {"percent": "50"}},
    ),
    Asked(
        "orders.update_draft_order",
        lambda ids: (
            "PUT",
            f"/v2/draft_orders/{ids['dord']}",
            {"email": None, "items": [{"sku": "PLATE", "quantity": 1, "price": None}]},
        ),
        lambda ids: {"id": ids["dord"], "email": None, "items": [{"sku": "PLATE", "quantity": 1, "price": None}]},
    ),
    *(
        Asked(
            "customers.set_default_address",
            lambda ids, kind=kind: (
                "POST",
                f"/v2/customers/{ids['cust']}/addresses/{ids['addr']}/set-default",
                {"type": kind},
            ),
            lambda ids, kind=kind: {"customerId": ids["cust"], "id": ids["addr"], "type": kind.upper()},
        )
        for kind in ("shipping", "billing")
    ),
    Asked(
        "catalog.update_image",
        lambda ids: ("PUT", f"/v2/products/{ids['prod']}/images/{ids['img']}", {"position": 90}),
        lambda ids: {"productId": ids["prod"], "id": ids["img"], "position": 90},
    ),
    Asked(
        "payments.respond_to_dispute",
        lambda ids: ("POST", f"/v2/payments/disputes/{ids['dp']}/respond", {"evidence": {"shipping_proof": "Signed."}}),
        lambda ids: {"id": ids["dp"], "evidence": {"shippingProof": "Signed."}},
    ),
)
"""Inputs whose members say something relative to what was there."""
WRITES = [asked for asked in (*DONE, *KEYS, *MORE) if asked.case not in COPIES | PREVIEWS]


def named(asked: Asked) -> str:
    return asked.case


@dataclass
class Twin:
    """A store, who may do everything in it, and the ids of what is in it."""

    caller: Principal
    client: Client
    ids: dict[str, str]


async def twin(side: Side, **body: Any) -> Twin:
    """A side with a key in it, which has these values besides."""
    found = Twin(side.caller, side.client, dict(side.ids))
    found.ids["key"] = (await done(found, "POST", "/access/keys", {"scopes": ["access:write"], **body}))["id"]
    return found


async def done(twin: Twin, method: str, path: str, body: Any = None) -> Any:
    answer = await twin.client(method, f"/v2{path}", json=body)
    assert answer.status_code in (200, 201, 204), (path, answer.text)
    return answer.json() if answer.content else None


async def change_all(twin: Twin) -> None:
    """Give everything that can be named other values. Prices, numbers and texts differ from all that is written."""
    ids = twin.ids
    more = {"tags": ["old"], "metadata": {"gone": 2, "stays": [1]}}
    product, customer = f"/products/{ids['prod']}", f"/customers/{ids['cust']}"
    await done(
        twin,
        "PUT",
        product,
        {"name": "Jug", "description": "Tall", "price": 8, "tags": ["old"], "metadata": {"gone": 2, "stays": [1]}},
    )
    variant = {"attributes": {"color": "Navy"}, "cost": 3, "barcode": "77", "weight": {"value": 2, "unit": "kg"}}
    await done(twin, "PUT", f"{product}/variants/{ids['var']}", variant)
    await done(twin, "POST", f"{product}/images", {"url": "https://images.example.com/0.jpg"})
    await done(twin, "PUT", f"{product}/images/{ids['img']}", {"alt": "Uno"})
    await done(twin, "PUT", f"/products/{ids['plate']}", {"name": "Dish", "price": 7, "description": "Flat"})
    await done(twin, "PUT", f"/categories/{ids['cat']}", {"name": "Cookery", "description": "Stoves."})
    for sku in ("MUG-BLUE", "MUG-RED", "PLATE"):
        await done(twin, "POST", f"/inventory/{sku}/adjust", {"quantity": 31, "reason": "found"})
    for place, city in (("wh", "Metz"), ("default", "Hull")):
        body = {"name": f"{city} shed", "city": city, "country": "DE"}
        await done(twin, "PUT", f"/warehouses/{ids[place]}", body)
        await done(twin, "POST", f"/inventory/{ids['prod']}/alerts", {"threshold": 77, "location": ids[place]})
    await done(twin, "POST", f"/inventory/{ids['var']}/alerts", {"threshold": 4, "reorder_quantity": 6})
    lines = [{"variant_id": ids["var"], "quantity": 8}]
    ids["po"] = (await done(twin, "POST", "/purchase_orders", {"lines": lines, "note": "By air"}))["id"]
    await done(twin, "POST", f"/purchase_orders/{ids['po']}/receive", {"quantity": 1})
    person = {"email": "june@example.com", "first_name": "June", "last_name": "Roe", "phone": "+44 20 7946 0999"}
    await done(twin, "PUT", customer, {**person, **more})
    place = {"line1": "9 Lane", "city": "Bath", "zip": "BA1", "default_shipping": False, "default_billing": True}
    await done(twin, "PUT", f"{customer}/addresses/{ids['addr']}", place)
    await done(
        twin,
        "PATCH",
        f"/orders/{ids['ord']}",
        {
            "set_quantities": [{"id": ids["item"], "quantity": 3}],
            "discount": {"percent": 5},
            "metadata": {"gone": 2, "stays": [1]},
            "tags": ["old"],
            "email": "june@example.com",
        },
    )
    await done(twin, "PUT", f"/orders/{ids['busy']}", {"tags": ["old"]})
    await done(twin, "POST", f"/orders/{ids['ord']}/notes", {"text": "Knocked."})
    await done(
        twin, "PUT", f"/draft_orders/{ids['dord']}", {"items": [{"sku": "PLATE", "quantity": 3}], "tags": ["old"]}
    )
    rates = [{"country": "GB", "percent": 11}]
    methods = [{"code": "express", "name": "Fast", "price": 9}, {"code": "standard", "name": "Slow", "price": 2}]
    await done(twin, "PUT", "/settings", {"shipping_methods": methods, "tax_rates": rates})
    hook = {"url": "https://hooks.example.com/else", "events": ["product.updated"], "include_imported": True}
    await done(twin, "PUT", f"/webhooks/{ids['whk']}", hook)
    await done(twin, "DELETE", f"/documents/{ids['doc']}")
    ids["doc"] = (await done(twin, "POST", "/documents", {"text": TEXT, "name": "Ours 9"}))["id"]
    if "dp" in ids:  # orders that are edited are not paid yet
        texts = {"transaction_details": "Jugs.", "shipping_proof": "Left outside.", "communication_log": "None."}
        await done(twin, "POST", f"/payments/disputes/{ids['dp']}/respond", {"evidence": texts})


async def change_secrets(twin: Twin) -> None:
    """What is encrypted for its store, so that no copy of it can be read."""
    if twin.caller.store.mode == "live":
        keys = {"stripe_secret_key": "sk_live_0123456789", "stripe_webhook_secret": "whsec_0123456789"}
        await done(twin, "PUT", "/settings/payments", {**keys, "raw_cards": True})


_OTHER_PAYMENTS = """
UPDATE payment_intent SET amount = amount + 9, metadata = '{"old": 9}' WHERE store_id = $1;
UPDATE payment SET amount = amount + 9, captured = captured + CASE captured WHEN 0 THEN 0 ELSE 9 END, fee = fee + 9,
    card_brand = 'amex', card_last4 = '0005', card_exp_year = 2098 WHERE store_id = $1;
UPDATE payment_refund SET reason = 'lost', fee = fee + 9 WHERE store_id = $1;
UPDATE payment_dispute SET reason = 'duplicate', fee = fee + 9 WHERE store_id = $1;
UPDATE payment_dispute_file SET name = 'old.png', media_type = 'image/png' WHERE store_id = $1
"""
"""What of payments no request changes."""


async def change_payments(url: str, store: Store) -> None:
    connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE})
    try:
        for statement in _OTHER_PAYMENTS.split(";\n"):
            await connection.execute(statement, store.number)
    finally:
        await connection.close()


_ID = re.compile(r"\b(inv_)?[a-z]+_([0-9a-hjkmnp-tv-z]{26}){1,2}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
_MADE_BY_CHANCE = ("secret", "hint", "secret_hint", "secretHint", "version", "number", "reference")


def bare(value: Any, left_out: tuple[str, ...] = (), name: str = "") -> Any:
    """Without what differs by nature: ids, versions, moments of the write, secrets."""
    if isinstance(value, dict):
        return {key: bare(each, left_out, key) for key, each in value.items() if key not in left_out}
    if isinstance(value, list):
        return [bare(each, left_out, name) for each in value]
    if name in _MADE_BY_CHANCE and value is not None:
        return f"<{name}>"
    if isinstance(value, str):
        return _TIME.sub(lambda time: time[0] if time[0] == FAR else "<time>", _ID.sub("<id>", value))
    return value


def unconditional(given: Any) -> Any:
    """An input without the versions and quantities that it expects: they differ in the second store."""
    if isinstance(given, dict):
        return {name: unconditional(each) for name, each in given.items() if name not in VERSIONS}
    return [unconditional(each) for each in given] if isinstance(given, list) else given


@pytest.fixture(scope="session")
def change(database_url: str) -> Change:
    """Gives a store other values, once: the others are copies of it."""

    async def change(owner: Principal, client: Client, ids: dict[str, str]) -> dict[str, str]:
        changed = Twin(owner, client, ids)
        await change_payments(database_url, owner.store)
        await change_all(changed)
        return changed.ids

    return change


@pytest.fixture
async def twins(callers: tuple[Principal, Principal], open_side: OpenSide, change: Change) -> tuple[Twin, Twin]:
    one = await twin(await open_side(callers[0]), name="One")
    other = await twin(await open_side(callers[1], change), name="Other", expires_at=FAR)
    await change_secrets(other)
    return one, other


@pytest.mark.parametrize(
    "path",
    [
        "products/{prod}",
        "customers/{cust}",
        "orders/{ord}",
        "draft_orders/{dord}",
        "categories/{cat}",
        "purchase_orders/{po}",
        "webhooks/{whk}",
        "warehouses/{wh}",
        "inventory/{prod}",
        "access/keys/{key}",
        "settings",
    ],
)
async def test_the_stores_hold_other_values(twins: tuple[Twin, Twin], path: str) -> None:
    one, other = [bare(await done(each, "GET", f"/{path.format(**each.ids)}")) for each in twins]
    assert one != other


@pytest.mark.parametrize("asked", WRITES, ids=named)
async def test_d17_no_answer_by_rest_depends_on_what_was_there(
    asked: Asked, twins: tuple[Twin, Twin], make_key: MakeKey, http: Any
) -> None:
    """Taken out: ``derived`` of the endpoints."""
    answers = []
    for each in twins:
        writer = Client(
            http, await make_key(each.caller, *writing(scope_of(BY_CASE[asked.case]), *USE_CASES[asked.case].also))
        )
        method, path, body = asked.rest(each.ids)
        answer = await writer(method, path, **options_of_body(path, unconditional(body)))
        assert answer.status_code in (200, 201, 202, 204), answer.text
        answers.append(bare(answer.json() if answer.content else None, INHERITED.get(asked.case, ())))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("asked", WRITES, ids=named)
async def test_d17_no_answer_by_graphql_depends_on_what_was_there(
    asked: Asked, twins: tuple[Twin, Twin], make_key: MakeKey, http: Any
) -> None:
    """Selects all that is not refused. Taken out: ``derived`` of the payloads."""
    answers = []
    for each in twins:
        root = BY_CASE[asked.case]
        writer = Client(http, await make_key(each.caller, *writing(scope_of(root), *root.source.use_case.also)))
        shown = await all_shown(root, unconditional(asked.graphql(each.ids)), writer)
        answers.append(bare(shown, INHERITED.get(asked.case, ())))
    assert answers[0] == answers[1]


async def all_shown(root: RootField, given: Mapping[str, Any], writer: Client) -> Any:
    """The answer to a mutation that selects all members of its payload but those that were refused."""
    variables = given if root.source.use_case.bulk else {"input": given}
    refused: set[str] = set()
    while True:
        query = operation(root, " ".join(shown_parts(root, refused)))
        answer = (await writer("POST", "/graphql", json={"query": query, "variables": variables})).json()
        if "errors" not in answer:
            done = answer["data"][root.name]
            assert done["userErrors"] == []
            return done
        (failure,) = answer["errors"]
        assert failure["extensions"]["code"] == "FORBIDDEN", failure
        member = failure["message"].partition(" requires the scope")[0]
        assert member not in refused, failure
        refused.add(member)


def shown_parts(root: RootField, refused: set[str]) -> list[str]:
    """Selections of the payload's members: of things that were made all they own, of others what was not refused."""
    parts = []
    for name, field in outcome_type(root).fields.items():
        source = getattr(field_of(field), "source", None)
        inner = get_named_type(field.type)
        if name == "userErrors":
            continue
        if not isinstance(source, ChangedRowSource):
            parts.append(name if is_leaf_type(inner) else f"{name} {selection(field.type)}")
        elif source.created:
            parts.append(f"{name} {whole(inner, source.read.scopes)}")
        elif not getattr(field_of(field), "scopes", ()):
            chosen = [
                f"{member} {selection(each.type)}" for member, each in members(field).items() if member not in refused
            ]
            parts.append(f"{name} {{ __typename {' '.join(chosen)} }}")
    return parts


def test_the_walk_covers_every_use_case() -> None:
    assert {asked.case for asked in WRITES} | COPIES | PREVIEWS == set(BY_CASE) == set(ROUTES)
    assert all(isinstance(endpoint.action, WriteAction) for endpoint in ROUTES.values())
