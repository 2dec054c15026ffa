"""The engine of compiled plans. graphql-core executes what cannot be planned, and continues after a fallback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import strawberry
from graphql.execution.values import VariableValues

from domain.kernel.budget import budget, check_budget
from domain.kernel.errors import DomainError
from domain.kernel.listing import PageRefusedError
from gateway.execution.engine import GraphQLResponse, Operation
from gateway.execution.loaded_value_replay import LoadedValueReplay
from gateway.execution.plan import FallbackReason
from gateway.execution.plan_cache import PUSHDOWN_AFTER, CachedPlan, PlanCache
from gateway.execution.plan_loader import LoadedTables, PlanLoader, Table
from gateway.execution.pushdown_preparation import PushdownPreparer
from gateway.execution.response_size import size_of
from gateway.execution.strawberry_engine import PreparedOperation, StrawberryEngine
from gateway.introspection_rule import IntrospectionRule
from resolvers.context import Context
from schema import schema


class CompiledEngine(StrawberryEngine):
    """Plans an operation once, then loads level by level and builds the response with code generated for it."""

    def __init__(
        self,
        cursor_of: Callable[[Any], str | None] = lambda _: None,
        fell_back: Callable[[FallbackReason], None] = lambda _: None,
        *,
        pushdown_after: int = PUSHDOWN_AFTER,
        introspection: IntrospectionRule = IntrospectionRule.ON,
        of: strawberry.Schema = schema,
        on_repeated: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``fell_back`` is called whenever graphql-core executes instead, ``on_repeated`` with the document of each
        operation that was repeated. With ``pushdown_after`` 0, pushdown is prepared in the first execution itself.
        """
        super().__init__(cursor_of, pushdown_after=pushdown_after, introspection=introspection, of=of)
        self._fell_back = fell_back
        self.preparer = PushdownPreparer(on_repeated)
        self.plans = PlanCache(self.schema, pushdown_after, self.preparer.start if pushdown_after > 0 else None)

    async def prepare(self, operation: Operation) -> None:
        """See the port."""
        if operation.switches or operation.kind != "query" or operation.introspects:
            return
        ready = self.plans.of(operation, VariableValues({}, {}))  # without switches they decide nothing
        if ready.plan.fallback_reason is None and ready.executions_left >= 0:
            ready.executions_left = -1
            await self.preparer.prepare(ready)

    async def _run(self, prepared: PreparedOperation, context: Context, event: Any = None) -> GraphQLResponse:
        ready = prepared.ready
        if ready.plan.fallback_reason is not None:
            self._fell_back(ready.plan.fallback_reason)
            return await self._rendered(prepared, context, event)
        written = ready.pushdown()
        for each in (ready,) if written is None else (written, ready):
            loading = PlanLoader(each.plan, context, prepared.variables)
            body = await _body(prepared, each, loading, context, event)
            if body is not None:
                return GraphQLResponse(body, executed=True, has_data=True, cost=prepared.cost)
            check_budget()
            roots = loading.root_tables()  # of a subscription there are none: its root is the event
            if roots and all(_has(DomainError, table) for table in roots):
                break
            if each is written and not any(_has(_OF_REQUEST, table) for table in loading.loaded.tables):
                ready.disable_pushdown()
        self._fell_back(FallbackReason.SURPRISE)
        return await self._rendered(
            prepared, context, event, LoadedValueReplay(each.plan, prepared.variables, loading.loaded)
        )


_OF_REQUEST = (DomainError, PageRefusedError)
"""Errors of the request, or of what it meets: the rows hold what they promise."""


def _has(kind: type[Exception] | tuple[type[Exception], ...], table: Table | Exception | None) -> bool:
    """Whether a field could not be had because of an error of this kind."""
    values = [table] if isinstance(table, Exception) else list((table or {}).values())
    return any(isinstance(value, kind) for value in values)


async def _body(
    prepared: PreparedOperation, ready: CachedPlan, loading: PlanLoader, context: Context, row: Any
) -> bytes | None:
    """The response; None if a value in it is invalid. Raises LimitExceeded if it would be too long."""
    if ready.plan.single_load is not None:
        await loading.load_alone(ready.plan.single_load, row)
        data = _assembled(ready, loading.loaded, row)
    else:
        async with context.pinned_connection():
            if ready.plan.writes:
                data = await _one_by_one(ready, loading, row)
            else:
                await loading.load(ready.plan.selection.loading, row)
                data = _assembled(ready, loading.loaded, row)
    return None if data is None else _dumped(prepared, ready, data)


async def _one_by_one(ready: CachedPlan, loading: PlanLoader, row: Any) -> dict[str, Any] | None:
    """The root fields change something: each with all that is below it, before the next."""
    data: dict[str, Any] = {}
    for field in ready.plan.selection.fields:
        await loading.load([field] if field.loads else [], row)
        if loading.loaded.failed:
            return None
        try:
            data[field.key] = ready.assemble[field.key](row, loading.loaded)
        except Exception:  # as below
            return None
    return data


def _assembled(ready: CachedPlan, loaded: LoadedTables, row: Any) -> dict[str, Any] | None:
    if loaded.failed:
        return None
    try:
        return {key: assemble(row, loaded) for key, assemble in ready.assemble.items()}
    except Exception:  # graphql-core finds the error in the same rows and reports it
        return None


def _dumped(prepared: PreparedOperation, ready: CachedPlan, data: dict[str, Any]) -> bytes | None:
    spent = budget.get()
    if spent is not None and ready.bounds.may_exceed(spent, prepared.cost.requested, len(prepared.operation.text)):
        spent.require(size_of(data, spent.answer_max))
    try:
        return orjson.dumps({"data": data})
    except TypeError:
        return None
