"""Rates of carriers."""

from __future__ import annotations

import strawberry

from schema.fields import attribute
from schema.money import Money, money


@strawberry.type(description="The price of all packages by one service of a carrier.")
class ShippingRate:
    """Describes the domain's own Rate."""

    carrier: str = attribute("The code of the carrier.")
    carrier_name: str = attribute("The name of the carrier.")
    service: str = attribute("The code of the service.")
    service_name: str = attribute("The name of the service.")
    cost: Money = money("cost", description="The price of all packages, with all surcharges and insurance.")
    base: Money = money("base", description="The part for weight, size and distance.")
    surcharges: Money = money(
        "surcharges",
        description="The part for a private address, a signature and insurance. 0 for a price by contract.",
    )
    estimated_delivery_from: str | None = attribute(
        "The first day on which the delivery is expected, as YYYY-MM-DD. Null if unknown."
    )
    estimated_delivery: str | None = attribute(
        "The last day on which the delivery is expected, as YYYY-MM-DD. Null if unknown."
    )


@strawberry.type(description="A carrier or service without a rate, and why.")
class UnavailableCarrier:
    """Describes the domain's own UnavailableRate."""

    carrier: str = attribute("The code of the carrier.")
    service: str | None = attribute("The code of the service. Null if it is the whole carrier.")
    reason: str = attribute("The reason.")


@strawberry.type(description="The rates of all carriers, cheapest first.")
class ShippingRates:
    """Describes the domain's own ShippingRates."""

    rates: list[ShippingRate] = attribute("The rates, by cost.")
    unavailable: list[UnavailableCarrier] = attribute("The carriers and services without a rate.")
