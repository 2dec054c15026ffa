"""Amounts in the units that Stripe counts in. Three currencies have other digits there than in ISO 4217.

ISK and UGX have two for the sake of older integrations, and must be whole; MGA has none.
(https://docs.stripe.com/currencies#special-cases)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.kernel.money import EXPONENTS

_DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}


class UnsupportedAmountError(ValueError):
    """Stripe has no unit as small as the amount needs."""


def to_stripe(amount: int, currency: str) -> int:
    """Stripe's units of an amount in minor units. Raises UnsupportedAmountError."""
    shift = _shift(currency)
    if shift >= 0:
        return amount * _power(shift)
    units, rest = divmod(amount, _power(-shift))
    if rest:
        raise UnsupportedAmountError(f"Stripe takes whole {currency} only.")
    return units


def from_stripe(units: int, currency: str) -> int:
    """Minor units of an amount in Stripe's units, rounded half up where they are larger."""
    shift = _shift(currency)
    return units * _power(-shift) if shift <= 0 else _divide(units, _power(shift))


def fee_of(balance_transaction: Any, units: int, currency: str) -> int:
    """The fee of a balance transaction in minor units of ``currency``; 0 unless it was expanded.

    ``units``: the amount that was paid, in Stripe's units of ``currency``. Where the account settles in another
    currency, the fee is converted at the rate of the transaction.
    """
    if not isinstance(balance_transaction, Mapping):
        return 0
    fee: int = balance_transaction.get("fee") or 0
    settled = abs(balance_transaction.get("amount") or 0)
    if balance_transaction.get("currency", currency).upper() != currency and settled:
        fee = _divide(fee * abs(units), settled)
    return from_stripe(fee, currency)


def _shift(currency: str) -> int:
    iso = EXPONENTS[currency]
    return _DIGITS.get(currency, iso) - iso


def _power(exponent: int) -> int:
    return int(10**exponent)


def _divide(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)
