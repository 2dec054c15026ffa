"""Amounts in the currency of a store and in others, by the store's own rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.kernel.money import EXPONENTS
from domain.kernel.sql.executor import Row


@dataclass(frozen=True, slots=True)
class Exchange:
    """The exchange rates of a store."""

    currency: str
    """The currency of the store."""
    rates: Mapping[str, Decimal]
    """What one unit of another currency is worth in that of the store."""

    @classmethod
    def of_settings(cls, settings: Row) -> Exchange:
        """Those of the shipping settings."""
        return cls(settings.currency, {each["currency"]: Decimal(each["rate"]) for each in settings.exchange_rates})

    def knows(self, currency: str) -> bool:
        """Whether amounts in this currency can be converted."""
        return currency == self.currency or currency in self.rates

    def to_store(self, amount: int, currency: str) -> int:
        """Minor units of a currency in those of the store, rounded half up. Raises KeyError without a rate."""
        if currency == self.currency:
            return amount
        major = Decimal(amount).scaleb(-EXPONENTS[currency]) * self.rates[currency]
        return int(major.scaleb(EXPONENTS[self.currency]).to_integral_value(ROUND_HALF_UP))

    def from_store(self, amount: int, currency: str) -> int:
        """Minor units of the store's currency in those of another, rounded half up. Raises KeyError without a rate."""
        if currency == self.currency:
            return amount
        major = Decimal(amount).scaleb(-EXPONENTS[self.currency]) / self.rates[currency]
        return int(major.scaleb(EXPONENTS[currency]).to_integral_value(ROUND_HALF_UP))
