"""What is no request of GraphQL, by every transport: refused as such, cheaply, and never as a fault of ours."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from tests.conftest import Client
from tests.gateway.conftest import Serving, Talk, talking
from tests.gateway.hostile.transports import Post, Socket, Transport

NO_REQUESTS = {
    "null": b"null",
    "a number": b"7",
    "a text": b'"x"',
    "a truth": b"true",
    "an empty list": b"[]",
    "a batch": b'[{"query": "{ shop { id } }"}, {"query": "{ shop { id } }"}]',
    "half of it": b'{"query": "{ shop { id } }"',
    "two of it": b'{"query": "{ shop { id } }"} {}',
    "no JSON": b"query { shop { id } }",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": [-Infinity]}',
    "a member twice": b'{"a": 1, "a": 1}',
    "single quotes": b"{'a': 1}",
    "a trailing comma": b'{"a": 1,}',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "a control character": b'{"a": "\x01"}',
    "lists 100,000 deep": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "objects 100,000 deep": b'{"a": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "lists without an end": b"[" * 100_000,
    "a number of 100,000 digits": b'{"a": ' + b"1" * 100_000 + b"}",
    "an exponent of 20 digits": b'{"a": 1e99999999999999999999}',
}
INVALID_UTF8 = {
    "a stray byte": b'{"a": "\xff"}',
    "half a character": b'{"a": "\xe2\x82"}',
    "a surrogate": b'{"a": "\xed\xa0\x80"}',
    "an overlong NUL": b'{"a": "\xc0\x80"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
}
MEMBERS: list[dict[str, Any]] = [
    {},
    {"query": None},
    {"query": 7},
    {"query": ["{ shop { id } }"]},
    {"query": "{ shop { id } }", "variables": []},
    {"query": "{ shop { id } }", "variables": "{}"},
    {"query": "{ shop { id } }", "variables": 0},
    {"query": "{ shop { id } }", "extensions": []},
    {"query": "{ shop { id } }", "operationName": {}},
    {"query": "{ shop { id } }", "operationName": 7},
]


@pytest.mark.parametrize("name", NO_REQUESTS)
async def test_what_is_no_request_is_refused(transport: Transport, name: str, statements: list[str]) -> None:
    answer = await transport.send(NO_REQUESTS[name])
    if name == "null" and not isinstance(transport, Post | Socket):
        assert answer.how == "200"  # there it is `variables`, and null is as good as none
        return
    too_long = not isinstance(transport, Post | Socket) and len(NO_REQUESTS[name]) > 16_000
    assert answer.how == ("414" if too_long else transport.malformed)
    assert "data" not in answer.body
    assert all(error["extensions"]["code"] == "BAD_REQUEST" for error in answer.errors if "extensions" in error)
    assert answer.errors[0]["message"]
    assert statements == []


@pytest.mark.parametrize("name", INVALID_UTF8)
async def test_what_is_no_text_is_refused(transport: Transport, name: str, statements: list[str]) -> None:
    answer = await transport.send(INVALID_UTF8[name])
    if isinstance(transport, Socket):
        assert answer.how == "close 1007"  # of RFC 6455: found before the message is ours
    elif isinstance(transport, Post):
        assert (answer.how, answer.codes) == ("400", {"BAD_REQUEST"})
    else:
        # In a query string it is read with replacement characters, as everywhere on the web.
        assert (answer.how, answer.codes) in (("400", {"BAD_REQUEST"}), ("200", set()))
    assert statements == []


@pytest.mark.parametrize("members", MEMBERS, ids=json.dumps)
async def test_members_of_another_type_are_refused(
    transport: Transport, members: dict[str, Any], statements: list[str]
) -> None:
    if isinstance(transport, Post | Socket):
        answer = await transport.send(orjson.dumps(members))
        assert answer.how == transport.malformed
        named = next(iter(reversed(members)), "query")
        assert answer.errors[0]["message"].startswith(f"{named}: Must be ")
    assert statements == []


async def test_twenty_megabytes_are_refused(transport: Transport, statements: list[str]) -> None:
    answer = await transport.send(b'{"query": "{ shop { id } }", "a": "' + b"x" * 20_000_000 + b'"}')
    assert answer.how == transport.too_big
    assert statements == []


@pytest.mark.parametrize(
    "content_type",
    [
        *(None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"),
        *("application/xml", "application/graphql", "application/jsonp", "application/json; charset=utf-16"),
        "application/json, text/plain",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/graphql/stream"])
async def test_other_content_types_are_refused(
    counted: Serving, key: str, path: str, content_type: str | None, statements: list[str]
) -> None:
    typed = {} if content_type is None else {"Content-Type": content_type}
    headers = {"Accept": "application/json, text/event-stream", **typed}
    answer = await Post(counted, key).http("POST", path, content=b'{"query": "{ shop { id } }"}', headers=headers)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert statements == []


async def test_deep_json_is_refused_at_any_depth_under_a_key_too(rest: Client) -> None:
    """What can just be read might be too deep to be written again: each step finds its own end of the stack."""
    query = "mutation ($i: UpdateProductInput!) { updateProduct(input: $i) { userErrors { code } } }"
    for depth in (100, 250, 300, *range(400, 1_000, 12)):
        metadata = f'"metadata": {{"a": {"[" * depth}{"]" * depth}}}'
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"deep-{depth}"}
        asked = f'{{"query": "{query}", "variables": {{"i": {{"id": "prod_1", {metadata}}}}}}}'
        answer = await rest("POST", "/graphql", content=asked, headers=headers)
        assert answer.status_code in (200, 400), (depth, answer.text)
        assert "INTERNAL" not in answer.text
        answer = await rest("PUT", "/v2/products/prod_1", content=f"{{{metadata}}}", headers=headers)
        assert answer.status_code in (400, 404, 422), (depth, answer.text)


@pytest.mark.parametrize("token", ["\ud800", "\x00", "ü" * 400, "Bearer", "x" * 600, " "])
async def test_a_key_of_odd_characters_is_no_key(counted: Serving, token: str) -> None:
    for params in ({"Authorization": f"Bearer {token}"}, {"apiKey": token}, {"token": token}):
        async with talking(counted.socket_url) as talk:
            await talk.say(json.dumps({"type": "connection_init", "payload": params}))
            assert (await talk.ended())[0] == 4403


@pytest.mark.parametrize("key_", ["\ud800", "\x00", "ü", "x" * 256, "", " "])
async def test_an_idempotency_key_of_odd_characters_is_refused(counted: Serving, key: str, key_: str) -> None:
    query = 'mutation { revokeApiKey(input: {id: "key_1"}) { userErrors { code } } }'
    payload = {"query": query, "extensions": {"idempotencyKey": key_}}
    async with talking(counted.socket_url) as talk:
        await talk.init(key)
        await talk.say(json.dumps({"id": "\ud800", "type": "subscribe", "payload": payload}))
        if key_ == "\ud800":
            assert (await talk.ended())[0] == 4400
            return
        codes = [error["extensions"]["code"] for error in (await _answer(talk)).get("errors", ())]
        assert codes in ([], ["BAD_REQUEST"])


async def _answer(talk: Talk) -> dict[str, Any]:
    said = json.loads(await talk.wire.recv())  # the id is half a character, which orjson does not read
    assert said["id"] == "\ud800"
    return {"errors": said["payload"]} if said["type"] == "error" else dict(said["payload"])
