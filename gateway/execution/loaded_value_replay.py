"""Replaces graphql-core's resolvers by loaded values if it executes an operation that has a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo
from graphql.execution.values import VariableValues

from gateway.execution.graphql_internals import steps
from gateway.execution.plan import Field, QueryPlan
from gateway.execution.plan_loader import LoadedTables
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.sources import BatchedSource, ListSource

Resolver = Callable[..., Any]


class LoadedValueReplay:
    """Returns loaded values in place of resolvers, so that none of them runs twice. Lists that were not loaded are read
    by the sources of the plan, which leave out columns that are not shown.
    """

    def __init__(self, plan: QueryPlan, variables: VariableValues, loaded: LoadedTables | None = None) -> None:
        self._plan = plan
        self._variables = variables
        self._loaded = loaded

    def resolve(self, following: Resolver, row: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """The loaded value of a field; if there is none, the result of its resolver."""
        field = self._plan.by_steps.get(steps(info.path))
        if field is None:
            return following(row, info, **arguments)
        if self._loaded is not None:
            try:
                return self._loaded.value(field, row)
            except LookupError:  # not loaded: something before it failed
                pass
        return self._read(field, row, info.context) if self._reads_less(field) else following(row, info, **arguments)

    def _reads_less(self, field: Field) -> bool:
        """Whether the source of the plan leaves columns out; its arguments are known to be valid."""
        source = field.source
        if not isinstance(source, BatchedSource | ListSource):
            return False
        try:
            field.arguments(self._variables)
        except GraphQLError:
            return False
        return bool(self._plan.read_overrides) or self._plan.leaner

    def _read(self, field: Field, row: Any, context: Context) -> Any:
        source, given = field.source, field.arguments(self._variables)
        if not isinstance(source, BatchedSource):
            assert source is not None  # noqa: S101 - it is a list
            return source.resolve(row, context, given)
        wanted = source.request_factory(context, given)(row)
        if type(wanted) is not LoadRequest:
            return wanted
        return wanted._replace(batch=self._plan.read_overrides.get(wanted.batch, wanted.batch)).load(context)
