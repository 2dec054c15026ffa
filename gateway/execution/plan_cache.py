"""The cache of plans: by the operation and by the values of the variables that include and skip its fields."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema
from graphql.execution.values import VariableValues

from gateway.execution.codegen import Assemble, compile_plan
from gateway.execution.cost import cost_of, is_fixed
from gateway.execution.engine import Operation
from gateway.execution.plan import QueryPlan, build_plan
from gateway.execution.projection import lean, project_columns
from gateway.execution.pushdown import push_down
from gateway.execution.response_size import ResponseBounds

PLAN_CACHE_UNITS = 25_000
"""Units of about 2 KB: a field of a plan with its code is one (two for a repeated operation, whose code is written once
more for its own statements), and so are CHARACTERS of the document that is kept with it, as its syntax tree.
"""
CHARACTERS = 40


PUSHDOWN_AFTER = 2
"""Executions of an operation before it gets statements of its own, in which the database writes its rows as JSON or
returns only the shown columns: creating and planning them costs more than they save for an operation that is not
repeated.
"""


@dataclass(slots=True)
class CachedPlan:
    """A plan and its code."""

    plan: QueryPlan
    assemble: dict[str, Assemble]
    patience: int = PUSHDOWN_AFTER
    cost: int | None = None
    """Its cost, if it is the same for all variables."""
    _written: CachedPlan | None = None
    bounds: ResponseBounds = field(init=False)

    def __post_init__(self) -> None:
        """Look once how long its responses may become."""
        self.bounds = ResponseBounds.of(self.plan)

    def pushdown(self) -> CachedPlan | None:
        """The same, with objects that the database writes; None where it writes none, or not yet."""
        if self.patience >= 0:
            self.patience -= 1
            if self.patience < 0:
                self._settle()
        return self._written

    def _settle(self) -> None:
        plan = push_down(self.plan)
        if plan is None:
            project_columns(self.plan)
        else:
            self._written = CachedPlan(plan, compile_plan(plan))

    def disable_pushdown(self) -> None:
        """Suspend pushdown for a while: the statement failed, so graphql-core must report an error about the rows."""
        self._written, self.patience = None, 100


_Key = tuple[Operation, tuple[Any, ...]]


class PlanCache:
    """Plans by operation; the least recently used are forgotten."""

    def __init__(self, schema: GraphQLSchema, patience: int = PUSHDOWN_AFTER) -> None:
        self._schema = schema
        self._patience = patience
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
        ready = CachedPlan(made, {} if made.fallback_reason else compile_plan(made), self._patience, cost)
        self._remember(key, ready)
        return ready

    def _remember(self, key: _Key, made: CachedPlan) -> None:
        self._known[key] = made
        self._units += _units(key[0], made)
        while self._units > PLAN_CACHE_UNITS:
            (operation, _), forgotten = self._known.popitem(last=False)
            self._units -= _units(operation, forgotten)


def _units(operation: Operation, made: CachedPlan) -> int:
    return 1 + len(operation.text) // CHARACTERS + 2 * made.plan.size
