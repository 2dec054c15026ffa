"""The filters of a request: which clauses they are, with which values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.listing.query import (
    AdaptiveFilter,
    Filter,
    FilterClause,
    JointFilter,
    Query,
)
from domain.kernel.sql.executor import Executor

KnownFilters = Mapping[str, Filter | AdaptiveFilter | JointFilter]
"""The filters of a list, by their public names."""


@dataclass(frozen=True, slots=True)
class ResolvedFilters:
    """The filters of one request."""

    clauses: tuple[FilterClause, ...]
    values: Mapping[str, Any]


async def resolve_filters(known: KnownFilters, db: Executor, query: Query) -> ResolvedFilters:
    """What the filters of a request add to the SELECT, and their values. ``known``: those of the list."""
    clauses: list[FilterClause] = []
    values: dict[str, Any] = {}
    for name, filter in _each_once(known, query.filters):
        value = query.filters.get(name)
        if isinstance(filter, JointFilter):
            given = {each: query.filters[each] for each in filter.names if each in query.filters}
            clause, parameters = await filter.choose(db, given)
        else:
            clause, parameters = await filter.choose(db, value) if isinstance(filter, AdaptiveFilter) else filter(value)
        clauses.append(clause)
        values |= parameters
    return ResolvedFilters(tuple(clauses), values)


def _each_once(
    known: KnownFilters, given: Mapping[str, Any]
) -> list[tuple[str, Filter | AdaptiveFilter | JointFilter]]:
    """The filters that are set, by name; those that narrow as one under the first of their names."""
    found = [(name, known[name]) for name in sorted(given)]
    return [(name, filter) for index, (name, filter) in enumerate(found) if filter not in [f for _, f in found[:index]]]
