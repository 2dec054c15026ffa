"""Who has read which export is in the audit log: every declared export, on both surfaces, and no other read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import asyncpg
import httpx
import pytest

from domain.kernel.use_cases.exports import EXPORTS, Export
from resolvers.sources import ExportSource
from rest_compat import ENDPOINTS
from rest_compat.actions import ExportAction, StreamAction
from rest_compat.endpoint import Endpoint
from tests.conftest import Client, MakeKey, Shop
from tests.contract.operations import RootField, root_fields
from tests.contract.request_bodies import needs_sandbox
from tests.contract.test_tenancy import Ids, owner, path_of, theirs
from tests.gateway.conftest import OwnShop, Start, own_shop, start

__all__ = ["own_shop", "owner", "start", "theirs"]

ROUTES: dict[str, Endpoint] = {
    each.action.export.action: each for each in ENDPOINTS if isinstance(each.action, ExportAction)
}
FIELDS: dict[str, RootField] = {
    each.source.export.action: each for each in root_fields() if isinstance(each.source, ExportSource)
}
SURFACES = ("REST", "GraphQL")
each_export = pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
each_surface = pytest.mark.parametrize("surface", SURFACES)


async def read(client: Client, surface: str, export: Export, ids: Ids) -> httpx.Response:
    """One read of an export."""
    if surface == "REST":
        return await client("GET", "/v2" + ROUTES[export.action].path.replace("{id}", ids[export.prefix]))
    query, variables = FIELDS[export.action].operation({"id": ids[export.prefix]})
    return await client("POST", "/graphql", json={"query": query, "variables": variables})


async def entries(client: Client) -> list[dict[str, Any]]:
    """The audit log, newest first."""
    found = (await client("GET", "/v2/access/audit?limit=200")).json()
    assert not found["pagination"]["has_next"]
    return list(found["data"])


def has_data(answer: httpx.Response, surface: str) -> bool:
    """Whether an export was handed out."""
    if surface == "REST":
        return answer.status_code == 200
    (data,) = (answer.json().get("data") or {"": None}).values()
    return data is not None


def test_every_export_is_on_both_surfaces() -> None:
    assert len(EXPORTS) > 0
    assert set(ROUTES) == set(FIELDS) == set(EXPORTS)
    for action, export in EXPORTS.items():
        assert ROUTES[action].scope == export.scope
        assert FIELDS[action].scopes == (export.scope,)


@each_surface
@each_export
async def test_every_read_of_an_export_is_recorded(owner: Client, theirs: Ids, surface: str, export: Export) -> None:
    """Four times, since from the third on an operation may be answered otherwise. Red without ``audit`` in Export."""
    before = await entries(owner)
    credential = (await owner("GET", "/v2/viewer")).json()["credential"]
    requests = []
    for _ in range(4):
        answer = await read(owner, surface, export, theirs)
        assert has_data(answer, surface), answer.text
        requests.append(answer.headers["X-Request-Id"])
    now = await entries(owner)
    new = now[: len(now) - len(before)]
    assert [(each["action"], each["actor"], each["object_id"], each["details"]) for each in new] == 4 * [
        (export.action, credential, theirs[export.prefix], {})
    ]
    assert sorted(each["request_id"] for each in new) == sorted(requests)


@each_export
async def test_an_operation_that_reads_twice_is_recorded_twice(owner: Client, theirs: Ids, export: Export) -> None:
    before = len(await entries(owner))
    name = FIELDS[export.action].name
    query = f"query ($id: ID!) {{ one: {name}(id: $id) two: {name}(id: $id) shop {{ name }} }}"
    sent = {"query": query, "variables": {"id": theirs[export.prefix]}}
    data = (await owner("POST", "/graphql", json=sent)).json()["data"]
    assert data["one"] == data["two"] != None  # noqa: E711 - both are there
    assert len(await entries(owner)) == before + 2


@each_surface
@each_export
async def test_nothing_is_recorded_of_an_export_that_is_not_handed_out(
    http: httpx.AsyncClient, owner: Client, theirs: Ids, shop: Shop, other_shop: Shop, make_key: MakeKey,
    surface: str, export: Export,
) -> None:  # fmt: skip
    """Red when the entry is written before the object was found."""
    poor = Client(http, await make_key(shop.live, "products:read"))
    strangers = [Client(http, await make_key(each)) for each in (shop.test, other_shop.live)]
    logs = [await entries(each) for each in (owner, *strangers)]
    nobody = {**theirs, export.prefix: f"{export.prefix}_{0:026}"}
    for client, ids in ((poor, theirs), (owner, nobody), *((each, theirs) for each in strangers)):
        assert not has_data(await read(client, surface, export, ids), surface)
    assert [await entries(each) for each in (owner, *strangers)] == logs


async def test_no_other_read_is_recorded(owner: Client, theirs: Ids) -> None:
    """Every route and every field of Query but exports. Red when objects of REST are recorded as well."""
    before = await entries(owner)
    statuses: Counter[int] = Counter()
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET" or isinstance(endpoint.action, ExportAction | StreamAction):
            continue
        if not needs_sandbox(endpoint):
            path = path_of(endpoint.path, theirs) if endpoint.ids else f"/v2{endpoint.path}"
            statuses[(await owner("GET", path)).status_code] += 1
    for root in root_fields():
        if root.kind == "query" and not isinstance(root.source, ExportSource):
            for id in theirs.values():
                query, variables = root.operation({"id": id, "product": id, "ids": list(theirs.values())})
                answer = await owner("POST", "/graphql", json={"query": query, "variables": variables})
                statuses[answer.status_code] += 1
    assert statuses[200] > 1_000
    assert await entries(owner) == before


@each_surface
@each_export
async def test_an_export_that_cannot_be_recorded_is_not_handed_out(
    start: Start, own_shop: OwnShop, surface: str, export: Export
) -> None:
    """Red when a failure to write the entry is ignored."""
    database = await asyncpg.connect(own_shop.url)
    async with start() as http:
        client = Client(http, own_shop.key)
        made = await MAKERS[export.action](client)
        ids = {export.prefix: made}
        assert has_data(await read(client, surface, export, ids), surface)
        await database.execute("REVOKE INSERT ON audit_entry FROM gateway_app")
        refused = await read(client, surface, export, ids)
        assert not has_data(refused, surface)
        assert SECRET not in refused.text
        assert refused.status_code == (500 if surface == "REST" else 200)
        await database.execute("GRANT INSERT ON audit_entry TO gateway_app")
        assert has_data(await read(client, surface, export, ids), surface)
        assert [each["action"] for each in await entries(client)].count(export.action) == 2
    await database.close()


SECRET = "jane@secret.example"


async def make_person(client: Client) -> str:
    """A customer."""
    made = await client("POST", "/v2/customers", json={"email": SECRET})
    return str(made.json()["id"])


MAKERS = {"customer.exported": make_person}
"""What is exported, made over REST, with SECRET in it."""
