"""The wire format of GraphQL: names in camelCase, money as ``MoneyInput``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from domain.kernel.card_numbers import mask_card_numbers
from domain.kernel.errors import ErrorCode, Path, Problem, with_names


@cache
def to_camel_case(name: str) -> str:
    """``created_at`` as ``createdAt``: the rule by which Strawberry names fields."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() if word else "_" for word in rest)


class GraphQLWireFormat:
    """The ``WireFormat`` of ``domain.kernel.fields`` for this surface."""

    null_is_absent = True

    def name(self, python_name: str) -> str:
        """The name as it stands in the schema."""
        return to_camel_case(python_name.removesuffix("_"))

    def amount(self, value: object) -> tuple[Decimal, str | None]:
        """Amount and currency of a parsed ``MoneyInput``. Raises ValueError for any other value."""
        if not isinstance(value, Mapping):
            raise ValueError('Must be an object such as {amount: "199.99"}.')
        return value["amount"], value.get("currency")

    def minor_amount(self, value: object, currency: str) -> tuple[Decimal, str | None]:
        """As ``amount``: this surface has one way to write money."""
        return self.amount(value)


WIRE_FORMAT = GraphQLWireFormat()


def client_path(path: Path) -> list[str] | None:
    """A path in the command with the names of the schema; None if the problem concerns no field."""
    return [WIRE_FORMAT.name(step) if isinstance(step, str) else str(step) for step in path] or None


def client_field(problem: Problem) -> list[str] | None:
    """The path of a problem, as ``client_path``. The name of an unknown field is already as the client wrote it."""
    if problem.code is ErrorCode.UNKNOWN_FIELD and problem.path:
        return [*(client_path(problem.path[:-1]) or ()), mask_card_numbers(str(problem.path[-1]))]
    return client_path(problem.path)


def client_message(message: str) -> str:
    """A message with the names of the schema, and without card numbers: it may quote input."""
    return mask_card_numbers(with_names(message, WIRE_FORMAT.name))
