"""The JSON document of the store settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

import orjson

from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant
from domain.kernel.sql.executor import Row
from domain.orders.pricing import percentage
from domain.orders.serializers.orders import CREATED, CURRENCY, UPDATED, VERSION


class ShippingMethodDocument(TypedDict):
    """A shipping method."""

    code: Annotated[str, FieldDoc(description="The code that orders refer to.", example="standard")]
    name: Annotated[str, FieldDoc(description="The name shown to shoppers.", example="Standard delivery")]
    price: Annotated[DecimalJson, FieldDoc(description="The shipping cost before tax.", example=4.95)]


class TaxRateDocument(TypedDict):
    """The tax rate of a country or state."""

    country: Annotated[str, FieldDoc(description="The country, as an ISO 3166-1 alpha-2 code.", example="GB")]
    state: Annotated[
        str | None, FieldDoc(description="The state. Null if the rate applies to the whole country.", example=None)
    ]
    percent: Annotated[DecimalJson, FieldDoc(description="The tax rate in percent.", example=20)]
    on_shipping: Annotated[bool, FieldDoc(description="Whether the rate applies to shipping as well.", example=True)]


class SettingsDocument(TypedDict):
    """The settings of the store: shipping methods and taxes."""

    currency: Annotated[str, CURRENCY]
    shipping_methods: Annotated[list[ShippingMethodDocument], FieldDoc(description="The shipping methods. At most 50.")]
    tax_rates: Annotated[list[TaxRateDocument], FieldDoc(description="The tax rates. At most 1,000.")]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


def serialize_settings(row: Row) -> SettingsDocument:
    """Build the REST document of the store settings."""
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
