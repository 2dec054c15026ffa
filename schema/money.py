"""Money: exact amounts with their currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import strawberry

from domain.kernel import money as kernel
from schema.fields import attribute, computed
from schema.scalars import BigInt, Currency


@strawberry.type(description="An amount of money.")
class Money:
    """Describes the domain's own Money."""

    amount: Decimal = attribute(
        "The amount in major units with the decimals of the currency, such as `199.99` or `200`."
    )
    currency: Currency = attribute("The currency.")
    minor_units: BigInt = attribute("The amount in minor units (pence, cents), such as 19999.")


@dataclass(frozen=True)
class MoneyFromColumns:
    """Builds money from two columns: minor units and their currency. None if there is no amount."""

    column: str
    currency: str = "currency"

    @property
    def plain(self) -> Mapping[str, str]:
        """The members of the money that are plain columns. The money is None if the first of them is null."""
        return {"minor_units": self.column, "currency": self.currency}

    @property
    def amounts(self) -> Mapping[str, tuple[str, str]]:
        """The members in major units: their column of minor units and their column of the currency."""
        return {"amount": (self.column, self.currency)}

    def __call__(self, row: Any) -> kernel.Money | None:
        """The row's money."""
        minor_units = getattr(row, self.column)
        return None if minor_units is None else kernel.Money(minor_units, getattr(row, self.currency))


@dataclass(frozen=True)
class MoneyByCurrency:
    """Builds a list of one amount of money; an empty one if there is no amount."""

    item: MoneyFromColumns

    def __call__(self, row: Any) -> list[kernel.Money]:
        """The row's money."""
        found = self.item(row)
        return [] if found is None else [found]


def money(column: str, *, description: str, scopes: Sequence[str] = ()) -> Any:
    """The money in a column of minor units, in the row's currency."""
    function = MoneyFromColumns(column)
    return computed(function, columns=(column, function.currency), description=description, scopes=scopes)
