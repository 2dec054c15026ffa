"""Pages of other origins: who may call from a browser, and read what. ``hostile/test_cross_site.py`` tries the rest."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import httpx
import pytest

from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from gateway.app import build
from gateway.settings import Settings, SettingsError, load_settings
from tests.conftest import Client

OURS = "https://shop.example"
THEIRS = "https://evil.example"
NOBODY = "https://nobody.example"
"""An origin that no publishable key and no OAuth client of any test has listed."""


@pytest.fixture
async def listed(settings: Settings, database: Database, log: EventLog) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a gateway that lists one origin."""
    open_to_us = settings.model_copy(update={"cors_origins": (OURS,)})
    async with _client(open_to_us, database) as client:
        yield client


def _client(settings: Settings, database: Database) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build(settings, database), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


def _preflight(method: str, *headers: str, origin: str = OURS) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(header.lower() for header in headers),
    }


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/graphql", ["Authorization", "Content-Type", "Idempotency-Key"]),
        ("GET", "/graphql", ["Authorization", "Apollo-Require-Preflight"]),
        ("POST", "/graphql/stream", ["Authorization", "Content-Type", "Last-Event-ID", "Cache-Control"]),
        ("GET", "/v2/products", ["Authorization", "If-None-Match"]),
        ("PUT", "/v2/products/prod_1", ["Authorization", "Content-Type", "If-Match", "Idempotency-Key"]),
        ("DELETE", "/v2/products/prod_1", ["Authorization", "Traceparent"]),
    ],
)
async def test_a_listed_origin_may_ask_everything(
    listed: httpx.AsyncClient, method: str, path: str, headers: list[str]
) -> None:
    answer = await listed.options(path, headers=_preflight(method, *headers))
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = {header.lower() for header in answer.headers["Access-Control-Allow-Headers"].split(", ")}
    assert {header.lower() for header in headers} <= allowed
    assert answer.headers["Access-Control-Max-Age"] == "7200"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    assert "X-Request-Id" in answer.headers


@pytest.mark.parametrize(
    ("origin", "method", "header"),
    [
        (THEIRS, "POST", "Content-Type"),
        ("https://shop.example.evil.example", "POST", "Content-Type"),
        ("http://shop.example", "POST", "Content-Type"),
        ("https://shop.example:8443", "POST", "Content-Type"),
        ("null", "POST", "Content-Type"),
        (OURS, "TRACE", "Content-Type"),
        (OURS, "POST", "X Anything"),
    ],
)
async def test_other_origins_methods_and_headers_are_refused(
    listed: httpx.AsyncClient, origin: str, method: str, header: str
) -> None:
    answer = await listed.options("/graphql", headers=_preflight(method, header, origin=origin))
    assert answer.status_code == 400
    assert answer.headers.get("Access-Control-Allow-Origin") == (OURS if origin == OURS else None)


async def test_a_listed_origin_reads_answers_and_refusals_with_their_headers(
    listed: httpx.AsyncClient, rest: Client
) -> None:
    key = {"Authorization": f"Bearer {rest.key}"}
    for headers, status in ((key, 200), ({}, 401)):
        answer = await listed.get("/v2/products", headers={"Origin": OURS, **headers})
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == OURS
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert {"ETag", "Location", "X-Request-Id", "Retry-After", "Idempotent-Replayed"} <= exposed
        assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= exposed


async def test_caches_are_told_that_the_answer_depends_on_the_origin(listed: httpx.AsyncClient) -> None:
    for headers in ({}, {"Origin": OURS}, {"Origin": THEIRS}):
        answer = await listed.get("/v2/openapi.json", headers=headers)
        assert "Origin" in answer.headers["Vary"]
        assert answer.headers.get("Access-Control-Allow-Origin") == (OURS if headers.get("Origin") == OURS else None)


async def test_without_a_list_no_origin_is_allowed(http: httpx.AsyncClient) -> None:
    answer = await http.options("/graphql", headers=_preflight("POST", "Content-Type", origin=NOBODY))
    assert answer.status_code == 400
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer = await http.get("/v2/openapi.json", headers={"Origin": NOBODY})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_star_opens_the_gateway_to_every_origin_without_credentials(
    settings: Settings, database: Database
) -> None:
    async with _client(settings.model_copy(update={"cors_origins": ("*",)}), database) as client:
        for answer in (
            await client.options("/graphql", headers=_preflight("POST", "Authorization", origin=THEIRS)),
            await client.get("/v2/openapi.json", headers={"Origin": THEIRS}),
        ):
            assert answer.status_code == 200
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "value", ["shop.example", "https://shop.example/", "https://a.b,ftp://c", "https://müller.example", "null"]
)
def test_what_is_no_origin_is_refused_at_start(value: str) -> None:
    with pytest.raises(ValueError, match="is not an origin"):
        Settings(cors_origins=value)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("https://*.example", "list every origin in full"),
        ("http://localhost:*", "list every origin in full"),
        ("https://shop.example,**", "list every origin in full"),
        ("https://shop.example:443", "browsers omit :443"),
        ("http://shop.example:80", "browsers omit :80"),
    ],
)
def test_what_no_browser_ever_sends_is_refused_at_start(value: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"would match nothing: {why}"):
        Settings(cors_origins=value)


def test_a_wrong_origin_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_CORS_ORIGINS", "https://*.example")
    with pytest.raises(SettingsError, match=r"GATEWAY_CORS_ORIGINS: .*'https://\*\.example' would match nothing"):
        load_settings()


@pytest.mark.parametrize("value", ["http://127.0.0.1:3000", "http://[::1]:8000", "https://shop.example:80"])
def test_ports_and_addresses_are_origins_too(value: str) -> None:
    assert Settings(cors_origins=value).cors_origins == (value,)


def test_the_list_is_read_from_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_CORS_ORIGINS", "https://Shop.example, http://localhost:3000")
    assert Settings().cors_origins == ("https://shop.example", "http://localhost:3000")


async def test_a_key_is_taken_from_the_header_alone(rest: Client) -> None:
    for options in (
        {"params": {"access_token": rest.key, "query": "{ shop { currency } }"}},
        {"params": {"query": "{ shop { currency } }"}, "cookies": {"Authorization": f"Bearer {rest.key}"}},
        {"params": {"query": "{ shop { currency } }"}, "headers": {"Authorization": f"Basic {rest.key}"}},
    ):
        request = rest.http.build_request("GET", "/graphql", **options)  # type: ignore[arg-type]
        assert (await rest.http.send(request)).status_code == 401
