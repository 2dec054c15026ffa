"""The engine of compiled plans. What it does not plan, and whatever comes as a surprise, graphql-core does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from graphql import GraphQLResolveInfo

from gateway.execution.cache import Ready
from gateway.execution.internals import steps
from gateway.execution.load import Loaded, Loading
from gateway.execution.plan import Plan, Reason
from gateway.execution.port import Answer
from gateway.execution.strawberry_engine import Prepared, StrawberryEngine
from resolvers.context import Context


class CompiledEngine(StrawberryEngine):
    """Plans an operation once, then loads level by level and writes the answer with code made for it."""

    def __init__(
        self,
        cursor_of: Callable[[Any], str | None] = lambda _: None,
        fell_back: Callable[[Reason], None] = lambda _: None,
    ) -> None:
        """``fell_back`` is told whenever graphql-core executes instead."""
        super().__init__(cursor_of)
        self._fell_back = fell_back

    async def _run(self, prepared: Prepared, context: Context, event: Any = None) -> Answer:
        ready = prepared.ready
        if ready.plan.left is not None:
            self._fell_back(ready.plan.left)
            return await self._rendered(prepared, context, event)
        loading = Loading(ready.plan, context, prepared.variables)
        async with context.holding():
            body = await _body(ready, loading, event)
        if body is not None:
            return Answer(body, executed=True, has_data=True)
        self._fell_back(Reason.SURPRISE)
        return await self._rendered(prepared, context, event, _Replaying(ready.plan, loading.loaded))


Resolver = Callable[..., Any]


async def _body(ready: Ready, loading: Loading, row: Any) -> bytes | None:
    """The answer; None when something in it is not as it should be."""
    data: dict[str, Any] = {}
    fields, loaded = ready.plan.selection.fields, loading.loaded
    # One after the other, each with all that is below it, where they change something.
    for group in [[field] for field in fields] if ready.plan.writes else [fields]:
        await loading.load([field for field in group if field.loads], row)
        if loaded.failed:
            return None
        try:
            for field in group:
                data[field.key] = ready.assemble[field.key](row, loaded)
        except Exception:  # whatever it is, graphql-core finds it in the same rows, and says it
            return None
    try:
        return orjson.dumps({"data": data})
    except TypeError:
        return None


class _Replaying:
    """Answers resolvers with what was loaded already: none of them runs twice."""

    def __init__(self, plan: Plan, loaded: Loaded) -> None:
        self._plan = plan
        self._loaded = loaded

    def resolve(self, following: Resolver, row: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """What was loaded of a field; where nothing was, what its resolver answers."""
        field = self._plan.by_steps.get(steps(info.path))
        if field is not None:
            try:
                return self._loaded.value(field, row)
            except LookupError:  # not loaded: something before it failed
                pass
        return following(row, info, **arguments)
