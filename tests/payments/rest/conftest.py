"""A test store that sells, and a client of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain import access
from domain.catalog.commands import VariantInput
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.outbound_execution import OutboundReconciler
from tests.conftest import Client, MakeKey, MakeProduct, Shop

MakeOrder = Callable[..., Awaitable[dict[str, Any]]]
Pay = Callable[..., Awaitable[dict[str, Any]]]
HOME = {"first_name": "Jane", "line1": "1 Home Road", "city": "Leeds", "zip": "LS1 1AA", "country": "GB"}
SUCCESS, DECLINED, NO_FUNDS, SECURE = (
    "4242 4242 4242 4242",
    "4000 0000 0000 0002",
    "4000 0000 0000 9995",
    "4000 0027 6000 3184",
)
"""The cards of the platform document."""
REFUND_PENDING, LOST_ANSWER = "4000 0000 0000 7726", "4000 0000 0000 0119"


def card(number: str, **given: Any) -> dict[str, Any]:
    """The details of a payment by card."""
    details = {"number": number, "exp_month": 12, "exp_year": 2099, "cvc": "123", **given}
    return {"payment_method_details": {"card": details}}


def problems_of(response: httpx.Response) -> list[tuple[str, str]]:
    """The field and the code of each problem of a refused request."""
    return [(each["field"], each["code"]) for each in response.json()["error"]["details"]]


@pytest.fixture
async def till(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """REST with a key of every scope of the test store, which pays with the sandbox."""
    return Client(http, await make_key(shop.test))


@pytest.fixture
async def make_order(till: Client, shop: Shop, make_product: MakeProduct) -> MakeOrder:
    """Makes orders of two mugs and a plate, 40.00 in all: ``await make_order()`` answers the document."""
    for sku, price in (("MUG", 1500), ("PLATE", 1000)):
        variants = (VariantInput(sku=sku, price=Money(price, "GBP"), inventory=100),)
        await make_product(shop.test, sku=f"{sku}-P", variants=variants)

    async def make(**given: Any) -> dict[str, Any]:
        items = [{"sku": "MUG", "quantity": 2}, {"sku": "PLATE", "quantity": 1}]
        answer = await till("POST", "/v2/orders", json={"items": items, "email": "jane@example.com", **given})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return make


@pytest.fixture
def pay(till: Client) -> Pay:
    """Creates payment intents: ``await pay(amount=4000, order_id=...)`` answers the document."""

    async def make(**given: Any) -> dict[str, Any]:
        answer = await till("POST", "/v2/payments/intents", json={"amount": 4000, **given})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return make


@pytest.fixture
def reconcile(database: Database) -> Callable[[], Awaitable[None]]:
    """Settles what no request settles, as the worker does, some minutes later."""
    reconciler = OutboundReconciler(
        database, access.stores_by_number, clock=lambda: system_clock() + timedelta(minutes=10)
    )

    async def run() -> None:
        while await reconciler.reconcile_due():
            pass

    return run
