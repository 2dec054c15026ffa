"""Trusted documents: named by hash or id over every door, and in locked mode all that is run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from domain.access import hash_of_document
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from tests.conftest import Ask, Client, Shop
from tests.gateway.conftest import TRUSTED, Register, Serving, Talk, serving, talking

Serve = Callable[..., AbstractAsyncContextManager[Serving]]
Naming = dict[str, Any]

TEXT = TRUSTED
HASH = hash_of_document(TEXT)
ANSWER = {"data": {"shop": {"mode": "LIVE"}}}
STRICT = {"Accept": "application/graphql-response+json"}
EVENTS = {"Accept": "text/event-stream"}
UNKNOWN = f"doc_{'0' * 26}"
NOT_FOUND, NOT_TRUSTED = "PERSISTED_QUERY_NOT_FOUND", "DOCUMENT_NOT_TRUSTED"


@pytest.fixture
async def locked(serve: Serve, key: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a gateway that runs trusted documents only."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        serve(documents="trusted") as running,
        httpx.AsyncClient(base_url=running.url, headers=headers, timeout=10) as client,
    ):
        yield client


def persisted(hash: str) -> Naming:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}}


def namings(id: str, hash: str = HASH) -> list[Naming]:
    """Every way to name a document."""
    return [{"documentId": id}, {"documentId": f"sha256:{hash}"}, persisted(hash), persisted(hash.upper())]


def as_parameters(naming: Naming) -> dict[str, str]:
    return {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in naming.items()}


def code_of(response: httpx.Response) -> str:
    """The code of the one error that is all there is."""
    (error,) = response.json()["errors"]
    assert "data" not in response.json()
    return str(error["extensions"]["code"])


async def by_every_door(ask: Callable[..., Awaitable[httpx.Response]], naming: Naming) -> list[Any]:
    """What is answered to POST, GET and both of them as events."""
    found = [
        (await ask("POST", "/graphql", json=naming)).json(),
        (await ask("GET", "/graphql", params=as_parameters(naming))).json(),
    ]
    streamed = [
        await ask("POST", "/graphql/stream", json=naming, headers=EVENTS),
        await ask("GET", "/graphql/stream", params=as_parameters(naming), headers=EVENTS),
    ]
    return found + [orjson.loads(each.text.split("data: ")[1].split("\n")[0]) for each in streamed]


def codes_of(answers: list[Any]) -> set[str]:
    return {error["extensions"]["code"] for answer in answers for error in answer["errors"]}


async def test_a_document_is_named_over_every_door(rest: Client, register: Register) -> None:
    for naming in namings(await register()):
        assert await by_every_door(rest, naming) == [ANSWER] * 4


async def test_a_document_is_named_over_a_socket(
    open_socket: Callable[..., AbstractAsyncContextManager[Talk]], key: str, register: Register
) -> None:
    async with open_socket(key) as talk:
        for naming in namings(await register()):
            await talk.say({"id": "1", "type": "subscribe", "payload": naming})
            assert await talk.hear() == {"id": "1", "type": "next", "payload": ANSWER}
            assert await talk.hear() == {"id": "1", "type": "complete"}


async def test_a_subscription_is_named_too(
    open_socket: Callable[..., AbstractAsyncContextManager[Talk]], key: str, register: Register, rest: Client
) -> None:
    id = await register("subscription Followed { events { __typename } }")
    async with open_socket(key) as talk:
        await talk.say({"id": "1", "type": "subscribe", "payload": {"documentId": id}})
        await talk.say({"id": "2", "type": "subscribe", "payload": {"query": "{ __typename }"}})
        assert (await talk.hear())["id"] == "2"  # by now the other follows
        await talk.hear()
        await asyncio.sleep(0.3)
        await rest("POST", "/v2/products", json={"name": "Mug", "sku": "M", "price": 5})
        heard = await talk.hear()
    assert heard["payload"] == {"data": {"events": {"__typename": "ProductCreated"}}}


async def test_variables_and_the_operations_name_go_beside_the_name(rest: Client, register: Register) -> None:
    id = await register("query A { shop { id } } query B($n: Int) { products(first: $n) { nodes { id } totalCount } }")
    asked = {"documentId": id, "operationName": "B", "variables": {"n": 1}}
    assert (await by_every_door(rest, asked))[0] == {"data": {"products": {"nodes": [], "totalCount": 0}}}
    assert code_of(await rest("POST", "/graphql", json={"documentId": id})) == "OPERATION_RESOLUTION_FAILURE"


async def test_who_is_not_known_is_not_found(rest: Client) -> None:
    for naming in namings(UNKNOWN, hash_of_document("{ unknown }")):
        assert codes_of(await by_every_door(rest, naming)) == {NOT_FOUND}
        refused = await rest("POST", "/graphql", json=naming, headers=STRICT)
        assert (refused.status_code, code_of(refused)) == (400, NOT_FOUND)


async def test_documents_of_another_store_are_not_found(
    rest: Client, register: Register, shop: Shop, other_shop: Shop
) -> None:
    text = "query Theirs { shop { currency } }"
    for stranger in (shop.test, other_shop.live):
        for naming in namings(await register(text, stranger), hash_of_document(text)):
            assert codes_of(await by_every_door(rest, naming)) == {NOT_FOUND}


@pytest.mark.parametrize(
    "id", ["", HASH, f"sha256:{HASH.upper()}", f"sha256:{HASH[1:]}", "sha256:", f"x-md5:{HASH}", "doc_x", 1, ["a"], {}]
)
async def test_what_is_no_name_is_a_wrong_request(rest: Client, id: Any) -> None:
    for body in ({"documentId": id}, {"documentId": id, "query": TEXT}):
        refused = await rest("POST", "/graphql", json=body)
        assert (refused.status_code, code_of(refused)) == (400, "BAD_REQUEST")
        assert refused.json()["errors"][0]["message"].startswith("documentId: Must be sha256: and 64 hexadecimal")


async def test_a_name_may_be_null_and_is_not_given_twice(rest: Client) -> None:
    assert (await rest("POST", "/graphql", json={"documentId": None, "query": TEXT})).json() == ANSWER
    assert (await rest("GET", "/graphql", params={"documentId": "", "query": TEXT})).json() == ANSWER
    twice = await rest("GET", f"/graphql?documentId={UNKNOWN}&documentId={UNKNOWN}")
    assert (twice.status_code, twice.json()["errors"][0]["message"]) == (400, "documentId: Must be given only once.")


async def test_a_socket_is_closed_for_what_is_no_name(
    open_socket: Callable[..., AbstractAsyncContextManager[Talk]], key: str
) -> None:
    async with open_socket(key) as talk:
        await talk.say({"id": "1", "type": "subscribe", "payload": {"documentId": "x"}})
        assert (await talk.ended())[0] == 4400


async def test_what_is_sent_must_be_what_is_named(rest: Client, register: Register) -> None:
    id = await register()
    for naming in namings(id):
        assert (await rest("POST", "/graphql", json={"query": TEXT, **naming})).json() == ANSWER
        other = await rest("POST", "/graphql", json={"query": f"{TEXT} ", **naming})
        assert (other.status_code, code_of(other)) == (400, "BAD_REQUEST")
    both = await rest("POST", "/graphql", json={"documentId": id, **persisted(hash_of_document("{ a }"))})
    assert (both.status_code, code_of(both)) == (400, "BAD_REQUEST")
    named_twice = {"documentId": f"sha256:{HASH}", **persisted(hash_of_document("{ a }"))}
    assert code_of(await rest("POST", "/graphql", json=named_twice)) == "BAD_REQUEST"
    assert (await rest("POST", "/graphql", json={"documentId": id, **persisted(HASH)})).json() == ANSWER


async def test_a_query_beside_a_document_id_is_not_persisted(rest: Client) -> None:
    text = "query Beside { shop { plan } }"
    naming = {"documentId": f"sha256:{hash_of_document(text)}"}
    assert "data" in (await rest("POST", "/graphql", json={"query": text, **naming})).json()
    assert code_of(await rest("POST", "/graphql", json=naming)) == NOT_FOUND


async def test_a_mutation_by_get_is_not_allowed(rest: Client, register: Register) -> None:
    text = """mutation { createProduct(input: {name: "Mug", sku: "M", price: {amount: 5}}) { product { sku } } }"""
    id = await register(text)
    for path, headers in (("/graphql", STRICT), ("/graphql/stream", EVENTS)):
        refused = await rest("GET", path, params={"documentId": id}, headers=headers)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert (await rest("GET", "/v2/products")).json()["pagination"]["total_items"] == 0
    made = await rest("POST", "/graphql", json={"documentId": id})
    assert made.json() == {"data": {"createProduct": {"product": {"sku": "M"}}}}


async def test_the_second_use_costs_no_statement(rest: Client, register: Register, statements: list[str]) -> None:
    id = await register("query Cheap { viewer { scopes } }")
    names = namings(id, hash_of_document("query Cheap { viewer { scopes } }"))
    await rest("POST", "/graphql", json=names[0])
    statements.clear()
    for naming in names:
        assert (await rest("POST", "/graphql", json=naming)).status_code == 200
    assert statements == []


async def test_a_removed_document_stops_at_once(rest: Client, register: Register, ask: Ask) -> None:
    text = "query Removed { shop { mode } }"
    names = namings(await register(text), hash_of_document(text))
    assert [(await rest("POST", "/graphql", json=naming)).json() for naming in names] == [ANSWER] * 4
    assert (await rest("DELETE", f"/v2/documents/{names[0]['documentId']}")).status_code == 204
    for naming in names:
        assert codes_of(await by_every_door(rest, naming)) == {NOT_FOUND}
    assert (await ask(text)).json() == ANSWER  # sent, it is a document like any other


async def test_one_process_hears_of_removals_in_the_other(
    redis_url: str, database_url: str, settings: Settings, key: str, register: Register
) -> None:
    """In the other time stands still, so that what it remembers would never be too old."""
    now, id = system_clock(), await register()
    shared = settings.model_copy(update={"redis_url": SecretStr(redis_url)})
    here, there = (
        build(shared, Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS, clock=clock)))
        for clock in (system_clock, lambda: now)
    )
    mine = {"Authorization": f"Bearer {key}"}
    async with serving(here) as first, serving(there) as second, httpx.AsyncClient(timeout=10, headers=mine) as web:

        async def asked() -> httpx.Response:
            return await web.post(f"{second.url}/graphql", json={"documentId": id})

        assert (await asked()).json() == ANSWER
        assert (await web.delete(f"{first.url}/v2/documents/{id}")).status_code == 204
        async with asyncio.timeout(10):
            while (await asked()).json() == ANSWER:
                await asyncio.sleep(0.02)
        assert code_of(await asked()) == NOT_FOUND


async def test_locked_only_registered_documents_run_however_they_come(
    locked: httpx.AsyncClient, register: Register
) -> None:
    text = "query Locked { shop { mode } }"
    hash = hash_of_document(text)
    ways = [{"query": text}, {"query": text, **persisted(hash)}, *namings(UNKNOWN, hash)]
    for way in ways:
        assert codes_of(await by_every_door(locked.request, way)) == {NOT_TRUSTED}
        strict = await locked.post("/graphql", json=way, headers=STRICT)
        assert (strict.status_code, code_of(strict)) == (403, NOT_TRUSTED)
        assert (await locked.post("/graphql", json=way)).status_code == 200
    made = await locked.post("/v2/documents", json={"text": text})
    assert made.status_code == 201
    ways = [{"query": text}, {"query": text, **persisted(hash)}, *namings(made.json()["id"], hash)]
    for way in ways:
        assert await by_every_door(locked.request, way) == [ANSWER] * 4
    assert (await locked.delete(f"/v2/documents/{made.json()['id']}")).status_code == 204
    for way in ways:
        assert codes_of(await by_every_door(locked.request, way)) == {NOT_TRUSTED}


async def test_locked_nothing_else_is_even_parsed(locked: httpx.AsyncClient) -> None:
    for text in ("", "{", "{ nothing }", "{ __schema { types { name } } }", "x" * 500_000):
        assert code_of(await locked.post("/graphql", json={"query": text})) == NOT_TRUSTED
    half = json.dumps({"query": "\ud800"})  # the standard library's: half a character is an escape
    unreadable = await locked.post("/graphql", content=half, headers={"Content-Type": "application/json"})
    assert (unreadable.status_code, code_of(unreadable)) == (400, "BAD_REQUEST")
    mismatch = await locked.post("/graphql", json={"query": "{ a }", **persisted(HASH)})
    assert (mismatch.status_code, code_of(mismatch)) == (400, "BAD_REQUEST")


async def test_locked_documents_of_another_store_are_not_trusted(
    locked: httpx.AsyncClient, register: Register, shop: Shop, other_shop: Shop
) -> None:
    text = "query Theirs { shop { currency } }"
    for stranger in (shop.test, other_shop.live):
        for way in ({"query": text}, *namings(await register(text, stranger), hash_of_document(text))):
            assert codes_of(await by_every_door(locked.request, way)) == {NOT_TRUSTED}


async def test_locked_it_holds_over_a_socket(serve: Serve, key: str, register: Register) -> None:
    id = await register()
    async with serve(documents="trusted") as running, talking(running.socket_url) as talk:
        await talk.init(key)
        refused = "subscription { events { cursor } }"
        unknown = hash_of_document(refused)
        for way in ({"query": refused}, {"query": refused, **persisted(unknown)}, *namings(UNKNOWN, unknown)):
            await talk.say({"id": "1", "type": "subscribe", "payload": way})
            heard = await talk.hear()
            assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", NOT_TRUSTED)
        for way in ({"query": TEXT}, *namings(id)):
            await talk.say({"id": "1", "type": "subscribe", "payload": way})
            assert (await talk.hear())["payload"] == ANSWER
            assert (await talk.hear())["type"] == "complete"


async def test_locked_what_was_persisted_by_another_process_does_not_run(
    serve: Serve, redis_url: str, key: str
) -> None:
    text = "query Elsewhere { shop { plan } }"
    mine = {"Authorization": f"Bearer {key}"}
    async with (
        serve(redis_url=SecretStr(redis_url)) as open_one,
        serve(redis_url=SecretStr(redis_url), documents="trusted") as locked_one,
        httpx.AsyncClient(headers=mine) as web,
    ):
        sent = {"query": text, **persisted(hash_of_document(text))}
        assert "data" in (await web.post(f"{open_one.url}/graphql", json=sent)).json()
        assert code_of(await web.post(f"{locked_one.url}/graphql", json=persisted(hash_of_document(text)))) == (
            NOT_TRUSTED
        )


async def test_locked_the_pages_rest_and_queries_of_webhooks_go_on(locked: httpx.AsyncClient) -> None:
    for path in ("/graphql", "/events"):
        page = await locked.get(path, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert (await locked.get("/v2/products")).status_code == 200
    hook = {
        "url": "https://hooks.example.com/x",
        "events": ["product.created"],
        "query": "subscription { events { id } }",
    }
    made = await locked.post("/v2/webhooks", json=hook)
    assert made.status_code == 201
    product = await locked.post("/v2/products", json={"name": "Mug", "sku": "M", "price": 5})
    async with asyncio.timeout(5):
        while not (told := (await locked.get(f"/v2/events?object_id={product.json()['id']}")).json()["data"]):
            await asyncio.sleep(0.02)
    preview = await locked.post(f"/v2/webhooks/{made.json()['id']}/preview", json={"event_id": told[0]["id"]})
    assert preview.json()["data"]["object"] == {"id": told[0]["id"]}
