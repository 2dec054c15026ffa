"""Answers are made smaller where the client takes gzip and there is something to gain."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.web import Compression
from tests.conftest import Ask, Client, MakeProduct

GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
LONG = "{ __schema { types { name description fields { name description } } } }"


async def raw(client: Client, method: str, path: str, **options: Any) -> tuple[httpx.Response, bytes]:
    """The answer, and its bytes as they came over the wire."""
    headers = {"Authorization": f"Bearer {client.key}", **options.pop("headers")}
    async with client.http.stream(method, path, headers=headers, **options) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


async def test_a_long_answer_is_compressed_and_says_so(rest: Client) -> None:
    body = {"query": LONG}
    answer, squeezed = await raw(rest, "POST", "/graphql", json=body, headers=GZIP)
    plain, whole = await raw(rest, "POST", "/graphql", json=body, headers=PLAIN)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Length"] == str(len(squeezed))
    assert gzip.decompress(squeezed) == whole
    assert len(squeezed) < len(whole) / 3
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Content-Length"] == str(len(whole))
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("headers", [GZIP, PLAIN])
async def test_caches_are_told_what_an_answer_depends_on(rest: Client, headers: dict[str, str]) -> None:
    answer, _ = await raw(rest, "GET", "/v2/openapi.json", headers=headers)
    assert "Accept-Encoding" in answer.headers["Vary"]


async def test_a_short_answer_is_left_alone(ask: Ask) -> None:
    answer = await ask("{ shop { currency } }", headers=GZIP)
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("br;q=1, GZIP;q=0.5", "br"),
        ("br;q=0.4, zstd;q=0.1, gzip;q=0.5", "gzip"),
        ("zstd;q=0, br", "br"),
        ("*", "gzip"),
        ("gzip;q=0, *", None),
        ("*;q=0", None),
        ("x-gzip", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=2", None),
        ("gzip;q=0", None),
        ("gzip;q=0, identity", None),
        ("xgzip", None),
        ("", None),
    ],
)
async def test_the_client_decides(ask: Ask, accepted: str, coding: str | None) -> None:
    answer = await ask(LONG, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.json()["data"]["__schema"]["types"]


async def test_the_tag_of_a_compressed_document_is_weak_and_works(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product(description="long " * 1_000)
    path = f"/v2/products/{product.id}"
    tag = (await rest("GET", path, headers=GZIP)).headers["ETag"]
    strong = (await rest("GET", path, headers=PLAIN)).headers["ETag"]
    assert tag == f"W/{strong}"
    for known in (tag, strong):
        unchanged = await rest("GET", path, headers={**GZIP, "If-None-Match": known})
        assert unchanged.status_code == 304
        assert not unchanged.content
    written = await rest("PUT", path, json={"name": "New"}, headers={**GZIP, "If-Match": tag})
    assert written.status_code == 200
    stale = await rest("PUT", path, json={"name": "Newer"}, headers={**GZIP, "If-Match": tag})
    assert stale.status_code == 409


async def test_streams_of_events_are_never_compressed() -> None:
    async def events() -> Any:
        for _ in range(3):
            yield b"data: " + b"x" * 2_000 + b"\n\n"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(events(), media_type="text/event-stream")(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(Compression(app)), base_url="http://x") as client:
        answer = await client.get("/", headers=GZIP)
    assert "Content-Encoding" not in answer.headers
    assert len(answer.content) == 3 * 2_008
