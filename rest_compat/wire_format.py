"""The wire format of REST: names as in the domain, money as decimal numbers in major units."""

from __future__ import annotations

from decimal import Decimal

from domain.kernel.money import to_major
from domain.kernel.validation import whole_number


class RestWireFormat:
    """The ``WireFormat`` of ``domain.kernel.fields`` for this surface."""

    null_is_absent = False

    def name(self, python_name: str) -> str:
        """The field's name: as in Python, but the expected version is simply ``version``."""
        return "version" if python_name == "expected_version" else python_name.removesuffix("_")

    def amount(self, value: object) -> tuple[Decimal, str | None]:
        """Major units of a JSON number; the currency is always that of the store. Raises ValueError for any other
        value.
        """
        if isinstance(value, str):
            raise ValueError("Must be a JSON number such as 199.99, not a string.")
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError("Must be a JSON number such as 199.99.")
        return Decimal(value), None

    def minor_amount(self, value: object, currency: str) -> tuple[Decimal, str | None]:
        """Major units of a JSON integer in minor units. Raises ValueError for any other value."""
        minor = whole_number(value)
        if minor is None:
            raise ValueError("Must be an integer in minor units, such as 19999.")
        return to_major(minor, currency), None


WIRE_FORMAT = RestWireFormat()
