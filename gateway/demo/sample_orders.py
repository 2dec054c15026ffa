"""The orders of the sample shop: invented, of its own products and customers, and dated back from when it is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from domain import customers, orders
from domain.customers.commands import CreateCustomer
from domain.kernel.address import ADDRESS_FIELDS, AddressInput
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from domain.orders import OrderStatus, PastLine, PastOrder
from gateway.demo.people import sample_customers
from gateway.demo.sample_shipments import load_past_shipments, shipped_orders

_AFTER = {
    OrderStatus.PROCESSING: timedelta(hours=2),
    OrderStatus.SHIPPED: timedelta(hours=26),
    OrderStatus.DELIVERED: timedelta(hours=90),
}
"""The time of each step of an order, after its creation."""


async def load_sample_orders(database: Database, principal: Principal) -> list[orders.Order]:
    """Load the orders of the sample into a store with its products and customers, oldest first. Returns them.

    Prices are those of the store. Raises ValidationFailed if one of the products is missing.
    """
    people = {command.email: command for command in sample_customers()}
    async with database.read_connection(principal.store) as reader:
        rows = await customers.reads.customer_by_email.for_keys(reader, [customers.email_key(mail) for mail in people])
    ids = {mail: row.id for mail, row in zip(people, rows, strict=True) if row is not None}
    entries = json.loads(files(__package__).joinpath("sample_orders.json").read_text(encoding="utf-8"))
    async with database.transaction(principal, channel="import") as work:
        past = [_order(entry, work.now, people, ids) for entry in entries]
        placed = await orders.import_orders(work, principal, past)
        await load_past_shipments(work, shipped_orders(placed, past))
    return placed


def _order(
    entry: Mapping[str, Any], now: datetime, people: Mapping[str, CreateCustomer], ids: Mapping[str, str]
) -> PastOrder:
    made, email = now - timedelta(hours=entry["hours_ago"]), entry["email"]
    return PastOrder(
        created_at=made,
        lines=tuple(PastLine(sku, quantity) for sku, quantity in entry["items"].items()),
        steps=_steps(OrderStatus(entry["status"]), made),
        customer_id=ids.get(email),
        email=email,
        address=_address(people.get(email)),
        cancel_reason="customer_request" if entry["status"] == OrderStatus.CANCELLED else None,
    )


def _steps(status: OrderStatus, made: datetime) -> tuple[tuple[OrderStatus, datetime], ...]:
    """The steps to a status: directly to a cancellation, otherwise through all earlier statuses."""
    if status is OrderStatus.CANCELLED:
        return ((status, made + timedelta(hours=1)),)
    way = list(_AFTER)
    reached = way.index(status) + 1 if status in _AFTER else 0
    return tuple((step, made + _AFTER[step]) for step in way[:reached])


def _address(buyer: CreateCustomer | None) -> AddressInput | None:
    if buyer is None or not buyer.addresses:
        return None
    return AddressInput(**{name: getattr(buyer.addresses[0], name) for name in ADDRESS_FIELDS})
