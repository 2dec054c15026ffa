"""What a page can make its user's browser send here: for each kind of page and request, whether it gets through.

A page of ours is any (the gateway's own, or of an origin in ``GATEWAY_CORS_ORIGINS``); all others are strangers. A
stranger's script may send *simple* requests without asking: it never reads the answer, so what counts is that nothing
happens. It may open a WebSocket to anywhere: so the handshake asks whose page it is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from domain.kernel.database import Database, DatabaseOptions
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from tests.gateway.conftest import Serving, serving, talking

LISTED, STRANGER, OPAQUE = "https://shop.example", "https://evil.example", "null"
ORIGINS = (LISTED, STRANGER, OPAQUE, "http://shop.example", "https://shop.example.evil.example")
READ = "{ shop { id } }"
CREATE = 'mutation { createProduct(input: {name: "X", sku: "CSRF-1", price: {amount: "1"}}) { product { id } } }'
SIMPLE_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None)
"""Content types of POST that no browser asks about first; None: of a Blob without a type."""
PRODUCT = {"name": "X", "sku": "CSRF-1", "price": 1}


@dataclass(frozen=True, slots=True)
class Row:
    """A request that a script or a form may send without a preflight."""

    method: str
    path: str
    body: Any = None
    content_type: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]} {self.content_type or ''}"


SIMPLE = [
    *(Row(method, f"/graphql?query={READ}") for method in ("GET", "HEAD")),
    *(Row("GET", f"{path}?query={query}") for path in ("/graphql", "/graphql/stream") for query in (READ, CREATE)),
    *(Row("POST", path, {"query": CREATE}, kind) for path in ("/graphql", "/graphql/stream") for kind in SIMPLE_TYPES),
    *(Row("POST", f"{path}?query={CREATE}") for path in ("/graphql", "/graphql/stream")),
    *(Row("POST", "/v2/products", PRODUCT, kind) for kind in SIMPLE_TYPES),
    Row("GET", "/v2/products"),
    Row("GET", "/v2/access/keys"),
    Row("GET", "/v2/events/stream"),
]
PREFLIGHTS = [
    ("POST", "/graphql", "content-type"),
    ("POST", "/graphql", "authorization,content-type"),
    ("GET", "/graphql", "authorization"),
    ("POST", "/graphql/stream", "authorization,content-type"),
    ("GET", "/graphql/stream", "authorization,last-event-id"),
    ("POST", "/v2/products", "authorization,content-type,idempotency-key"),
    ("PUT", "/v2/products/x", "authorization,content-type,if-match"),
    ("DELETE", "/v2/products/x", "authorization"),
]


@pytest.fixture(scope="module")
async def shop_window(database_url: str, settings: Settings) -> AsyncGenerator[Serving]:
    """A gateway that lists one origin."""
    database = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS))
    listing = settings.model_copy(update={"cors_origins": (LISTED,)})
    async with serving(build(listing, database, sends_webhooks=False)) as running:
        yield running


@pytest.fixture
async def browser(shop_window: Serving) -> AsyncGenerator[httpx.AsyncClient]:
    """Adds what a browser adds by itself, a cookie of every name a server may look for included."""
    cookies = dict.fromkeys(("session", "sessionid", "token", "Authorization", "csrftoken"), "whatever")
    async with httpx.AsyncClient(base_url=shop_window.url, cookies=cookies) as client:
        yield client


def from_page(origin: str, **headers: str) -> dict[str, str]:
    return {"Origin": origin, "Referer": f"{origin}/page", "Sec-Fetch-Site": "cross-site", **headers}


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("row", SIMPLE, ids=str)
async def test_no_page_does_anything_without_a_key(
    browser: httpx.AsyncClient, key: str, row: Row, origin: str, events: Any
) -> None:
    typed = {"Content-Type": row.content_type} if row.content_type else {}
    content = None if row.body is None else orjson.dumps(row.body)
    answer = await browser.request(row.method, row.path, content=content, headers=from_page(origin, **typed))
    assert answer.status_code == (405 if row.method == "HEAD" else 401)
    assert answer.headers.get("access-control-allow-origin") == (LISTED if origin == LISTED else None)
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers
    assert await events() == []


@pytest.mark.parametrize("row", [row for row in SIMPLE if row.method == "POST"], ids=str)
async def test_no_form_changes_anything_even_with_a_key(
    browser: httpx.AsyncClient, key: str, row: Row, events: Any
) -> None:
    """What a browser sends unasked is no request of ours, so not even a proxy that added keys would open the door."""
    typed = {"Content-Type": row.content_type} if row.content_type else {}
    content = None if row.body is None else orjson.dumps(row.body)
    headers = from_page(STRANGER, Authorization=f"Bearer {key}", Accept="*/*", **typed)
    answer = await browser.request(row.method, row.path, content=content, headers=headers)
    assert answer.status_code == (400 if row.body is None else 415)
    assert await events() == []


@pytest.mark.parametrize("path", ["/graphql", "/graphql/stream"])
async def test_nothing_is_changed_by_get_even_with_a_key(
    browser: httpx.AsyncClient, key: str, path: str, events: Any
) -> None:
    headers = from_page(STRANGER, Authorization=f"Bearer {key}", Accept="*/*")
    answer = await browser.get(path, params={"query": CREATE}, headers=headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await events() == []


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(("method", "path", "headers"), PREFLIGHTS, ids=str)
async def test_only_a_listed_page_may_send_more(
    browser: httpx.AsyncClient, method: str, path: str, headers: str, origin: str
) -> None:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    answer = await browser.options(path, headers=from_page(origin, **asked))
    assert answer.status_code == (200 if origin == LISTED else 400)
    assert answer.headers.get("access-control-allow-origin") == (LISTED if origin == LISTED else None)
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [None, "own", *ORIGINS])
async def test_only_our_pages_open_a_socket(shop_window: Serving, key: str, origin: str | None) -> None:
    own = shop_window.url if origin == "own" else origin
    credentials = {"Authorization": f"Bearer {key}"}
    cookies = {"Cookie": "token=whatever; Authorization=Bearer whatever"}
    if origin in (None, "own", LISTED):
        async with talking(shop_window.socket_url, origin=own, additional_headers=cookies) as talk:
            await talk.say({"type": "connection_init"})
            assert (await talk.ended())[0] == 4403  # a page without a key does nothing
        async with talking(shop_window.socket_url, origin=own) as talk:
            await talk.init(key)
    else:
        with pytest.raises(InvalidStatus) as refused:
            async with talking(shop_window.socket_url, origin=own, additional_headers=credentials):
                pass
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", ORIGINS)
async def test_no_page_shows_ours_in_a_frame_or_runs_anything_in_it(browser: httpx.AsyncClient, origin: str) -> None:
    page = await browser.get("/graphql", headers=from_page(origin, Accept="text/html", **{"Sec-Fetch-Dest": "iframe"}))
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'", "base-uri 'none'"} <= set(policy)
    assert not [each for each in policy if "unsafe" in each or "http" in each or "*" in each]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "set-cookie" not in page.headers
