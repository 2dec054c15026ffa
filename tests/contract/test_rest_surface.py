"""Whatever the domain can do, REST can; and scopes hold on every route. Made from the list of endpoints."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain import access, catalog, customers, inventory, orders, webhooks
from domain.kernel.database import Database
from domain.kernel.listing import Listing
from domain.kernel.principal import SCOPES
from domain.kernel.reads.read import Read
from domain.kernel.use_cases.registry import USE_CASES
from rest_compat import ENDPOINTS
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, StreamAction, WriteAction
from tests.conftest import Client, MakeKey, Shop

ZEROS = "0" * 26


def address(endpoint: Endpoint) -> str:
    """The endpoint's address, with ids that nothing has."""
    path = endpoint.path
    for name, kind in endpoint.ids.items():
        path = path.replace(f"{{{name}}}", f"{kind.prefix}_{ZEROS}")
    return "/v2" + path


def test_every_use_case_has_one_route() -> None:
    routed = [endpoint.action.use_case.name for endpoint in ENDPOINTS if isinstance(endpoint.action, WriteAction)]
    assert sorted(routed) == sorted(USE_CASES)


WITHIN_OTHERS = {
    access.reads.audit_entry_by_id,
    inventory.reads.level_by_id,
    orders.reads.draft_item_by_id,
    orders.reads.step_by_id,
}
"""Reads of GraphQL's node(id:) alone: REST shows these whole in a list, or in the document of what owns them."""


def test_every_read_has_a_route() -> None:
    declared: set[Any] = {
        read
        for area in (catalog, inventory, customers, orders, access, webhooks)
        for read in vars(area.reads).values()
        if isinstance(read, Read | Listing)
    }
    routed: set[Any] = set()
    for endpoint in ENDPOINTS:
        if isinstance(endpoint.action, ItemAction):
            routed.update((*endpoint.action.reads, *endpoint.action.besides))
        elif isinstance(endpoint.action, PageAction):
            routed.add(endpoint.action.listing)
    assert declared - routed == WITHIN_OTHERS


def test_a_route_asks_one_scope_of_all_its_reads() -> None:
    for endpoint in ENDPOINTS:
        if isinstance(endpoint.action, ItemAction):
            assert {read.scope for read in endpoint.action.reads} == {endpoint.scope}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_a_key_needs_exactly_the_scope_of_the_route(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, database: Database, endpoint: Endpoint
) -> None:
    lacking = Client(http, await make_key(shop.live, *(scope for scope in SCOPES if scope != endpoint.scope)))
    method = "HEAD" if isinstance(endpoint.action, StreamAction) else endpoint.method  # a stream would not end
    answer = await lacking(method, address(endpoint))
    if endpoint.scope is None:
        assert answer.status_code == (404 if endpoint.ids else 200)
        return
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "authorization_error")
    assert endpoint.scope in answer.json()["error"]["message"]
    holding = Client(http, await make_key(shop.live, endpoint.scope))
    assert (await holding(endpoint.method, address(endpoint))).status_code not in (401, 403)
    assert (await http.request(endpoint.method, address(endpoint))).status_code == 401


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.ids], ids=lambda endpoint: endpoint.name)
async def test_an_id_that_nothing_has_is_not_found(rest: Client, endpoint: Endpoint) -> None:
    example: Any = {"json": _smallest(endpoint)} if endpoint.body is not None else {}
    for path in (address(endpoint), address(endpoint).replace(ZEROS, "nonsense")):
        answer = await rest(endpoint.method, path, **example)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def _smallest(endpoint: Endpoint) -> dict[str, Any]:
    """A body with what is required and no more."""
    return {
        "addVariant": {"sku": "M"},
        "addImage": {"url": "https://a.example/1"},
        "adjustInventory": {"quantity": 1, "reason": "found"},
        "setInventory": {"quantity": 1},
        "setAlert": {"threshold": 1},
        "updateOrderStatus": {"status": "processing"},
        "addOrderNote": {"text": "Rang twice."},
        "previewWebhook": {"event_id": "evt_1"},
        "addAddress": {"line1": "1", "city": "Leeds", "country": "GB"},
    }.get(endpoint.name, {})
