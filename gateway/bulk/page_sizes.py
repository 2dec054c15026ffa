"""How many objects a page of each connection has: as many as the cost of one operation allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.kernel.listing.paging import MAX_LIMIT
from gateway.bulk.connection_plan import ID_KEY, ConnectionPlan, used_variables
from gateway.execution import StrawberryEngine
from gateway.execution.cost import POINTS

NESTED = 20
"""Objects of a page within another, to begin with: most nodes have fewer below them."""
MIN_OUTER_PAGE_SIZE = 25
"""Pages become this short before those within them become shorter."""


class PageSizes:
    """The sizes of the pages that one operation reads: those of a connection, and of all below it."""

    def __init__(self, connection: ConnectionPlan) -> None:
        self._connection = connection
        self._outer = MAX_LIMIT
        self._inner = NESTED if connection.below else 0

    def shrink(self) -> bool:
        """Read less at a time. Returns whether that is possible."""
        if self._outer > MIN_OUTER_PAGE_SIZE or (self._outer > 1 and self._inner <= 1):
            self._outer //= 2
        elif self._inner > 1:
            self._inner //= 2
        else:
            return False
        return True

    def variables(self) -> dict[str, int]:
        """The variables of the operation."""
        own, *below = self._connection.within()
        return {own.first: self._outer, **{each.first: self._inner for each in below}}


def fitting_sizes(engine: StrawberryEngine, connection: ConnectionPlan, variables: Mapping[str, Any]) -> PageSizes:
    """The largest sizes within the cost of an operation; the smallest there are where none is."""
    sizes, operation = PageSizes(connection), connection.prepared
    given = used_variables(operation, variables)
    while engine.cost(operation, {**given, **_own(connection), **sizes.variables()}) > POINTS and sizes.shrink():
        pass
    return sizes


def _own(connection: ConnectionPlan) -> dict[str, str]:
    """The id that pages within nodes are read by, for checks."""
    return {} if connection.is_root else {ID_KEY: ""}
