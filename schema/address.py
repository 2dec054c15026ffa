"""Postal addresses, of customers and of orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import strawberry

from domain.kernel import address as kernel
from schema.fields import attribute, computed


@strawberry.interface(description="A postal address.")
class PostalAddress:
    """Describes every object with the members of an address: a row, a value, a snapshot."""

    first_name: str | None = attribute("The first name of the recipient.")
    last_name: str | None = attribute("The last name of the recipient.")
    company: str | None = attribute("The company name.")
    line1: str = attribute("The first address line: street and number.")
    line2: str | None = attribute("The second address line: flat, floor or building.")
    city: str = attribute("The city.")
    state: str | None = attribute("The state, province or county. Null if the address has none.")
    zip: str | None = attribute("The postal code. Null if the address has none.")
    country: str = attribute("The country, as an upper-case ISO 3166-1 alpha-2 code.")
    phone: str | None = attribute("The telephone number for the carrier, as entered.")


@strawberry.type(description="A postal address.")
class Address(PostalAddress):
    """Describes the domain's own Address."""


@dataclass(frozen=True)
class AddressFromColumn:
    """Builds an address from a column that holds one as JSON. None if the column is null."""

    column: str
    stored: tuple[str, ...] = kernel.ADDRESS_FIELDS
    """The members of the column; those of the address have the same names."""

    def __call__(self, row: Any) -> kernel.Address | None:
        """The row's address."""
        stored = getattr(row, self.column)
        return None if stored is None else kernel.Address.from_stored(stored)


def address(column: str, *, description: str) -> Any:
    """The address in a column."""
    return computed(AddressFromColumn(column), columns=(column,), description=description)
