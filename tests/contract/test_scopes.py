"""The matrix of all operations, all scopes and all kinds of credentials, made from the schema and the routes: who lacks
the scope is refused on both surfaces alike, before anything is written. Publishable keys, which have one scope and less
than that, are in tests/gateway/storefront."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import httpx
import pytest

from domain.kernel.database import Database
from domain.kernel.principal import SCOPES, Principal
from resolvers.sources import MutationSource
from rest_compat import ENDPOINTS
from rest_compat.actions import StreamAction
from tests.conftest import Client, MakeKey, Shop
from tests.contract.oauth_fixtures import authorize, client_token
from tests.contract.operations import SCALARS, root_fields, scoped_fields
from tests.contract.request_bodies import MUTATION, needs_sandbox, options_of

Keys = Mapping[str, Client]
DECIDED_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "startImport": ("products:write",),
    "startBulkExport": ("orders:read",),
    "startEventExport": ("products:read",),
    "startBulkMutation": ("products:write",),
}
"""The scopes of operations that need others for other inputs, as they are asked for here."""
INPUTS: Mapping[str, dict[str, object]] = {
    "startImport": {"input": {"kind": "PRODUCTS", "mediaType": "text/csv", "fileId": "upl_x"}},
    "startBulkExport": {"input": {"query": "{ orders { nodes { id } } }"}},
    "startEventExport": {"input": {"types": ["PRODUCT_UPDATED"]}},
    "startBulkMutation": {"input": {"mutation": MUTATION, "mediaType": "application/jsonl", "fileId": "upl_x"}},
}
"""Where what is made up would be refused before the scope is known."""


Credential = Callable[[Principal, str], Awaitable[str]]


@pytest.fixture(params=["key", "token of a user", "token of a client"])
def credential(request: pytest.FixtureRequest, database: Database, make_key: MakeKey) -> Credential:
    """Makes credentials of one kind that hold one scope alone."""

    async def of_user(principal: Principal, scope: str) -> str:
        return (await authorize(database, principal, scope))["token"]

    async def of_client(principal: Principal, scope: str) -> str:
        return await client_token(database, principal, scope)

    kinds: dict[str, Credential] = {"key": make_key, "token of a user": of_user, "token of a client": of_client}
    return kinds[request.param]


@pytest.fixture
async def keys(http: httpx.AsyncClient, shop: Shop, credential: Credential) -> Keys:
    """A client for each scope, holding that one alone."""
    return {scope: Client(http, await credential(shop.live, scope)) for scope in SCOPES}


def wrote(statements: list[str]) -> list[str]:
    """Statements that changed something, but for noting that a key was used, and where."""
    changing = [text for text in statements if text.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    return [text for text in changing if "last_used_at" not in text and "api_key_address" not in text]


async def refused_by(
    keys: Keys, needed: tuple[str, ...], ask: Callable[[Client], Awaitable[bool]], statements: list[str]
) -> list[str]:
    """The scopes that behave other than they should: refused though enough, or let through though not."""
    wrong = []
    for scope, client in keys.items():
        statements.clear()
        refused = await ask(client)
        if refused is not bool(needed and scope not in needed) or (refused and wrote(statements)):
            wrong.append(scope)
    return wrong


@pytest.fixture
async def sandbox_keys(http: httpx.AsyncClient, shop: Shop, credential: Credential) -> Keys:
    """The same for the test store, which alone has a sandbox."""
    return {scope: Client(http, await credential(shop.test, scope)) for scope in SCOPES}


async def test_every_route_asks_for_its_scope(keys: Keys, sandbox_keys: Keys, statements: list[str]) -> None:
    wrong = {}
    for endpoint in ENDPOINTS:
        path = "/v2" + endpoint.path.replace("{id}", SCALARS["ID"]).replace("_id}", "}").replace("{variant}", "x")
        path = path.replace("{image}", "x").replace("{address}", "x").replace("{delivery}", "x")
        options = options_of(endpoint)
        body = options.get("json")
        if body and "scopes" in body:
            body["scopes"] = ["all"]  # all of the caller's own: a key may not give what it does not have
        if body and "events" in body:
            body["events"] = ["*"]  # all that the caller may see: naming a type needs the scope of its area
            del body["query"]
        if body and "query" in body and endpoint.name != "startBulkExport":
            body["query"] = "{ shop { id } }"  # what it selects needs scopes of its own

        async def ask(client: Client) -> bool:
            method = "HEAD" if isinstance(endpoint.action, StreamAction) else endpoint.method  # noqa: B023 - awaited at once
            answer = await client(method, path, **options)  # noqa: B023 - as above
            if answer.status_code == 403:
                assert answer.json()["error"]["code"] == "authorization_error"
            return answer.status_code == 403

        needed = (endpoint.scope,) if endpoint.scope else DECIDED_BY_KIND.get(endpoint.name, ())
        of_store = sandbox_keys if needs_sandbox(endpoint) else keys
        wrong[endpoint.name] = await refused_by(of_store, needed, ask, statements)
    assert {name: scopes for name, scopes in wrong.items() if scopes} == {}


async def test_every_root_field_asks_for_its_scope(keys: Keys, sandbox_keys: Keys, statements: list[str]) -> None:
    wrong = {}
    for root in root_fields():
        query, variables = root.operation(INPUTS.get(root.name))
        of_store = sandbox_keys if root.pays else keys

        async def ask(client: Client) -> bool:
            return await forbidden(client, query, variables)  # noqa: B023 - awaited within this round

        by_id = ("products:read",) if root.name in ("node", "nodes") else ()  # by the id's kind
        needed = root.scopes or DECIDED_BY_KIND.get(root.name, by_id)
        refused = await refused_by(of_store, needed, ask, statements)
        also = getattr(getattr(root.source, "use_case", None), "also", ())
        # One scope alone is not enough where another is needed besides.
        wrong[root.name] = refused if not also else sorted(set(refused) - set(needed))
    assert {name: scopes for name, scopes in wrong.items() if scopes} == {}


async def test_every_field_with_a_scope_of_its_own_asks_for_it(keys: Keys, statements: list[str]) -> None:
    wrong = {}
    for query, name, scopes in scoped_fields():

        async def ask(client: Client) -> bool:
            return await forbidden(client, query, {})  # noqa: B023 - awaited within this round

        # `node` itself asks for the scope of what the id is, here a product.
        wrong[name] = [
            scope
            for scope in await refused_by(keys, scopes, ask, statements)
            if not (scope in scopes and scope != "products:read")
        ]
    assert "ProductVariant.cost" in wrong
    assert {name: scopes for name, scopes in wrong.items() if scopes} == {}


async def forbidden(client: Client, query: str, variables: Mapping[str, object]) -> bool:
    """Whether the whole operation is refused, and says so as it should."""
    answer = (await client("POST", "/graphql", json={"query": query, "variables": variables})).json()
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assert codes <= {"FORBIDDEN", "BAD_USER_INPUT"}, (query, answer)
    if "FORBIDDEN" in codes:
        # What `node` needs depends on the id, so it is refused while running: still nothing is answered.
        assert not any((answer.get("data") or {}).values())
        assert "scope" in answer["errors"][0]["message"]
    return "FORBIDDEN" in codes


def test_both_surfaces_ask_for_the_same_scope() -> None:
    by_route = {e.action.use_case.name: e.scope for e in ENDPOINTS if hasattr(e.action, "use_case")}
    by_field = {
        root.source.use_case.name: root.scopes for root in root_fields() if isinstance(root.source, MutationSource)
    }
    assert {name: (scope,) if scope else () for name, scope in by_route.items()} == by_field
