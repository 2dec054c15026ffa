"""The wire format of imports: names and amounts as in REST, so that what REST returns can be imported."""

from __future__ import annotations

from decimal import Decimal

from domain.kernel.money import to_major
from domain.kernel.validation import whole_number


class ImportWireFormat:
    """The ``WireFormat`` of ``domain.kernel.fields`` for files."""

    null_is_absent = True

    def name(self, python_name: str) -> str:
        """The field's name, as in Python."""
        return python_name

    def amount(self, value: object) -> tuple[Decimal, str | None]:
        """Major units of a number, in the currency of the store. Raises ValueError for any other value."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError("Must be a number such as 199.99.")
        return Decimal(value), None

    def minor_amount(self, value: object, currency: str) -> tuple[Decimal, str | None]:
        """Major units of an integer in minor units. Raises ValueError for any other value."""
        minor = whole_number(value)
        if minor is None:
            raise ValueError("Must be an integer in minor units, such as 19999.")
        return to_major(minor, currency), None


WIRE_FORMAT = ImportWireFormat()
