"""How a store sells, as REST writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

import orjson

from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant
from domain.kernel.sql.executor import Row
from domain.orders.pricing import percentage
from domain.orders.serializers.orders import CREATED, CURRENCY, UPDATED, VERSION


class ShippingMethodDocument(TypedDict):
    """A way to send orders."""

    code: Annotated[str, FieldDoc(description="What orders name.", example="standard")]
    name: Annotated[str, FieldDoc(description="What shoppers see.", example="Standard delivery")]
    price: Annotated[DecimalJson, FieldDoc(description="What it costs an order.", example=4.95)]


class TaxRateDocument(TypedDict):
    """The tax on orders that go to a place."""

    country: Annotated[str, FieldDoc(description="ISO 3166-1 alpha-2.", example="GB")]
    state: Annotated[str | None, FieldDoc(description="Only to this state; null: the whole country.", example=None)]
    percent: Annotated[DecimalJson, FieldDoc(description="So much of a hundred.", example=20)]
    on_shipping: Annotated[bool, FieldDoc(description="Whether shipping is taxed too.", example=True)]


class SettingsDocument(TypedDict):
    """How the store sells."""

    currency: Annotated[str, CURRENCY]
    shipping_methods: Annotated[list[ShippingMethodDocument], FieldDoc(description="How orders can be sent.")]
    tax_rates: Annotated[list[TaxRateDocument], FieldDoc(description="What orders are taxed.")]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


def serialize_settings(row: Row) -> SettingsDocument:
    """The store's settings as REST writes them."""
    return {
        "currency": row.currency.lower(),
        "shipping_methods": [
            {"code": method["code"], "name": method["name"], "price": format_amount(method["price"], row.currency)}
            for method in row.shipping_methods
        ],
        "tax_rates": [_tax_rate(rate) for rate in row.tax_rates],
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }


def _tax_rate(rate: Mapping[str, Any]) -> TaxRateDocument:
    return {
        "country": rate["country"],
        "state": rate["state"],
        "percent": orjson.Fragment(f"{percentage(rate['rate']):f}".encode()),
        "on_shipping": rate["on_shipping"],
    }
