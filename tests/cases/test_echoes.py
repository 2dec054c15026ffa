"""Documents that are written back as they were read: every GET with a PUT or PATCH of the same path is walked."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from domain.kernel.documents import Document
from rest_compat import ENDPOINTS
from rest_compat.actions import ItemAction
from rest_compat.endpoint import Endpoint
from rest_compat.read_only_members import unversioned_members
from tests.cases.conftest import Ids, address, stock_of
from tests.conftest import Client

READ = {
    each.path: each for each in ENDPOINTS if isinstance(each.action, ItemAction) and isinstance(each.response, type)
}
ECHOED = [each for each in ENDPOINTS if each.method in ("PUT", "PATCH") and each.path in READ]
OF_MANY = {"/warehouses/{id}": "default"}
"""Where one more of the kind is walked: the warehouse without a country."""
MODES = ("bare", "If-Match", "If-Match without version", "without version", "settable only", "settable and version")


def walked() -> list[Any]:
    found = [pytest.param(each, each.path, None, id=each.name) for each in ECHOED]
    more = [
        pytest.param(each, each.path, OF_MANY[each.path], id=f"{each.name}-{OF_MANY[each.path]}")
        for each in ECHOED
        if each.path in OF_MANY
    ]
    return found + more


def place_of(endpoint: Endpoint, ids: Ids, instead: str | None) -> str:
    known = {**ids, "wh": ids[instead]} if instead else ids
    return address(endpoint.path, endpoint.ids, known)


def request_of(endpoint: Endpoint, mode: str, seen: Any) -> dict[str, Any]:
    """The options of a request that writes back what was seen, but for what has routes of its own (contract 7,
    Customers: a PUT refuses ``addresses``)."""
    body = {name: value for name, value in seen.json().items() if name not in endpoint.action.managed_elsewhere}
    if mode.startswith("settable"):
        body = {name: value for name, value in body.items() if name in settable_of(endpoint)}
    if "without version" in mode or mode == "settable only":
        body.pop("version", None)
    headers = {"If-Match": seen.headers["ETag"]} if mode.startswith("If-Match") else {}
    return {"json": body, "headers": headers}


def settable_of(endpoint: Endpoint) -> set[str]:
    return {name.replace("expected_version", "version") for name in get_type_hints(endpoint.body)}


async def state(rest: Client, events: Any) -> Any:
    """Everything that an echo might change, with its ETags."""
    paths = ("products", "customers", "orders", "draft_orders", "settings", "warehouses", "webhooks", "inventory/TEE")
    found = [(await rest("GET", f"/v2/{path}")).content for path in (*paths, "inventory/TEE/movements", "access/audit")]
    return found, await events()


def test_the_walk_finds_every_resource() -> None:
    assert {each.path for each in ECHOED} >= {
        "/products/{id}",
        "/products/{id}/variants/{variant_id}",
        "/customers/{id}",
        "/customers/{id}/addresses/{address_id}",
        "/orders/{id}",
        "/draft_orders/{id}",
        "/settings",
        "/warehouses/{id}",
        "/webhooks/{id}",
        "/shipping/carriers/{id}",
        "/settings/shipping",
    }


@pytest.mark.parametrize(("endpoint", "path", "instead"), walked())
async def test_d8_a_document_written_back_as_it_was_read_changes_nothing(
    endpoint: Endpoint, path: str, instead: str | None, rest: Client, ids: Ids, events: Any
) -> None:
    """Taken out: the leaving out of what is unchanged (``unchanged.judge``): a warehouse without a country is refused,
    a draft's prices become given ones; ``_written`` of webhooks: a new version."""
    place = place_of(endpoint, ids, instead)
    seen, before = await rest("GET", place), await state(rest, events)
    for mode in MODES:
        answer = await rest(endpoint.method, place, **request_of(endpoint, mode, seen))
        assert (mode, answer.status_code, answer.content) == (mode, 200, seen.content)
        assert answer.headers["ETag"] == seen.headers["ETag"]
        assert await state(rest, events) == before, mode


@pytest.mark.parametrize(("endpoint", "path", "instead"), walked())
@pytest.mark.parametrize("mode", MODES)
async def test_a1_a_stale_document_written_back_restores_nothing(
    endpoint: Endpoint, path: str, instead: str | None, mode: str, rest: Client, ids: Ids, events: Any
) -> None:
    """Taken out: ``stale`` of ``unchanged.judge``: what was sold comes back."""
    place = place_of(endpoint, ids, instead)
    seen = await rest("GET", place)
    line = {"sku": "TEE-S", "quantity": 3}
    assert (await rest("POST", "/v2/orders", json={"items": [line], "customer_id": ids["cust"]})).status_code == 201
    before = await state(rest, events)
    now = await rest("GET", place)
    if mode == "settable only" or (mode == "settable and version" and "version" not in seen.json()):
        return  # nothing tells it from a wish; see test_a_wish_for_stock_is_one_without_any_condition
    answer = await rest(endpoint.method, place, **request_of(endpoint, mode, seen))
    differs = now.headers["ETag"] != seen.headers["ETag"]
    shown = (differs and mode != "settable and version") or "inventory" in str(seen.json())
    assert answer.status_code == (409 if differs and shown else 200), (mode, answer.text)
    if answer.status_code == 409:
        assert answer.json()["error"]["details"][0]["code"] == "VERSION_MISMATCH"
    assert await state(rest, events) == before


