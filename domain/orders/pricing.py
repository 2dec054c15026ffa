"""Pricing of orders: integer minor units throughout, with sums that are exact by construction.

The discount is split over the lines in proportion to their cost, by largest remainder; tax is rounded half up per
line, on the amount after discount. So the lines always add up to the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MILLION = 1_000_000
"""Rates are in millionths: 200,000 is 20 %."""


@dataclass(frozen=True, slots=True)
class Charges:
    """Discount (at most one of the two), shipping cost and tax rate of an order. Rates are in millionths."""

    discount_amount: int | None = None
    discount_rate: int | None = None
    shipping: int = 0
    tax_rate: int = 0
    tax_on_shipping: bool = False


@dataclass(frozen=True, slots=True)
class LineTotals:
    """Discount, tax and total of one line."""

    discount: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """``total = subtotal - discount + shipping + tax``, and ``sum(lines' totals) + shipping + shipping_tax``."""

    subtotal: int
    discount: int
    shipping: int
    shipping_tax: int
    tax: int
    total: int
    lines: tuple[LineTotals, ...]


def price_order(lines: Sequence[tuple[int, int]], charges: Charges) -> Totals:
    """Calculate the totals of ``lines``, each a unit price and a quantity.

    A discount above the subtotal is reduced to the subtotal.
    """
    gross = [price * quantity for price, quantity in lines]
    subtotal = sum(gross)
    discount = min(_discount(subtotal, charges), subtotal)
    discounts = split_proportionally(discount, gross)
    taxes = [_share(whole - less, charges.tax_rate) for whole, less in zip(gross, discounts, strict=True)]
    shipping_tax = _share(charges.shipping, charges.tax_rate) if charges.tax_on_shipping else 0
    tax = sum(taxes) + shipping_tax
    return Totals(
        subtotal,
        discount,
        charges.shipping,
        shipping_tax,
        tax,
        subtotal - discount + charges.shipping + tax,
        tuple(LineTotals(less, on, whole - less + on) for whole, less, on in zip(gross, discounts, taxes, strict=True)),
    )


def split_proportionally(amount: int, weights: Sequence[int]) -> list[int]:
    """Split ``amount`` (at most the sum of ``weights``) in proportion to the weights, by largest remainder.

    No share exceeds its weight.
    """
    whole = sum(weights)
    if amount == 0 or whole == 0:
        return [0] * len(weights)
    shares = [amount * weight // whole for weight in weights]
    left = amount - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(amount * weights[index] % whole), index))
    for index in by_remainder[:left]:
        shares[index] += 1
    return shares


def millionths(percent: Decimal) -> int:
    """Convert a percentage of at most four decimals to millionths."""
    return int((percent * 10_000).to_integral_value(ROUND_HALF_UP))


def percentage(rate: int) -> Decimal:
    """Convert millionths to a percentage without trailing zeros: ``Decimal("17.5")``."""
    percent = Decimal(rate) / 10_000
    return percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent.normalize()


def _discount(subtotal: int, charges: Charges) -> int:
    if charges.discount_amount is not None:
        return charges.discount_amount
    return 0 if charges.discount_rate is None else _share(subtotal, charges.discount_rate)


def _share(amount: int, rate: int) -> int:
    """Return ``rate`` millionths of ``amount``, rounded half up."""
    return (amount * rate + MILLION // 2) // MILLION
