"""The engine of compiled plans. What it does not plan, and whatever comes as a surprise, graphql-core does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from graphql import GraphQLResolveInfo

from domain.kernel.errors import DomainError
from gateway.execution.cache import PATIENCE, Ready
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
        *,
        patience: int = PATIENCE,
    ) -> None:
        """``fell_back`` is told whenever graphql-core executes instead."""
        super().__init__(cursor_of, patience=patience)
        self._fell_back = fell_back

    async def _run(self, prepared: Prepared, context: Context, event: Any = None) -> Answer:
        ready = prepared.ready
        if ready.plan.left is not None:
            self._fell_back(ready.plan.left)
            return await self._rendered(prepared, context, event)
        written = ready.written()
        for each in (ready,) if written is None else (written, ready):
            loading = Loading(each.plan, context, prepared.variables)
            body = await _body(each, loading, context, event)
            if body is not None:
                return Answer(body, executed=True, has_data=True, cost=prepared.cost)
            if _is_refused(loading):
                break
            if each is written:
                ready.give_up()
        self._fell_back(Reason.SURPRISE)
        return await self._rendered(prepared, context, event, _Replaying(each.plan, loading.loaded))


def _is_refused(loading: Loading) -> bool:
    """Whether the root itself was refused, for a reason that is not in its rows."""
    (table, *_) = loading.loaded.tables or (None,)
    values = [table] if isinstance(table, Exception) else list((table or {}).values())
    return any(isinstance(value, DomainError) for value in values)


Resolver = Callable[..., Any]


async def _body(ready: Ready, loading: Loading, context: Context, row: Any) -> bytes | None:
    """The answer; None when something in it is not as it should be."""
    if ready.plan.alone is not None:
        await loading.load_alone(ready.plan.alone, row)
        return _assembled(ready, loading.loaded, row)
    async with context.holding():
        if ready.plan.writes:
            return await _one_by_one(ready, loading, row)
        await loading.load(ready.plan.selection.loading, row)
        return _assembled(ready, loading.loaded, row)


async def _one_by_one(ready: Ready, loading: Loading, row: Any) -> bytes | None:
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
    return _dumped(data)


def _assembled(ready: Ready, loaded: Loaded, row: Any) -> bytes | None:
    if loaded.failed:
        return None
    try:
        return _dumped({key: assemble(row, loaded) for key, assemble in ready.assemble.items()})
    except Exception:  # whatever it is, graphql-core finds it in the same rows, and says it
        return None


def _dumped(data: dict[str, Any]) -> bytes | None:
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
