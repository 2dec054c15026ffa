"""The engine of compiled plans. graphql-core executes what cannot be planned, and continues after a fallback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import strawberry

from domain.kernel.budget import budget, check_budget
from domain.kernel.errors import DomainError
from gateway.execution.engine import GraphQLResponse
from gateway.execution.loaded_value_replay import LoadedValueReplay
from gateway.execution.plan import FallbackReason
from gateway.execution.plan_cache import PUSHDOWN_AFTER, CachedPlan
from gateway.execution.plan_loader import LoadedTables, PlanLoader
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
        patience: int = PUSHDOWN_AFTER,
        introspection: IntrospectionRule = IntrospectionRule.ON,
        of: strawberry.Schema = schema,
    ) -> None:
        """``fell_back`` is called whenever graphql-core executes instead."""
        super().__init__(cursor_of, patience=patience, introspection=introspection, of=of)
        self._fell_back = fell_back

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
            if _is_refused(loading):
                break
            if each is written:
                ready.disable_pushdown()
        self._fell_back(FallbackReason.SURPRISE)
        return await self._rendered(
            prepared, context, event, LoadedValueReplay(each.plan, prepared.variables, loading.loaded)
        )


def _is_refused(loading: PlanLoader) -> bool:
    """Whether the root itself was refused, for a reason that is not in its rows."""
    (table, *_) = loading.loaded.tables or (None,)
    values = [table] if isinstance(table, Exception) else list((table or {}).values())
    return any(isinstance(value, DomainError) for value in values)


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
