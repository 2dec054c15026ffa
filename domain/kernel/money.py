"""Money: integer minor units and an ISO 4217 currency with its own exponent (JPY 0, GBP 2, KWD 3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact

from iso4217 import Currency as Iso4217

MAX_MINOR_UNITS = 10**15
"""The largest amount in minor units that is accepted: exact as a JSON number and far inside a bigint."""
MAX_MAJOR_UNITS = 10**13
"""The largest amount in major units that callers may send, for currencies with at most two decimals."""

_EXACT = Context(prec=40, traps=[Inexact])
"""A context without rounding: the default one would silently round at the 29th digit."""

# Codes without an exponent (gold, test codes) are not money anyone can charge.
EXPONENTS: dict[str, int] = {entry.code: entry.exponent for entry in Iso4217 if entry.exponent is not None}


class TooManyDecimalsError(ValueError):
    """An amount has more decimals than its currency."""


class AmountTooLargeError(ValueError):
    """An amount is beyond LARGEST."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency, in minor units (cents, pence, fils)."""

    minor_units: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units, always with the currency's digits: ``Decimal("200.00")``."""
        return to_major(self.minor_units, self.currency)


def to_major(minor_units: int, currency: str) -> Decimal:
    """Major units with exactly the currency's digits; no float, no context rounding."""
    return Decimal(minor_units).scaleb(-EXPONENTS[currency])


def largest(currency: str) -> Decimal:
    """The largest amount that callers may send, in major units: 10^13, or less for currencies with more than two
    decimals.
    """
    return min(Decimal(MAX_MAJOR_UNITS), to_major(MAX_MINOR_UNITS, currency)).quantize(to_major(1, currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Minor units of ``amount`` in major units.

    Raises TooManyDecimalsError for too many decimals, AmountTooLargeError above MAX_MINOR_UNITS, ValueError if it is
    not a number.
    """
    if not amount.is_finite():
        raise ValueError("not an amount")
    if amount.adjusted() > 20:
        raise AmountTooLargeError("beyond the largest amount")
    try:
        scaled = amount.scaleb(EXPONENTS[currency], _EXACT)
    except Inexact:
        raise TooManyDecimalsError(currency) from None
    whole = scaled.to_integral_value()
    if whole != scaled:
        raise TooManyDecimalsError(currency)
    if abs(whole) > MAX_MINOR_UNITS:
        raise AmountTooLargeError("beyond the largest amount")
    return int(whole)
