"""The settings of the store: shipping methods and taxes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from domain import orders
from domain.kernel.sql.executor import Row
from domain.orders.model import settings
from domain.orders.pricing import percentage
from resolvers.types import Id
from schema.fields import attribute, computed
from schema.money import Money, money
from schema.mutation_fields import changed_row
from schema.payload import Payload

reads = orders.reads


def _shipping_methods(row: Row) -> list[settings.ShippingMethod]:
    return [settings.ShippingMethod(**method, currency=row.currency) for method in row.shipping_methods]


def _tax_rates(row: Row) -> list[settings.TaxRate]:
    return [settings.TaxRate(**rate) for rate in row.tax_rates]


def _percent(row: Row) -> Decimal:
    return percentage(row.rate)


@strawberry.type(description="A shipping method.")
class ShippingMethod:
    """Describes the domain's own ShippingMethod."""

    code: str = attribute("The code that orders refer to.")
    name: str = attribute("The name shown to shoppers.")
    price: Money = money("price", description="The shipping cost before tax.")


@strawberry.type(description="The tax rate of a country or state.")
class TaxRate:
    """Describes the domain's own TaxRate."""

    country: str = attribute("The country, as an ISO 3166-1 alpha-2 code.")
    state: str | None = attribute("The state. Null if the rate applies to the whole country.")
    percent: Decimal = computed(_percent, columns=("rate",), description="The tax rate in percent.")
    on_shipping: bool = attribute("Whether the rate applies to shipping as well.")


@strawberry.type(description="The settings of the store: shipping methods and taxes.")
class Settings:
    """Describes a row of the settings."""

    id: Id = attribute("The id of the store. `node(id:)` returns the store.")
    shipping_methods: list[ShippingMethod] = computed(
        _shipping_methods,
        likely=3,
        columns=("shipping_methods", "currency"),
        description="The shipping methods. At most 50.",
    )
    tax_rates: list[TaxRate] = computed(
        _tax_rates, likely=3, columns=("tax_rates",), description="The tax rates. At most 1,000."
    )
    version: int = attribute("The version, starting at 1. Increases with every change.")
    updated_at: datetime = attribute("When the object was last changed.")


@strawberry.type(description="Result of `updateSettings`.")
class UpdateSettingsPayload(Payload):
    """The changed settings, or the reasons why nothing was changed."""

    settings: Settings | None = changed_row(
        reads.settings_by_store, key="id", description="The settings after the change."
    )
