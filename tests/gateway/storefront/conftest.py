"""A shop with products that shoppers may see and others that they may not, and a publishable key of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.conftest import Client

ORIGIN = "https://lamps.example"
LAMP: dict[str, Any] = {
    "name": "Desk lamp",
    "sku": "LAMP",
    "price": 49.5,
    "status": "active",
    "categories": ["lights"],
    "tags": ["new"],
    "images": ["https://images.example/lamp.jpg"],
    "metadata": {"material": "brass", "supplier": "Acme"},
    "variants": [
        {"sku": "LAMP-RED", "cost": 20, "attributes": {"color": "Red"}, "inventory": 7},
        {"sku": "LAMP-BLUE", "cost": 21, "attributes": {"color": "Blue"}},
    ],
}
HIDDEN: dict[str, Any] = {
    "name": "Desk prototype",
    "sku": "PROTO",
    "price": 99,
    "status": "draft",
    "categories": ["lights", "unreleased"],
    "tags": ["new", "secret"],
    "images": ["https://images.example/proto.jpg"],
    "variants": [{"sku": "PROTO-X", "inventory": 3}],
}
OLD: dict[str, Any] = {"name": "Desk candle", "sku": "CANDLE", "price": 5, "status": "archived", "categories": ["old"]}

Visit = Callable[..., Awaitable[httpx.Response]]
RunPublic = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Goods:
    """The products as their owner sees them."""

    lamp: Any
    hidden: Any
    old: Any


async def created(owner: Client, path: str, body: Any) -> Any:
    """What was created by a POST."""
    answer = await owner("POST", path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def goods(rest: Client) -> Goods:
    """An active product, a draft and an archived one."""
    lamp, hidden, old = [await created(rest, "/v2/products", each) for each in (LAMP, HIDDEN, OLD)]
    return Goods(lamp, hidden, old)


@pytest.fixture
async def publishable(rest: Client) -> Any:
    """The document of a publishable key, with its secret."""
    asked = {"name": "Shop page", "type": "publishable", "origins": [ORIGIN], "metadata_keys": ["material"]}
    return await created(rest, "/v2/access/keys", asked)


@pytest.fixture
def visit(http: httpx.AsyncClient, publishable: Any) -> Visit:
    """A request of the shop's page: ``await visit("GET", "/v2/products")``."""

    async def send(method: str, path: str, *, origin: str | None = ORIGIN, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {publishable['secret']}", **options.pop("headers", {})}
        if origin is not None:
            headers["Origin"] = origin
        return await http.request(method, path, headers=headers, **options)

    return send


@pytest.fixture
def run_public(rest: Client, visit: Visit) -> RunPublic:
    """Registers a document as public and runs it as the shop's page; answers its data."""

    async def run(text: str, **variables: Any) -> Any:
        document = await created(rest, "/v2/documents", {"text": text, "public": True})
        answer = await visit("POST", "/graphql", json={"documentId": document["id"], "variables": variables})
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    return run
