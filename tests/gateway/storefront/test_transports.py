"""What a publishable key cannot do: every route and every field that is not for shoppers, by every transport."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from graphql import TypeInfo, TypeInfoVisitor, is_introspection_type, is_object_type, parse
from graphql import visit as visit_ast

from domain.kernel.database import Database
from domain.kernel.principal import Storefront
from gateway.graphql.documents import _Needs
from rest_compat import ENDPOINTS
from rest_compat.endpoint import Endpoint
from schema import schema
from schema.public_fields import PUBLIC_FIELDS
from schema.strawberry_internals import core_schema
from tests.conftest import Client, Shop
from tests.gateway.storefront.conftest import ORIGIN, Goods, Visit, created

CORE = core_schema(schema)
ACCEPT = {"Accept": "application/graphql-response+json"}
"""With it, a refused document has the status of its refusal."""
PRODUCTS = "query Products { products { nodes { sku } } }"


def names(endpoints: Sequence[Endpoint]) -> list[Any]:
    """As parameters that are called as the operations are."""
    return [pytest.param(each, id=each.name) for each in endpoints]


def path_of(endpoint: Endpoint) -> str:
    """With ids that nothing has."""
    return "/v2" + re.sub(r"\{\w+\}", "none", endpoint.path)


@pytest.mark.parametrize("endpoint", names([each for each in ENDPOINTS if not each.is_public]))
async def test_every_other_route_is_forbidden(endpoint: Endpoint, visit: Visit) -> None:
    """Before its path, its parameters or its body are looked at. Taken out to see it fail: ``is_public`` of
    ``_answer``."""
    answer = await visit(endpoint.method, path_of(endpoint), content=b"{")
    assert answer.status_code == 403, answer.text
    assert (
        answer.json()["error"]["message"] == "A publishable key reads the catalog only. Use a secret key, on a server."
    )


@pytest.mark.parametrize("endpoint", names([each for each in ENDPOINTS if each.is_public]))
async def test_routes_for_shoppers_read_and_count_views(endpoint: Endpoint, visit: Visit) -> None:
    assert endpoint.method == "GET" or endpoint.name == "recordProductView"
    assert endpoint.scope == "products:read"
    answer = await visit(endpoint.method, path_of(endpoint))
    assert answer.status_code == (404 if endpoint.ids else 200), answer.text


def test_what_is_public_is_in_the_schema() -> None:
    for name, fields in PUBLIC_FIELDS.items():
        type_: Any = CORE.type_map[name]
        known = set(type_.fields)
        assert fields - {"searchTruncated"} <= known, name


def test_every_other_field_is_found_in_a_document() -> None:
    """Of all types; aliases hide nothing. Taken out to see it fail: ``hidden`` of ``_Needs.enter_field``."""
    missed, looked = [], 0
    for type_ in CORE.type_map.values():
        if not is_object_type(type_) or is_introspection_type(type_):
            continue
        for field in set(type_.fields) - PUBLIC_FIELDS.get(type_.name, frozenset()):
            looked += 1
            info = TypeInfo(CORE)
            found = _Needs(info, ())
            text = f"fragment All on {type_.name} {{ __typename other: {field} }}"
            visit_ast(parse(text), TypeInfoVisitor(info, found))
            if list(found.hidden) != [f"{type_.name}.{field}"]:
                missed.append(f"{type_.name}.{field}")
    assert missed == []
    assert looked > 1_000


ROOTS = [
    pytest.param(kind, name, id=f"{kind}.{name}")
    for kind in ("Query", "Mutation", "Subscription")
    for name in CORE.type_map[kind].fields  # type: ignore[attr-defined]  # they are objects
    if name not in PUBLIC_FIELDS.get(kind, ())
]


def document_of(kind: str, name: str) -> str:
    """A valid document of one root field."""
    field = CORE.type_map[kind].fields[name]  # type: ignore[attr-defined]  # they are objects
    needed = {key: each for key, each in field.args.items() if str(each.type).endswith("!")}
    declared = ", ".join(f"${key}: {each.type}" for key, each in needed.items())
    given = ", ".join(f"{key}: ${key}" for key in needed)
    is_leaf = re.fullmatch(r"\[?(ID|String|Int|Boolean|JSON)!?\]?!?", str(field.type))
    head = f"{kind.lower()} Asked{f'({declared})' if declared else ''}"
    return f"{head} {{ {name}{f'({given})' if given else ''} {'' if is_leaf else '{ __typename }'} }}"


@pytest.mark.parametrize(("kind", "name"), ROOTS)
async def test_no_other_root_field_becomes_public_or_runs(kind: str, name: str, rest: Client, visit: Visit) -> None:
    """Neither sent, nor registered as public, nor registered and named."""
    text = document_of(kind, name)
    refused = await rest("POST", "/v2/documents", json={"text": text, "public": True})
    assert refused.status_code == 422, refused.text
    assert f"{kind}.{name}" in refused.text
    document = await created(rest, "/v2/documents", {"text": text})
    for asked in ({"query": text}, {"documentId": document["id"]}, {"documentId": f"sha256:{document['hash']}"}):
        answer = await visit("POST", "/graphql", json={**asked, "variables": {}}, headers=ACCEPT)
        assert answer.status_code == 403, answer.text
        assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize("text", ["{ __schema { types { name } } }", '{ __type(name: "Order") { name } }'])
async def test_shoppers_do_not_introspect(text: str, rest: Client) -> None:
    refused = await rest("POST", "/v2/documents", json={"text": text, "public": True})
    assert (refused.status_code, "Query.__" in refused.text) == (422, True)


async def test_only_public_documents_run(goods: Goods, rest: Client, visit: Visit) -> None:
    """However they come; a document becomes public at once, and runs no longer when it is removed."""
    document = await created(rest, "/v2/documents", {"text": PRODUCTS})
    assert document["public"] is False
    by_id, by_hash = {"documentId": document["id"]}, {"documentId": f"sha256:{document['hash']}"}
    persisted = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": document["hash"]}}}
    ways = (by_id, by_hash, persisted, {"query": PRODUCTS}, {"query": PRODUCTS, **persisted})
    for asked in ways:
        assert (await visit("POST", "/graphql", json=asked, headers=ACCEPT)).status_code == 403
    again = await rest("POST", "/v2/documents", json={"text": PRODUCTS, "public": True})
    assert (again.json()["id"], again.json()["public"]) == (document["id"], True)
    for asked in ways:
        answer = await visit("POST", "/graphql", json=asked)
        assert answer.json()["data"]["products"]["nodes"] == [{"sku": "LAMP"}], answer.text
    answer = await visit("GET", f"/graphql?documentId={document['id']}")
    assert answer.json()["data"]["products"]["nodes"] == [{"sku": "LAMP"}]
    assert (await rest("POST", "/v2/documents", json={"text": PRODUCTS})).json()["public"] is True
    await rest("DELETE", f"/v2/documents/{document['id']}")
    for asked in ways:
        assert (await visit("POST", "/graphql", json=asked, headers=ACCEPT)).status_code == 403
    audit = (await rest("GET", "/v2/access/audit?action=document.published")).json()["data"]
    assert [each["object_id"] for each in audit] == [document["id"]]


async def test_automatic_persisted_queries_take_nothing_from_shoppers(rest: Client, visit: Visit) -> None:
    """What another key has persisted is not public, and shoppers persist nothing."""
    hash = hashlib.sha256(PRODUCTS.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash}}
    assert (await rest("POST", "/graphql", json={"query": PRODUCTS, "extensions": extensions})).status_code == 200
    for asked in ({"extensions": extensions}, {"query": PRODUCTS, "extensions": extensions}):
        assert (await visit("POST", "/graphql", json=asked, headers=ACCEPT)).status_code == 403


@pytest.mark.parametrize(
    "origin", [None, "https://evil.example", "null", f"{ORIGIN}.evil.example", f"{ORIGIN}:8443", "http://lamps.example"]
)
async def test_it_works_from_its_origins_only(origin: str | None, goods: Goods, visit: Visit) -> None:
    """By REST and GraphQL, before anything is done."""
    for method, path in (("GET", "/v2/products"), ("POST", "/graphql"), ("GET", "/graphql/stream")):
        answer = await visit(method, path, origin=origin)
        assert answer.status_code == 403, (path, answer.text)
        assert "does not work" in answer.text
    assert (await visit("GET", "/v2/products", origin=ORIGIN.upper())).status_code == 200


async def test_pages_of_its_origins_may_call_without_settings(http: httpx.AsyncClient, visit: Visit) -> None:
    """Preflights and responses, refusals included; pages of others may not. Taken out to see it fail:
    ``is_allowed_origin``."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = await http.options("/graphql", headers={**asked, "Origin": ORIGIN})
    assert allowed.status_code == 200, allowed.text
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert allowed.headers["access-control-allow-headers"] == "authorization, content-type"
    refused = await http.options("/graphql", headers={**asked, "Origin": "https://evil.example"})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    for path, status in (("/v2/products", 200), ("/v2/orders", 403)):
        answer = await visit("GET", path)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, ORIGIN)
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]


