"""GraphiQL: who is shown it, with which headers, and that everything it needs is the gateway's own."""

from __future__ import annotations

import re

import httpx
import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from domain.events import EventType
from gateway.web.graphiql import FOLDER
from gateway.web.pages import PAGE_HEADERS
from tests.conftest import Client

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
EXAMPLES = sorted((FOLDER.parent / "source" / "examples").glob("*.graphql"))
SCHEMA = FOLDER.parents[2] / "schema" / "schema.graphql"
QUERY = "{ shop { currency } }"


async def page(http: httpx.AsyncClient) -> httpx.Response:
    return await http.get("/graphql", headers={"Accept": BROWSER})


async def test_a_browser_is_shown_a_page_without_a_key(http: httpx.AsyncClient) -> None:
    answer = await page(http)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<div id="page">' in answer.text
    assert "X-Request-Id" in answer.headers


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML;q=0.2", True),
        ("application/json;q=0.5, text/html", True),
        ("text/html, application/json", True),
        ("application/json, text/html", False),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0, */*", False),
        ("application/graphql-response+json, text/html;q=0.9", False),
        ("*/*", False),
        ("", False),
    ],
)
async def test_accept_decides_between_page_and_api(http: httpx.AsyncClient, accept: str, is_page: bool) -> None:
    answer = await http.get("/graphql", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("text/html") == is_page
    assert answer.status_code == (200 if is_page else 401)


async def test_a_query_is_answered_as_ever_though_a_browser_asks(rest: Client) -> None:
    answer = await rest("GET", "/graphql", params={"query": QUERY}, headers={"Accept": BROWSER})
    assert answer.json() == {"data": {"shop": {"currency": "GBP"}}}
    answer = await rest("POST", "/graphql", json={"query": QUERY}, headers={"Accept": BROWSER})
    assert answer.json() == {"data": {"shop": {"currency": "GBP"}}}


async def test_the_page_lets_nothing_in_and_nothing_out(http: httpx.AsyncClient) -> None:
    answer = await page(http)
    for name, value in {**PAGE_HEADERS, "Vary": "Accept, Accept-Encoding, Origin"}.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.findall(r'nonce="([^"]{20,})"', answer.text)
    assert re.findall(r"'nonce-([^']+)'", policy) == nonce
    assert nonce != re.findall(r'nonce="([^"]+)"', (await page(http)).text)
    assert "unsafe" not in policy
    assert "http" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'"} <= set(policy.split("; "))
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:|//", answer.text)


async def test_assets_are_typed_kept_for_good_and_asked_for_again_cheaply(http: httpx.AsyncClient) -> None:
    found = re.findall(r'(?:src|href)="(graphql/assets/[^"]+)"', (await page(http)).text)
    assert [address.rpartition("/")[2] for address in found] == ["page.css", "page.js"]
    for address, kind in zip(found, ("text/css", "text/javascript"), strict=True):
        answer = await http.get(f"/{address}", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["ETag"].startswith('W/"')
        again = await http.get(f"/{address}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "{folder}/nothing.js", 404),
        ("GET", "{folder}/../../../settings.py", 401),
        ("GET", "{folder}/%2e%2e/%2e%2e/settings.py", 404),
        ("GET", "{folder}/", 404),
        ("GET", "/graphql/assets/0123456789abcdef/page.js", 401),
        ("POST", "{folder}/page.js", 405),
    ],
)
async def test_nothing_else_is_served_there(
    http: httpx.AsyncClient, rest: Client, method: str, path: str, status: int
) -> None:
    """Outside of the folder an address is like any other that is unknown: 401 to whoever has no key, to others 404."""
    folder = re.findall(r'src="(graphql/assets/[^"]+)/page.js"', (await page(http)).text)[0]
    path = path.replace("{folder}", f"/{folder}")
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers.get("Allow") == ("GET, HEAD" if status == 405 else None)
    assert (await rest(method, path)).status_code == (405 if status == 405 else 404)


def test_no_asset_names_another_host_to_load_from() -> None:
    style = (FOLDER / "page.css").read_text()
    assert not re.findall(r"@import|url\((?!['\"]?(?:data:|#))", style)
    script = (FOLDER / "page.js").read_text()
    assert not re.findall(r"cdn\.|unpkg|esm\.sh|fonts\.g|sourceMappingURL", script)


def test_every_package_in_the_bundle_has_its_licence() -> None:
    text = (FOLDER / "LICENSES.txt").read_text()
    titles = re.findall(r"^={80}\n(\S+ \S+ \(.+\))\n={80}\n(?=\S)", text, re.MULTILINE)
    for package in ("graphiql", "graphql", "react", "react-dom", "codemirror"):
        assert any(title.startswith(f"{package} ") for title in titles)
    licences = {re.sub(r".*\((.+)\)", r"\1", title) for title in titles}
    assert licences == {"MIT", "Apache-2.0", "BSD-2-Clause", "0BSD"}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_ready_query_is_valid_and_in_the_page(file: object) -> None:
    text = file.read_text()  # type: ignore[attr-defined]
    document = parse(text)
    assert validate(build_schema(SCHEMA.read_text()), document) == []
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert operation.name.value in (FOLDER / "page.js").read_text()


async def test_the_events_page_is_as_closed_as_the_other_and_names_every_type(http: httpx.AsyncClient) -> None:
    answer = await http.get("/events")
    assert answer.status_code == 200
    for name, value in PAGE_HEADERS.items():
        assert answer.headers[name].startswith(value)  # Vary is told more, where it is compressed
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert f'data-types="{" ".join(EventType)}"' in answer.text
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:|//", answer.text)
    for address in re.findall(r'(?:src|href)="(events/assets/[^"]+)"', answer.text):
        assert (await http.get(f"/{address}")).headers["Cache-Control"] == "public, max-age=31536000, immutable"
