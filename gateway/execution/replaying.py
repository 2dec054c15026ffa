"""What stands before graphql-core's resolvers when it executes an operation that has a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo
from graphql.execution.values import VariableValues

from gateway.execution.internals import steps
from gateway.execution.load import Loaded
from gateway.execution.plan import Plan
from schema.sources import Listed

Resolver = Callable[..., Any]


class Replaying:
    """Answers resolvers with what was loaded already, so that none of them runs twice; lists that were not are read by
    the sources of the plan, which leave out what nobody shows.
    """

    def __init__(self, plan: Plan, variables: VariableValues, loaded: Loaded | None = None) -> None:
        self._plan = plan
        self._variables = variables
        self._loaded = loaded

    def resolve(self, following: Resolver, row: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """What was loaded of a field; where nothing was, what its resolver answers."""
        field = self._plan.by_steps.get(steps(info.path))
        if field is None:
            return following(row, info, **arguments)
        if self._loaded is not None:
            try:
                return self._loaded.value(field, row)
            except LookupError:  # not loaded: something before it failed
                pass
        if isinstance(field.source, Listed):
            try:
                given = field.arguments(self._variables)
            except GraphQLError:
                return following(row, info, **arguments)
            return field.source.resolve(row, info.context, given)
        return following(row, info, **arguments)