async def test_the_database_is_a_second_wall(database: Database, shop: Shop, goods: Goods) -> None:
    """Whatever a principal could do: the role of storefronts reads the views of the catalog and nothing else."""
    storefront = Storefront(frozenset({ORIGIN}))
    async with database.system_connection() as connection:
        tables = [
            row[0]
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')"
                " AND relnamespace = 'public'::regnamespace"
            )
        ]
        views = {
            row[0]
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = 'storefront'::regnamespace AND relkind = 'v'"
            )
        }
        functions = [
            row[0]
            for row in await connection.fetch(
                "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
                " WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.prorettype <> 'trigger'::regtype"
                " AND has_function_privilege('gateway_storefront', p.oid, 'EXECUTE')"
            )
        ]
    assert len(tables) > 50
    assert views == {
        "product",
        "product_variant",
        "product_image",
        "product_sku",
        "product_tag",
        "product_word",
        "product_stock",
        "product_category",
        "category",
        "inventory_level",
    }
    assert functions == []  # none that would run with the rights of its owner
    async with database._storefront.reading(shop.live.store.number, "[]") as reader:  # type: ignore[union-attr]
        for table in tables:
            for name in {f"public.{table}", table}:
                if name in views:
                    continue
                found = await refusal_of(reader, f"SELECT * FROM {name}")
                assert "permission denied" in found, name
        for statement in (
            "UPDATE product SET name = 'x'",
            "DELETE FROM product_tag",
            "INSERT INTO category (store_id, id) VALUES (1, 'x')",
            "CREATE TABLE storefront.mine (a int)",
        ):
            assert await refusal_of(reader, statement), statement
    async with database.read_connection(shop.live.store, storefront) as reader:
        assert await reader._connection.fetchval("SELECT count(*) FROM product") == 1
    async with database.read_connection(shop.test.store, storefront) as reader:
        assert await reader._connection.fetchval("SELECT count(*) FROM product") == 0


async def refusal_of(reader: Any, statement: str) -> str:
    """What PostgreSQL says against a statement."""
    try:
        await reader._connection.execute(statement)
    except Exception as error:
        return str(error)
    return ""
