"""Postal addresses, whoever keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import strawberry

from domain.kernel import address as kernel
from schema.fields import attribute, computed


@strawberry.interface(description="Where something goes.")
class PostalAddress:
    """Describes whatever has the members of an address: a row, a value, a snapshot."""

    first_name: str | None = attribute("The given name of who receives.")
    last_name: str | None = attribute("The family name of who receives.")
    company: str | None = attribute("The company, where it goes to one.")
    line1: str = attribute("Street and number.")
    line2: str | None = attribute("Flat, floor, building.")
    city: str = attribute("The town.")
    state: str | None = attribute("State, province or county, where the country has them.")
    zip: str | None = attribute("The postal code, where the country has them.")
    country: str = attribute("ISO 3166-1 alpha-2, upper case.")
    phone: str | None = attribute("For the carrier, as it was given.")


@strawberry.type(description="Where something went: as it was then.")
class Address(PostalAddress):
    """Describes the domain's own Address."""


@dataclass(frozen=True)
class AddressFromColumn:
    """Makes an address of a column that holds one as JSON. None where there is none."""

    column: str

    def __call__(self, row: Any) -> kernel.Address | None:
        """The row's address."""
        stored = getattr(row, self.column)
        return None if stored is None else kernel.Address.from_stored(stored)


def address(column: str, *, description: str) -> Any:
    """The address in a column."""
    return computed(AddressFromColumn(column), columns=(column,), description=description)
