"""Whatever the domain can do, REST can; and scopes hold on every route. Made from the list of endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from domain import access, catalog, customers, data_export, inventory, orders, payments, shipping, webhooks
from domain.kernel.database import Database
from domain.kernel.documents import Document
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.listing import Listing
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.reads.read import Read
from domain.kernel.use_cases.registry import USE_CASES
from rest_compat import ENDPOINTS
from rest_compat.actions import ExportAction, ItemAction, PageAction, StreamAction, WriteAction
from rest_compat.endpoint import Endpoint
from rest_compat.objects import OwnedList, RestObject
from rest_compat.payments.objects import LedgerBalances
from tests.conftest import Client, MakeKey, Shop
from tests.contract.request_bodies import needs_sandbox, options_of

ZEROS = "0" * 26


def store_of(endpoint: Endpoint, shop: Shop) -> Principal:
    """The store that has the endpoint: only the test store has a sandbox."""
    return shop.test if needs_sandbox(endpoint) else shop.live


def address(endpoint: Endpoint) -> str:
    """The endpoint's address, with ids that nothing has."""
    path = endpoint.path
    for name, kind in endpoint.ids.items():
        path = path.replace(f"{{{name}}}", f"{kind.prefix}_{ZEROS}")
    return "/v2" + path


def also_of(endpoint: Endpoint) -> tuple[str, ...]:
    """The scopes that its use case needs beside its own."""
    return endpoint.action.use_case.also if isinstance(endpoint.action, WriteAction) else ()


def test_every_use_case_has_one_route() -> None:
    routed = [endpoint.action.use_case.name for endpoint in ENDPOINTS if isinstance(endpoint.action, WriteAction)]
    assert sorted(routed) == sorted(USE_CASES)


WITHIN_OTHERS = {
    access.reads.audit_entry_by_id,
    inventory.reads.level_by_id,
    orders.reads.draft_item_by_id,
    orders.reads.step_by_id,
    shipping.reads.change_by_id,
    shipping.reads.package_by_id,
    shipping.reads.tracking_event_by_id,
}
"""Reads of GraphQL's node(id:) alone: REST shows these whole in a list, or in the document of what owns them."""


def related(document: type[Document], *, guarded: bool) -> Iterator[Read]:
    """The reads of a document's relations; ``guarded``: with those of members that need scopes of their own."""
    for member in document.members.values():
        if guarded or not member.scopes:
            for relation in member.relations(document.guards):
                yield relation.read
            for within in member.documents:
                yield from related(within, guarded=guarded)


def reads_of(source: Any, *, guarded: bool) -> Iterator[Read]:
    """The reads that find the object or list of an endpoint, and what its document shows."""
    if isinstance(source, RestObject):
        yield from () if source.parent is None else reads_of(source.parent, guarded=guarded)
        yield from (source.read, *(() if source.otherwise is None else (source.otherwise.read,)))
        yield from related(source.document, guarded=guarded)
    elif isinstance(source, OwnedList):
        yield from (*reads_of(source.owner, guarded=guarded), source.items.read)
        yield from related(source.items.document, guarded=guarded)
    else:
        for each in vars(type(source)).values():
            if isinstance(each, DocumentRead):
                yield from (each.read, *related(each.document, guarded=guarded))


def test_every_read_has_a_route() -> None:
    declared: set[Any] = {
        read
        for area in (catalog, inventory, customers, orders, payments, shipping, access, webhooks)
        for read in vars(area.reads).values()
        if isinstance(read, Read | Listing)
    }
    routed: set[Any] = set()
    for endpoint in ENDPOINTS:
        if isinstance(endpoint.action, ItemAction):
            routed.update(reads_of(endpoint.action.source, guarded=True))
        elif isinstance(endpoint.action, ExportAction):
            routed.update((*data_export.READS, *data_export.OPTIONAL_READS))
        elif isinstance(endpoint.action, PageAction):
            routed.add(endpoint.action.listing)
    assert declared - routed == WITHIN_OTHERS


def test_a_route_asks_one_scope_of_all_its_reads() -> None:
    for endpoint in ENDPOINTS:
        if isinstance(endpoint.action, ItemAction) and isinstance(endpoint.action.source, LedgerBalances):
            assert endpoint.scope == payments.reads.SCOPE  # a sum, not a read; it checks the scope itself
        elif isinstance(endpoint.action, ItemAction):
            assert {read.scope for read in reads_of(endpoint.action.source, guarded=False)} == {endpoint.scope}
        elif isinstance(endpoint.action, ExportAction):
            assert {read.scope for read in data_export.READS} == {endpoint.scope}
        elif isinstance(endpoint.action, PageAction):
            assert {read.scope for read in related(endpoint.action.document, guarded=False)} <= {endpoint.scope}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_a_key_needs_exactly_the_scope_of_the_route(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, database: Database, endpoint: Endpoint
) -> None:
    store = store_of(endpoint, shop)
    lacking = Client(http, await make_key(store, *(scope for scope in SCOPES if scope != endpoint.scope)))
    method = "HEAD" if isinstance(endpoint.action, StreamAction) else endpoint.method  # a stream would not end
    answer = await lacking(method, address(endpoint))
    if endpoint.scope is None:
        # Its scope follows from parameters that are not sent.
        unread = {"startBulkExport": 400, "startEventExport": 202}.get(endpoint.name, 200)
        unread = 415 if endpoint.upload is not None else unread
        assert answer.status_code == (404 if endpoint.ids else unread)
        return
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "authorization_error")
    assert endpoint.scope in answer.json()["error"]["message"]
    holding = Client(http, await make_key(store, endpoint.scope, *also_of(endpoint)))
    assert (await holding(endpoint.method, address(endpoint))).status_code not in (401, 403)
    assert (await http.request(endpoint.method, address(endpoint))).status_code == 401


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.ids], ids=lambda endpoint: endpoint.name)
async def test_an_id_that_nothing_has_is_not_found(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, endpoint: Endpoint
) -> None:
    rest = Client(http, await make_key(store_of(endpoint, shop)))
    example = options_of(endpoint, _smallest(endpoint))
    for path in (address(endpoint), address(endpoint).replace(ZEROS, "nonsense")):
        answer = await rest(endpoint.method, path, **example)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def _smallest(endpoint: Endpoint) -> dict[str, Any]:
    """A body with what is required and no more."""
    return {
        "addVariant": {"sku": "M"},
        "addImage": {"url": "https://a.example/1"},
        "addTrackingEvent": {"status": "in_transit"},
        "adjustInventory": {"quantity": 1, "reason": "found"},
        "setInventory": {"quantity": 1},
        "setAlert": {"threshold": 1},
        "updateOrderStatus": {"status": "processing"},
        "addOrderNote": {"text": "Rang twice."},
        "previewWebhook": {"event_id": "evt_1"},
        "closeSandboxDispute": {"outcome": "won"},
        "settleSandboxRefund": {"outcome": "failed"},
        "addAddress": {"line1": "1", "city": "Leeds", "country": "GB"},
    }.get(endpoint.name, {})
