"""What the GraphQL library's own HTTP and WebSocket views get wrong, and ours do not: a row for each fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.gateway.conftest import Serving, talking
from tests.gateway.hostile.transports import Post, heard

QUERY = {"query": "{ shop { currency } }"}
TWO = {"query": "query A { shop { id } } query B { shop { id } }"}
UNKNOWN = {"query": "{ nothing }"}
MUTATION = {"query": 'mutation { revokeApiKey(input: {id: "key_1"}) { userErrors { code } } }'}
NEW, OLD, STREAM = "application/graphql-response+json", "application/json", "text/event-stream"
URQL = f"{NEW}, {OLD}, {STREAM}, multipart/mixed"
"""What urql accepts for a query."""


@dataclass(frozen=True, slots=True)
class Row:
    """A request over HTTP, and the right answer to it."""

    fault: str
    status: int
    method: str = "POST"
    accept: str = NEW
    sent: dict[str, Any] = field(default_factory=lambda: {"json": QUERY})
    path: str = "/graphql"
    media: str | None = None
    allow: str | None = None
    code: str | None = None

    def __str__(self) -> str:
        return self.fault


def body(content: bytes, content_type: str = OLD) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": content_type}}


ROWS = [
    Row("never answers in the new media type", 200, media=NEW),
    Row("answers a client that knows the old one alone otherwise", 200, accept=OLD, media=OLD),
    Row("data null in a syntax error", 400, sent={"json": {"query": "{"}}, code="GRAPHQL_PARSE_FAILED"),
    Row("data null in a validation error", 400, sent={"json": {"query": "{ a }"}}, code="GRAPHQL_VALIDATION_FAILED"),
    Row(
        "data null in the old type",
        200,
        sent={"json": {"query": "{ a }"}},
        accept=OLD,
        code="GRAPHQL_VALIDATION_FAILED",
    ),
    Row("runs the first of two operations", 400, sent={"json": TWO}, code="OPERATION_RESOLUTION_FAILURE"),
    Row("500 on null", 400, sent=body(b"null"), code="BAD_REQUEST"),
    Row("500 on a number", 400, sent=body(b"7"), code="BAD_REQUEST"),
    Row("500 on a text", 400, sent=body(b'"x"'), code="BAD_REQUEST"),
    Row("500 on invalid UTF-8", 400, sent=body(b'{"query": "\xff"}'), code="BAD_REQUEST"),
    Row("500 on deep JSON", 400, sent=body(b'{"query": ' + b"[" * 100_000), code="BAD_REQUEST"),
    Row("400 for a mutation by GET", 405, "GET", sent={"params": MUTATION}, allow="POST", code="BAD_REQUEST"),
    Row("405 without Allow", 405, "PUT", allow="GET, POST", code="BAD_REQUEST"),
    Row("405 without Allow for streams", 405, "PUT", path="/graphql/stream", allow="GET, POST", code="BAD_REQUEST"),
    Row("empty variables refused", 200, "GET", sent={"params": {**QUERY, "variables": "", "extensions": ""}}),
    Row("Application/JSON refused", 200, sent=body(b'{"query": "{ shop { currency } }"}', "Application/JSON")),
    Row(
        "NaN accepted",
        400,
        sent=body(b'{"query": "{ shop { currency } }", "variables": {"a": NaN}}'),
        code="BAD_REQUEST",
    ),
    Row("unacceptable Accept ignored", 406, accept="text/plain", media=OLD, code="BAD_REQUEST"),
    Row("400 for another content type", 415, sent=body(b"{ shop { id } }", "application/graphql"), code="BAD_REQUEST"),
    Row("no 413", 413, sent=body(b" " * 1_048_577), code="BAD_REQUEST"),
    Row("no 414", 414, "GET", sent={"params": {"query": QUERY["query"] + " " * 20_000}}, code="BAD_REQUEST"),
    Row("a stream for whoever would also take one", 200, accept=URQL, media=NEW),
    Row("a stream for whoever likes it less", 200, accept=f"{STREAM};q=0.5, {OLD};q=0.4", media=OLD),
    Row("variables that are a list accepted", 400, sent={"json": {**QUERY, "variables": []}}, code="BAD_REQUEST"),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_http_is_as_it_should_be(counted: Serving, key: str, row: Row) -> None:
    sent = {**row.sent, "headers": {"Accept": row.accept, **row.sent.get("headers", {})}}
    answer = heard(await Post(counted, key).http(row.method, row.path, **sent))
    assert answer.how == str(row.status)
    assert answer.headers.get("allow") == row.allow
    if row.media is not None:
        assert answer.headers["content-type"] == f"{row.media}; charset=utf-8"
    if row.code is None:
        assert answer.body == {"data": {"shop": {"currency": "GBP"}}}
    else:
        assert answer.codes == {row.code}
        assert "data" not in answer.body


async def test_errors_of_the_client_are_not_masked(counted: Serving, key: str) -> None:
    answer = await Post(counted, key).ask("{ shop { colour } }")
    assert answer.errors[0]["message"] == "Cannot query field 'colour' on type 'Shop'."
    assert answer.errors[0]["locations"] == [{"line": 1, "column": 10}]


async def test_a_null_payload_of_connection_init_is_none(counted: Serving, key: str) -> None:
    async with talking(counted.socket_url, additional_headers={"Authorization": f"Bearer {key}"}) as talk:
        await talk.say({"type": "connection_init", "payload": None})
        assert await talk.hear() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ([{"type": "ping"}], "A message must be a JSON object."),
        ({"id": 1, "type": "subscribe", "payload": QUERY}, "id: Must be a string"),
        ({"id": "1", "type": "subscribe", "payload": {**QUERY, "variables": []}}, "variables: Must be a JSON object."),
    ],
    ids=["a list", "a number as id", "a list as variables"],
)
async def test_a_message_of_another_form_closes_with_its_code(
    counted: Serving, key: str, message: Any, named: str
) -> None:
    async with talking(counted.socket_url) as talk:
        await talk.init(key)
        await talk.say(message)
        code, reason = await talk.ended()
        assert (code, reason[: len(named)]) == (4400, named)


async def test_the_page_for_browsers_loads_nothing_from_elsewhere(counted: Serving) -> None:
    async with httpx.AsyncClient(base_url=counted.url) as browser:
        page = await browser.get("/graphql", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "//" not in page.text
        assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