async def test_a1_sold_stock_is_not_restored_by_writing_back_another_name(rest: Client, ids: Ids) -> None:
    """Taken out: ``stale`` of ``unchanged.judge``: 200, and a movement of +3."""
    path = f"/v2/products/{ids['prod']}"
    seen = await rest("GET", path)
    assert [variant["inventory"] for variant in seen.json()["variants"]] == [6, 10]
    await rest("POST", "/v2/orders", json={"items": [{"sku": "TEE-L", "quantity": 3}]})
    tag = {"If-Match": seen.headers["ETag"]}
    renamed = {**seen.json(), "name": "Tee shirt"}
    for body, headers in ((renamed, tag), (renamed, {}), ({**renamed, "version": 1}, {"If-Match": "*"})):
        refused = await rest("PUT", path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (409, "variants.1.inventory")
    assert (await rest("GET", path)).json()["name"] == "Tee"
    assert await stock_of(rest, "TEE-L") == (7, 1)

    without = {**renamed, "variants": [{"id": each["id"], "cost": 2} for each in renamed["variants"]]}
    done = await rest("PUT", path, json=without, headers=tag)  # the version still is the one that was seen
    assert (done.status_code, done.json()["name"]) == (200, "Tee shirt")
    assert await stock_of(rest, "TEE-L") == (7, 1)


async def test_a1_a_fresh_document_sets_the_stock_that_it_was_given(rest: Client, ids: Ids) -> None:
    """Taken out: ``whole`` of ``Seen``: 409 for who saw the stock as it is."""
    for path in (f"/v2/products/{ids['prod']}", f"/v2/products/{ids['prod']}/variants/{ids['var']}"):
        seen = await rest("GET", path)
        body = seen.json()
        (body["variants"][0] if "variants" in body else body)["inventory"] += 2
        tag = {"If-Match": f'"other", {seen.headers["ETag"]}'}
        answer = await rest("PUT", path, json=body, headers=tag)
        assert answer.status_code == 200, (tag, answer.text)
        (body["variants"][0] if "variants" in body else body)["inventory"] += 1
        assert (await rest("PUT", path, json=body, headers=tag)).status_code == 409  # it has changed with the stock
    assert (await stock_of(rest, "TEE-S"))[0] == 10


async def test_a_wish_for_stock_is_one_without_any_condition(rest: Client, ids: Ids) -> None:
    """What names no version and bears nothing that only a document has is no echo: it sets what it says."""
    path = f"/v2/products/{ids['prod']}"
    for given, expected in (({"inventory": 8}, 200), ({"inventory": 9, "created_at": None}, 422)):
        answer = await rest("PUT", path, json={"variants": [{"sku": "TEE-S", **given}]})
        assert answer.status_code == expected, answer.text
    assert (await stock_of(rest, "TEE-S"))[0] == 8
    versioned = await rest("PUT", path, json={"version": 1, "variants": [{"sku": "TEE-S", "inventory": 3}]})
    assert versioned.status_code == 409
    bogus = await rest(
        "PUT", path, json={"variants": [{"sku": "TEE-S", "inventory": 3}]}, headers={"If-Match": '"1-x"'}
    )
    assert bogus.status_code == 409
    assert (await stock_of(rest, "TEE-S"))[0] == 8


def test_a1_every_member_that_the_version_does_not_count_says_so() -> None:
    """Taken out: ``versioned=False`` of one of them. The walk above finds those that a sale changes."""

    def of(document: type[Document]) -> set[str]:
        below = (of(each) for member in document.members.values() for each in member.documents)
        return set(unversioned_members(document)).union(*below)

    assert {each.path: of(each.response) for each in ECHOED if of(each.response)} == {
        "/products/{id}": {"inventory"},
        "/products/{id}/variants/{variant_id}": {"inventory"},
        "/customers/{id}": {"order_summary"},
        "/webhooks/{id}": {"failing_since"},
    }


async def test_a14_a_tag_that_never_was_ours_is_told_as_it_was_sent(rest: Client, ids: Ids) -> None:
    """Taken out: ``_foreign``: "at version 1, not 0"."""
    for tag in ('"5"', '"other"', 'W/"0-x"'):
        path = f"/v2/products/{ids['prod']}"
        refused = await rest("PUT", path, json={"name": "Other"}, headers={"If-Match": tag})
        message = refused.json()["error"]["details"][0]["message"]
        assert (refused.status_code, tag.removeprefix("W/") in message, "not 0" in message) == (409, True, False)
