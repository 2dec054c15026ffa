"""The endpoint of shipping rates."""

from __future__ import annotations

from domain import shipping
from domain.kernel.use_cases.calculations import calculation_of
from domain.shipping.documents import ShippingRatesDocument
from rest_compat.actions import CalculationAction
from rest_compat.endpoint import Endpoint, tagged

RATES = tagged(
    "Shipping",
    Endpoint(
        method="POST",
        path="/shipping/rates",
        name="calculateShippingRates",
        summary="Calculate shipping rates",
        description="Calculates the rates of all carriers for packages, or for what an order has not shipped. `data` "
        "is sorted by cost; `unavailable` lists which carriers and services have no rate, and why: a carrier without a "
        "response in time is left out.",
        action=CalculationAction(
            calculation=calculation_of(shipping.calculate_shipping_rates), document=ShippingRatesDocument
        ),
    ),
)
