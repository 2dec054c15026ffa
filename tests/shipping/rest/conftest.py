"""Orders that are delivered, and what comes back of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.conftest import Client
from tests.shipping.conftest import MakeOrder, Ship, get, post

Send = Callable[..., Awaitable[dict[str, Any]]]


def paid_with(card: str) -> dict[str, Any]:
    """The payment method of a card of the sandbox."""
    return {"card": {"number": card, "exp_month": 12, "exp_year": 2099, "cvc": "123"}}


@pytest.fixture
def delivered(desk: Client, make_order: MakeOrder, ship: Ship) -> Send:
    """An order that is paid, with a discount and tax, and delivered: ``await delivered()`` answers the document."""

    async def make(card: str = "4242424242424242", **given: Any) -> dict[str, Any]:
        await desk("PUT", "/v2/settings", json={"tax_rates": [{"country": "US", "percent": 20}]})
        order = await make_order(discount={"percent": 10}, **given)
        charge = {
            "amount": round(order["total"] * 100),
            "order_id": order["id"],
            "payment_method_details": paid_with(card),
        }
        intent = await post(desk, "/v2/payments/intents", **charge)
        await post(desk, f"/v2/payments/{intent['id']}/capture")
        shipment = await ship(order["id"])
        await post(desk, f"/v2/shipments/{shipment['id']}/advance", status="delivered")
        found: dict[str, Any] = await get(desk, f"/v2/orders/{order['id']}")
        assert (found["status"], found["payment_status"]) == ("delivered", "paid")
        return found

    return make


def line(order: dict[str, Any], sku: str = "MUG", quantity: int = 1, **given: Any) -> dict[str, Any]:
    """A line that comes back."""
    (id,) = [item["id"] for item in order["items"] if item["sku"] == sku]
    return {"id": id, "quantity": quantity, "reason": "damaged", **given}


async def on_hand(desk: Client, sku: str) -> int:
    """What the store has."""
    found: int = (await get(desk, f"/v2/inventory/{sku}"))["total_on_hand"]
    return found
