"""A test store that ships, and a client of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from domain.catalog import WeightUnit
from domain.catalog.commands import VariantInput, WeightInput
from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.shipping.ports import LABEL_REQUESTS, LiveCarriers
from gateway.adapters.karrio import KarrioCarriers
from gateway.carrier_labels import CarrierLabels
from tests.conftest import Client, MakeKey, MakeProduct, Shop
from tests.shipping.fake_carriers import CLIENT_ID, CLIENT_SECRET, FakeCarriers, fake_carriers

MakeOrder = Callable[..., Awaitable[dict[str, Any]]]
Ship = Callable[..., Awaitable[dict[str, Any]]]
NEW_YORK = {
    "first_name": "Ann",
    "company": "Main warehouse",
    "line1": "1 Broadway",
    "city": "New York",
    "state": "NY",
    "zip": "10001",
    "country": "US",
}
BEVERLY_HILLS = {
    "first_name": "Jane",
    "last_name": "Doe",
    "line1": "9 Rodeo Drive",
    "city": "Beverly Hills",
    "state": "CA",
    "zip": "90210",
    "country": "US",
}
PARCEL = {"weight": 2.5, "length": 12, "width": 8, "height": 6, "weight_unit": "lb", "dimension_unit": "in"}
SETTINGS = "/v2/settings/shipping"
ACCOUNT: dict[str, Any] = {"account_number": "740561073", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
BOTH = [{"carrier": "fedex", **ACCOUNT}, {"carrier": "ups", **ACCOUNT}]


def problems_of(response: httpx.Response) -> list[tuple[str, str]]:
    """The field and the code of each problem of a refused request."""
    return [(each["field"], each["code"]) for each in response.json()["error"]["details"]]


async def get(desk: Client, path: str) -> Any:
    """The body of a GET that succeeds."""
    answer = await desk("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(desk: Client, path: str, **given: Any) -> Any:
    """The body of a POST that succeeds."""
    answer = await desk("POST", path, json=given)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def stock_products(make_product: MakeProduct, principal: Principal, inventory: int = 100) -> None:
    """A mug of 15.00 that weighs 400 g, and a plate of 10.00 that weighs 600 g."""
    for sku, price, grams in (("MUG", 1500, 400), ("PLATE", 1000, 600)):
        weight = WeightInput(value=Decimal(grams), unit=WeightUnit.GRAM)
        variant = VariantInput(
            sku=sku, price=Money(price, principal.store.currency), inventory=inventory, weight=weight
        )
        await make_product(principal, sku=f"{sku}-P", variants=(variant,))


@pytest.fixture
async def desk(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """REST with a key of every scope of the test store, whose warehouse is in New York."""
    client = Client(http, await make_key(shop.test))
    (warehouse,) = (await get(client, "/v2/warehouses"))["data"]
    address = {name: NEW_YORK[name] for name in ("line1", "city", "state", "zip", "country")}
    answer = await client("PUT", f"/v2/warehouses/{warehouse['id']}", json=address)
    assert answer.status_code == 200, answer.text
    rates = {"exchange_rates": [{"currency": "USD", "rate": 0.8}]}
    answer = await client("PUT", "/v2/settings/shipping", json=rates)
    assert answer.status_code == 200, answer.text
    return client


@pytest.fixture
async def make_order(desk: Client, shop: Shop, make_product: MakeProduct) -> MakeOrder:
    """Makes orders of three mugs and two plates, 65.00 in all: ``await make_order()`` answers the document."""
    await stock_products(make_product, shop.test)

    async def make(**given: Any) -> dict[str, Any]:
        items = [{"sku": "MUG", "quantity": 3}, {"sku": "PLATE", "quantity": 2}]
        asked = {"items": items, "email": "jane@example.com", "shipping_address": BEVERLY_HILLS, **given}
        made: dict[str, Any] = await post(desk, "/v2/orders", **asked)
        return made

    return make


@pytest.fixture
def ship(desk: Client) -> Ship:
    """Creates shipments: ``await ship(order["id"], items=[…])`` answers the document."""

    async def create(order_id: str, **given: Any) -> dict[str, Any]:
        asked = {"order_id": order_id, "carrier": "fedex", "service": "ground", "packages": [PARCEL], **given}
        made: dict[str, Any] = await post(desk, "/v2/shipments", **asked)
        return made

    return create


@contextmanager
def frozen(database: Database, at: datetime) -> Iterator[None]:
    """It is this time."""
    usual = database.clock
    database.clock = lambda: at
    yield
    database.clock = usual


def provide_carriers(database: Database, live: LiveCarriers) -> None:
    """Let the gateway ask these carriers."""
    database.provide(live, kind=LiveCarriers)
    labels = CarrierLabels(database.dependency(Keyring), live)
    for request in LABEL_REQUESTS:
        database.provide(labels, kind=request)


@pytest.fixture
def fakes(database: Database) -> Iterator[FakeCarriers]:
    """The carriers of the gateway are these."""
    usual = database.dependency(LiveCarriers)
    with fake_carriers() as carriers:
        live = KarrioCarriers({"fedex": carriers.url, "ups": carriers.url}, threads=2)
        provide_carriers(database, live)
        yield carriers
        provide_carriers(database, usual)
        live.close()


async def contract(desk: Client, *accounts: Any) -> Any:
    """Set the accounts of the store; the settings."""
    answer = await desk("PUT", SETTINGS, json={"accounts": accounts})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def live_desk(
    fakes: FakeCarriers, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> Client:
    """REST with a key of every scope of the live store, which has contracts."""
    client = Client(http, await make_key(shop.live))
    await stock_products(make_product, shop.live)
    await contract(client, *BOTH)
    return client
