"""Rules of amounts of money, in the currency of the store."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any, ClassVar

from domain.kernel.errors import ErrorCode, Path
from domain.kernel.fields.rules import ReadContext, Rule
from domain.kernel.money import (
    EXPONENTS,
    MAX_MAJOR_UNITS,
    AmountTooLargeError,
    Money,
    TooManyDecimalsError,
    largest,
    to_minor,
)
from domain.kernel.validation import InvalidValueError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Rule):
    """Money in the store's currency, zero or more."""

    max: ClassVar[int] = MAX_MAJOR_UNITS
    """Major units; a currency of more than two decimals holds less, see ``largest``."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Money:
        try:
            amount, currency = self._sent(value, reading)
        except ValueError as error:
            raise InvalidValueError(ErrorCode.INVALID, str(error)) from None
        if currency is not None and currency.upper() != reading.currency:
            raise InvalidValueError(
                ErrorCode.CURRENCY_MISMATCH, f"Must be in {reading.currency}, the store's currency."
            )
        minor = self._minor(amount, reading.currency)
        if minor < 0:
            raise InvalidValueError(ErrorCode.TOO_SMALL, "Must not be negative.")
        return Money(minor, reading.currency)

    def _sent(self, value: Any, reading: ReadContext) -> tuple[Decimal, str | None]:
        return reading.wire_format.amount(value)

    def _minor(self, amount: Decimal, currency: str) -> int:
        try:
            minor = to_minor(amount, currency)
            if amount > self.max:
                raise AmountTooLargeError(currency)
        except TooManyDecimalsError:
            raise InvalidValueError(ErrorCode.TOO_MANY_DECIMALS, _too_many_decimals(currency)) from None
        except AmountTooLargeError:
            raise InvalidValueError(ErrorCode.TOO_LARGE, f"Must be at most {largest(currency):,f}.") from None
        except ValueError:
            raise InvalidValueError(ErrorCode.INVALID, "Must be a finite number.") from None
        return minor


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MinorAmount(Amount):
    """Money in the store's currency, which REST writes in minor units."""

    min: int = 1
    """Minor units."""

    @property
    def minor_example(self) -> int:
        """The example in minor units of a currency with two decimals."""
        return to_minor(Decimal(self.example), "USD")

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Money:
        money = Amount.read(self, value, base, path, reading)
        if money.minor_units < self.min:
            raise InvalidValueError(ErrorCode.TOO_SMALL, "Must be greater than zero.")
        return money

    def _sent(self, value: Any, reading: ReadContext) -> tuple[Decimal, str | None]:
        return reading.wire_format.minor_amount(value, reading.currency)


def _too_many_decimals(currency: str) -> str:
    decimals = EXPONENTS[currency]
    return (
        f"Must have at most {decimals} decimals ({currency})." if decimals else f"Must have no decimals ({currency})."
    )
