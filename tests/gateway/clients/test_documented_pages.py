"""The pages that the documentation shows, opened in a browser on origins of their own, with their keys put in."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.access import oauth
from tests.conftest import Shop
from tests.contract.documentation import ROOT, blocks
from tests.gateway.clients.conftest import Scenario
from tests.gateway.conftest import Serving
from tests.gateway.oauth.conftest import (  # noqa: F401 - fixtures
    PASSWORD,
    Account,
    MakeClient,
    make_client,
    make_user,
    user,
)

DOCS = ROOT / "docs"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def web_server(directory: Path) -> Generator[int]:
    """Serve a directory as `python3 -m http.server` does; answers the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=directory)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def page_of(name: str) -> str:
    """The page that a text of the documentation shows."""
    (block,) = [each.text for each in blocks(DOCS / name) if each.language == "html"]
    return block


def with_constants(page: str, **values: str) -> str:
    """A page with other values of its constants."""
    for name, value in values.items():
        page, count = re.subn(rf"^const {name} = '[^']*';$", f"const {name} = '{value}';", page, flags=re.MULTILINE)
        assert count == 1, name
    return page


@pytest.fixture
def own_origin(tmp_path: Path) -> Generator[str]:
    """The origin of a web server of this test's directory."""
    with web_server(tmp_path) as port:
        yield f"http://localhost:{port}"


async def test_the_shop_page(
    own_origin: str, tmp_path: Path, gateway: Serving, web: httpx.AsyncClient, scenario: Scenario, chromium: str
) -> None:
    """It lists, searches and follows prices live; on a page that the key does not list it shows nothing, and whoever
    takes the key cannot do anything else. The documents are those that the text shows."""
    page = page_of("publishable-keys.md")
    texts = [each.text for each in blocks(DOCS / "publishable-keys.md") if each.language == "graphql"]
    for text in texts:
        exact = f"{text.rstrip()}\n"
        assert hashlib.sha256(exact.encode()).hexdigest() in page, "the hash of the document"
        answer = await web.post("/v2/documents", json={"text": exact, "public": True})
        assert answer.status_code == 201, answer.text
    asked = {"name": "Shop page", "type": "publishable", "origins": [own_origin]}
    key = (await web.post("/v2/access/keys", json=asked)).json()["secret"]
    (tmp_path / "index.html").write_text(with_constants(page, GATEWAY=gateway.url, KEY=key))
    with web_server(tmp_path) as port:
        seen = await scenario(
            "shop_page.mjs",
            CHROMIUM=chromium,
            PAGE=f"{own_origin}/",
            STRANGE=f"http://localhost:{port}/",
            GATEWAY=gateway.url,
            KEY=key,
            SCREENSHOT=os.environ.get("SCREENSHOT", ""),
        )
    assert seen["listed"] == ["Coral mug £3.00", "Blue mug £2.00", "Amber mug £1.00"]
    assert seen["found"] == ["Coral mug £3.00"]
    assert "Amber mug £8.25" in seen["live"]
    assert seen["complaints"] == []
    assert (seen["strange"]["listed"], seen["strange"]["state"]) == ([], "")
    assert "CORS" in seen["strange"]["refused"]
    assert seen["thief"] == {
        "/v2/products": 200,
        "/v2/orders": 403,
        "/v2/customers": 403,
        "/v2/access/keys": 403,
        "/v2/inventory/levels": 403,
        "query": "DOCUMENT_NOT_TRUSTED",
        "mutation": "DOCUMENT_NOT_TRUSTED",
    }


async def test_the_single_page_application(
    own_origin: str,
    tmp_path: Path,
    gateway: Serving,
    web: httpx.AsyncClient,
    scenario: Scenario,
    chromium: str,
    user: Account,  # noqa: F811
    make_client: MakeClient,  # noqa: F811
    shop: Shop,
) -> None:
    """A user signs in by PKCE and sees orders; the code leaves the address; denying and a forged answer show none."""
    page = f"{own_origin}/"
    client = await make_client(type=oauth.ClientType.PUBLIC, redirect_uris=(page,), scopes=("orders:read",))
    (tmp_path / "index.html").write_text(
        with_constants(page_of("authentication.md"), GATEWAY=gateway.url, CLIENT=client.id)
    )
    order = await web.post(
        "/v2/products", json={"name": "Tea", "sku": "TEA", "price": 4, "variants": [{"sku": "TEA", "inventory": 9}]}
    )
    assert order.status_code == 201
    order = await web.post("/v2/orders", json={"items": [{"sku": "TEA", "quantity": 2}], "email": "a@example.com"})
    assert order.status_code == 201, order.text
    seen = await scenario(
        "single_page_app.mjs",
        CHROMIUM=chromium,
        PAGE=page,
        EMAIL=user.email,
        PASSWORD=PASSWORD,
        SCREENSHOT=os.environ.get("SCREENSHOT", ""),
    )
    assert "Order desk" in seen["signedIn"]
    assert seen["listed"] == [f"{order.json()['number']}: pending, 8.00 GBP"]
    assert seen["address"] == page
    assert seen["denied"]["listed"] == []
    assert seen["denied"]["state"]
    assert seen["forged"] == "This page has not requested the code."
    assert seen["complaints"] == []
