"""The cache of plans: by the operation and by the values of the variables that include and skip its fields."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import GraphQLSchema
from graphql.execution.values import VariableValues

from gateway.execution.codegen import Assemble, compile_plan
from gateway.execution.cost import cost_of, is_fixed
from gateway.execution.engine import Operation
from gateway.execution.plan import QueryPlan
from gateway.execution.planner import build_plan
from gateway.execution.projection import lean, project_columns
from gateway.execution.pushdown import build_statements, push_down
from gateway.execution.response_size import ResponseBounds

PLAN_CACHE_UNITS = 25_000
"""Units of about 2 KB: a field of a plan with its code is one (two for a repeated operation, whose code is written once
more for its own statements), and so are CHARACTERS_PER_UNIT of the document that is kept with it, as its syntax tree.
"""
CHARACTERS_PER_UNIT = 40


PUSHDOWN_AFTER = 2
"""Executions of an operation before it gets statements of its own, in which the database writes its rows as JSON or
returns only the shown columns: creating and planning them costs more than they save for an operation that is not
repeated.
"""


MAX_PUSHED_FIELDS = 300
"""Fields of a plan that is pushed down: building its statement takes 0.3 ms a field, in a thread."""


@dataclass(slots=True)
class CachedPlan:
    """A plan and its code."""

    plan: QueryPlan
    assemble: dict[str, Assemble]
    executions_left: int = PUSHDOWN_AFTER
    """Before pushdown is due; negative once it is."""
    cost: int | None = None
    """Its cost, if it is the same for all variables."""
    on_due: Callable[[CachedPlan], None] | None = None
    """Prepares pushdown when the operation was repeated; None: at once."""
    _written: CachedPlan | None = None
    bounds: ResponseBounds = field(init=False)

    def __post_init__(self) -> None:
        """Look once how long its responses may become."""
        self.bounds = ResponseBounds.of(self.plan)

    def pushdown(self) -> CachedPlan | None:
        """The same, with objects that the database writes; None where it writes none, or not yet."""
        if self.executions_left >= 0:
            self.executions_left -= 1
            if self.executions_left < 0:
                self._settle()
        return self._written

    def _settle(self) -> None:
        if self.on_due is None:
            self.adopt(make_pushdown(self.plan))
        else:
            self.on_due(self)

    def adopt(self, written: CachedPlan | None) -> None:
        """Use the result of ``make_pushdown`` from now on; without one, read only the columns that are shown."""
        self.executions_left = -1
        self._written = written
        if written is None:
            project_columns(self.plan)

    def disable_pushdown(self) -> None:
        """Suspend pushdown for a while: the statement failed, so graphql-core must report an error about the rows."""
        self._written, self.executions_left = None, 100


def make_pushdown(plan: QueryPlan) -> CachedPlan | None:
    """The plan with objects that the database writes, its statements built; None where it writes none.

    Changes nothing, so that it can run in a thread.
    """
    written = push_down(plan) if plan.size <= MAX_PUSHED_FIELDS else None
    if written is None:
        return None
    project_columns(written)
    for slot in written.slots:
        build_statements(slot)
    return CachedPlan(written, compile_plan(written))


_Key = tuple[Operation, tuple[Any, ...]]


class PlanCache:
    """Plans by operation; the least recently used are forgotten."""

    def __init__(
        self,
        schema: GraphQLSchema,
        pushdown_after: int = PUSHDOWN_AFTER,
        on_due: Callable[[Operation, CachedPlan], None] | None = None,
    ) -> None:
        """``pushdown_after``: see PUSHDOWN_AFTER; negative for never. ``on_due``: see CachedPlan."""
        self._schema = schema
        self._pushdown_after = pushdown_after
        self._on_due = on_due
        self._known: OrderedDict[_Key, CachedPlan] = OrderedDict()
        self._units = 0

    def __len__(self) -> int:
        """Units that are remembered."""
        return self._units

    def of(self, operation: Operation, variables: VariableValues) -> CachedPlan:
        """The plan of an operation. Raises TooLargeError."""
        key = (operation, tuple(variables.coerced.get(name) for name in operation.switches))
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        made = build_plan(self._schema, operation, variables)
        lean(made)
        cost = cost_of(made, variables) if is_fixed(made) else None
        on_due = None if self._on_due is None else partial(self._on_due, operation)
        ready = CachedPlan(made, {} if made.fallback_reason else compile_plan(made), self._pushdown_after, cost, on_due)
        if not operation.is_sensitive:
            self._remember(key, ready)
        return ready

    def _remember(self, key: _Key, made: CachedPlan) -> None:
        self._known[key] = made
        self._units += _units(key[0], made)
        while self._units > PLAN_CACHE_UNITS:
            (operation, _), forgotten = self._known.popitem(last=False)
            self._units -= _units(operation, forgotten)


def _units(operation: Operation, made: CachedPlan) -> int:
    return 1 + len(operation.text) // CHARACTERS_PER_UNIT + 2 * made.plan.size
