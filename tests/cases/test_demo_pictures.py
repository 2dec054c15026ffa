"""D18: the products of the demo have pictures, which the gateway serves beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from domain.kernel.database import Database
from gateway.app import build
from gateway.demo.load import load_pictures, load_products
from gateway.demo.pictures import picture, picture_url
from gateway.demo.rows import DemoImage, DemoProduct, demo_categories, demo_products
from gateway.settings import Settings
from tests.conftest import Client, Shop

BASE = "http://127.0.0.1:8000"
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "defs", "pattern", "g", "rect", "ellipse", "path", "text", "circle"}


def few(base: str | None = BASE) -> list[DemoProduct]:
    """Every thirtieth product, with its picture."""
    chosen = demo_products()[::30]
    if base is None:
        return chosen
    return [replace(product, images=(DemoImage(picture_url(base, product.sku), product.name),)) for product in chosen]


@pytest.fixture
async def served(settings: Settings, database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    """The gateway as ``gateway demo --serve`` runs it."""
    app = build(settings.model_copy(update={"demo_images": True}), database)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def shown(rest: Client) -> dict[str, list[str]]:
    """The addresses of the pictures of every product of the store, by SKU."""
    rows = (await rest("GET", "/v2/products?limit=200")).json()["data"]
    return {row["sku"]: [image["url"] for image in row["images"]] for row in rows}


async def test_d18_every_product_of_the_demo_has_a_picture_that_is_there(
    rest: Client, database: Database, shop: Shop, served: httpx.AsyncClient
) -> None:
    """Fails when ``demo_image_routes`` are left out of the application, or the images out of ``load_demo``'s
    products."""
    await load_products(database, shop.live, few(), demo_categories())
    urls = await shown(rest)
    assert len(urls) == len(few())
    for (url,) in urls.values():
        assert url.startswith(f"{BASE}/demo/images/")
        answer = await served.get(urlsplit(url).path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "max-age" in answer.headers["Cache-Control"]


async def test_d18_a_demo_from_before_gets_its_pictures_once_and_they_follow_the_gateway(
    rest: Client, database: Database, shop: Shop, statements: list[str]
) -> None:
    """Fails when ``load_pictures`` is taken out of the load."""
    await load_products(database, shop.live, few(None), demo_categories())
    assert set(map(len, (await shown(rest)).values())) == {0}
    own = await rest("POST", f"/v2/products/{await _first(rest)}/images", json={"url": "https://own.example/1.jpg"})
    assert own.is_success
    await load_pictures(database, shop.live, few(), BASE)
    urls = await shown(rest)
    assert set(map(len, urls.values())) == {1}
    assert sorted(url for (url,) in urls.values())[-1] == "https://own.example/1.jpg"  # it had one already
    before = (await rest("GET", "/v2/products?limit=200")).json()
    statements.clear()
    await load_pictures(database, shop.live, few(), BASE)
    assert len(statements) <= 3, statements  # again is quick
    assert (await rest("GET", "/v2/products?limit=200")).json() == before

    elsewhere = "http://[::1]:8001"
    await load_pictures(database, shop.live, few(elsewhere), elsewhere)
    moved = await shown(rest)
    assert {sku: [url.replace(elsewhere, BASE) for url in own] for sku, own in moved.items()} == urls
    assert sum(url.startswith(elsewhere) for (url,) in moved.values()) == len(few()) - 1


async def _first(rest: Client) -> str:
    return str((await rest("GET", "/v2/products?limit=1")).json()["data"][0]["id"])


def test_d18_every_picture_is_a_drawing_and_nothing_else() -> None:
    """No script, no address, no style: whatever a picture is opened with, it loads and runs nothing.

    Fails with a ``script`` in ``_drawn``.
    """
    products = demo_products()
    for product in products:
        drawn = picture(product.sku)
        assert drawn is not None
        assert len(drawn) < 4_000
        tree = ElementTree.fromstring(drawn)  # noqa: S314 - our own
        assert tree[0].text == product.name
        for element in tree.iter():
            assert element.tag.removeprefix(SVG) in DRAWN
            for name, value in element.attrib.items():
                assert "href" not in name
                assert not name.startswith("on")
                assert "url(" not in value or value == "url(#p)"
    assert len({picture(product.sku) for product in products}) == len(products)


@pytest.mark.parametrize("path", ["none.svg", "%3Cscript%3E.svg", "10002", "../../etc/passwd", "10002.svg/x", ""])
async def test_d18_what_is_no_product_of_the_demo_has_no_picture(served: httpx.AsyncClient, path: str) -> None:
    """Nothing of the address comes into an answer. Fails when ``picture`` draws unknown SKUs."""
    answer = await served.get(f"/demo/images/{path}")
    assert answer.status_code == (404 if path.endswith(".svg") else 401)  # an address of nothing asks for a key first
    assert "script" not in answer.text
    assert (await served.get("/demo/images/10002.svg")).status_code == 200
    assert (await served.post("/demo/images/10002.svg")).status_code == 405


async def test_d18_a_gateway_that_serves_no_demo_serves_no_pictures(http: httpx.AsyncClient) -> None:
    """The route is there with the setting alone: else it is an address of nothing, as any other.

    Fails without the setting.
    """
    answer = await http.get("/demo/images/10002.svg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/json")
