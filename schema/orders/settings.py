"""How the store sells."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from domain import orders
from domain.kernel.sql.executor import Row
from domain.orders import model
from domain.orders.pricing import percentage
from resolvers.types import Id
from schema.fields import attribute, changed_row, computed
from schema.money import Money, money
from schema.payload import Payload

reads = orders.reads


def _shipping_methods(row: Row) -> list[model.ShippingMethod]:
    return [model.ShippingMethod(**method, currency=row.currency) for method in row.shipping_methods]


def _tax_rates(row: Row) -> list[model.TaxRate]:
    return [model.TaxRate(**rate) for rate in row.tax_rates]


def _percent(row: Row) -> Decimal:
    return percentage(row.rate)


@strawberry.type(description="A way to send orders.")
class ShippingMethod:
    """Describes the domain's own ShippingMethod."""

    code: str = attribute("What orders name.")
    name: str = attribute("What shoppers see.")
    price: Money = money("price", description="What it costs an order.")


@strawberry.type(description="The tax on orders that go to a place.")
class TaxRate:
    """Describes the domain's own TaxRate."""

    country: str = attribute("ISO 3166-1 alpha-2.")
    state: str | None = attribute("Only to this state; null: the whole country.")
    percent: Decimal = computed(_percent, columns=("rate",), description="So much of a hundred.")
    on_shipping: bool = attribute("Whether shipping is taxed too.")


@strawberry.type(description="How the store sells.")
class Settings:
    """A row of the settings."""

    id: Id = attribute("The store's id, whose settings they are; node(id:) finds the store by it.")
    shipping_methods: list[ShippingMethod] = computed(
        _shipping_methods,
        likely=3,
        columns=("shipping_methods", "currency"),
        description="How orders can be sent; 50 at most.",
    )
    tax_rates: list[TaxRate] = computed(
        _tax_rates, likely=3, columns=("tax_rates",), description="What orders are taxed; 1,000 at most."
    )
    version: int = attribute("Counts their changes, from 1.")
    updated_at: datetime = attribute("When they last changed.")


@strawberry.type(description="What updateSettings came to.")
class UpdateSettingsPayload(Payload):
    """An Outcome with settings."""

    settings: Settings | None = changed_row(
        reads.settings_by_store, key="id", description="The settings as they are now."
    )
