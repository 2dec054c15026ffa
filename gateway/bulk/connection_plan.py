"""The connections of a query, as an export reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import SelectionNode

from gateway.execution import Operation

PREFIX = "export_"
"""Begins the names of our variables and members; those of the query must not begin with it."""
ID_KEY = f"{PREFIX}id"


@dataclass(eq=False)
class ConnectionPlan:
    """A connection of the query."""

    key: str
    """Its key in the response."""
    path: tuple[str, ...]
    """The keys of the connections that lead to it, and its own."""
    number: int
    """Counts the connections of the query."""
    fields: list[tuple[str, SelectionNode]] = field(default_factory=list)
    """Its selections, each with the type that it is made on, under the directives of the fragments around it."""
    below: dict[str, ConnectionPlan] = field(default_factory=dict)
    """The connections of its nodes, by their keys."""
    operation: Operation | None = None
    """Reads one page."""

    @property
    def name(self) -> str:
        """Its path as lines of the export have it."""
        return ".".join(self.path)

    @property
    def first(self) -> str:
        """The variable of the size of a page."""
        return f"{PREFIX}first_{self.number}"

    @property
    def after(self) -> str:
        """The variable of the cursor."""
        return f"{PREFIX}after_{self.number}"

    @property
    def is_root(self) -> bool:
        """Whether it is a field of the query."""
        return len(self.path) == 1

    def within(self) -> Iterator[ConnectionPlan]:
        """It, and all below it."""
        yield self
        for each in self.below.values():
            yield from each.within()

    @property
    def prepared(self) -> Operation:
        """The operation that reads one page."""
        assert self.operation is not None, "planned"  # noqa: S101 - a programming error, not a condition
        return self.operation


def used_variables(operation: Operation, given: Mapping[str, object]) -> dict[str, object]:
    """Those of the given variables that an operation declares."""
    names = {each.variable.name.value for each in operation.definition.variable_definitions or ()}
    return {name: value for name, value in given.items() if name in names}
