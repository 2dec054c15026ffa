"""Persisted queries: by hash over every door, of all processes where there is Redis, and never another's document."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from domain.access import hash_of_document as hash_of
from gateway.adapters.redis_documents import RedisDocuments
from gateway.graphql import persisted_queries
from gateway.graphql.persisted_queries import PersistedQueries
from tests.conftest import Ask, Client
from tests.gateway.conftest import Serving, Talk

NOT_FOUND = {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}


def named(document: str, **more: Any) -> dict[str, Any]:
    """The extensions that name a document."""
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_of(document), **more}}


def shown(error: dict[str, Any]) -> dict[str, Any]:
    """An error without its request id."""
    return {**error, "extensions": {key: value for key, value in error["extensions"].items() if key != "requestId"}}


async def test_a_document_is_sent_once(rest: Client) -> None:
    text = "query Once { shop { id name } }"
    first = await rest("POST", "/graphql", json={"extensions": named(text)})
    assert (first.status_code, shown(first.json()["errors"][0])) == (200, NOT_FOUND)
    second = await rest("POST", "/graphql", json={"query": text, "extensions": named(text)})
    third = await rest("POST", "/graphql", json={"extensions": named(text)})
    assert second.json() == third.json()
    assert third.json()["data"]["shop"]["id"].startswith("store_")


async def test_it_is_asked_for_by_get_too(rest: Client) -> None:
    text = "query Got($n: Int) { products(first: $n) { totalCount } }"
    parameters = {"extensions": orjson.dumps(named(text)).decode(), "variables": '{"n": 1}'}
    media = {"Accept": "application/graphql-response+json"}
    missing = await rest("GET", "/graphql", params=parameters, headers=media)
    assert (missing.status_code, shown(missing.json()["errors"][0])) == (400, NOT_FOUND)
    await rest("GET", "/graphql", params={"query": text, **parameters})
    assert (await rest("GET", "/graphql", params=parameters)).json() == {"data": {"products": {"totalCount": 0}}}


async def test_it_is_asked_for_over_events_too(rest: Client) -> None:
    text = "query Streamed { viewer { scopes } }"
    body = {"extensions": named(text)}
    missing = await rest("POST", "/graphql/stream", json=body, headers={"Accept": "text/event-stream"})
    assert "PERSISTED_QUERY_NOT_FOUND" in missing.text
    await rest("POST", "/graphql", json={"query": text, **body})
    found = await rest("POST", "/graphql/stream", json=body, headers={"Accept": "text/event-stream"})
    assert '{"data":{"viewer":{"scopes":[' in found.text


async def test_it_is_asked_for_over_a_socket_too(
    open_socket: Callable[..., AbstractAsyncContextManager[Talk]], key: str
) -> None:
    text = "query Spoken { __typename }"
    async with open_socket(key) as talk:
        heard = []
        for payload in ({}, {"query": text}, {}):
            await talk.say({"id": "1", "type": "subscribe", "payload": {"extensions": named(text), **payload}})
            heard.append(await talk.hear())
            if heard[-1]["type"] == "next":
                assert (await talk.hear())["type"] == "complete"
    assert (heard[0]["type"], shown(heard[0]["payload"][0])) == ("error", NOT_FOUND)
    assert heard[1] == heard[2] == {"id": "1", "type": "next", "payload": {"data": {"__typename": "Query"}}}


@pytest.mark.parametrize(
    ("extensions", "field"),
    [
        (named("{ shop { id } }", version=2), "extensions.persistedQuery"),
        ({"persistedQuery": "x"}, "extensions.persistedQuery"),
        (named("{ shop { id } }", sha256Hash="x"), "extensions.persistedQuery.sha256Hash"),
        (named("{ shop { name } }"), "extensions.persistedQuery.sha256Hash"),
    ],
)
async def test_a_wrong_name_is_refused(rest: Client, extensions: dict[str, Any], field: str) -> None:
    response = await rest("POST", "/graphql", json={"query": "{ shop { id } }", "extensions": extensions})
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert error["message"].startswith(f"{field}: ")


async def test_a_document_that_cannot_run_is_not_kept(rest: Client) -> None:
    text = "{ nothing }"
    await rest("POST", "/graphql", json={"query": text, "extensions": named(text)})
    response = await rest("POST", "/graphql", json={"extensions": named(text)})
    assert shown(response.json()["errors"][0]) == NOT_FOUND


async def test_a_repeated_write_is_the_same_by_hash(ask: Ask, rest: Client) -> None:
    text = """mutation Made { createProduct(input: {name: "Mug", sku: "M", price: {amount: 5}}) { product { id } } }"""
    once = {"Idempotency-Key": "once"}
    first = await rest("POST", "/graphql", json={"query": text, "extensions": named(text)}, headers=once)
    again = await rest("POST", "/graphql", json={"extensions": named(text)}, headers=once)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_what_one_process_was_sent_another_knows(
    serve: Callable[..., AbstractAsyncContextManager[Serving]], redis_url: str, key: str
) -> None:
    text = "query Shared { shop { mode } }"
    async with (
        serve(redis_url=SecretStr(redis_url)) as one,
        serve(redis_url=SecretStr(redis_url)) as other,
        httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as client,
    ):
        await client.post(f"{one.url}/graphql", json={"query": text, "extensions": named(text)})
        found = await client.post(f"{other.url}/graphql", json={"extensions": named(text)})
    assert found.json() == {"data": {"shop": {"mode": "LIVE"}}}


async def test_without_redis_nothing_is_found_and_nothing_fails(free_port: int) -> None:
    documents = RedisDocuments(f"redis://127.0.0.1:{free_port}")
    await documents.keep(hash_of("{ a }"), "{ a }")
    assert await documents.find(hash_of("{ a }")) is None
    await documents.close()


async def test_another_document_under_the_hash_is_not_taken(redis_url: str) -> None:
    documents = RedisDocuments(redis_url)
    await documents.keep(hash_of("{ a }"), "{ b }")
    assert await PersistedQueries(documents).find(hash_of("{ a }")) is None
    await documents.close()


async def test_a_process_remembers_so_many_characters() -> None:
    kept = PersistedQueries()
    documents = [f"{{ a{number} }}{' ' * 99_992}" for number in range(30)]
    for document in documents:
        await kept.keep(hash_of(document), document)
    found = [await kept.find(hash_of(document)) is not None for document in documents]
    remembered = persisted_queries.MAX_CACHED_QUERY_CHARACTERS // 100_000
    assert sum(found) in (remembered, remembered - 1)
    assert found == sorted(found)
