"""Calculations: answers worked out from an input, from what is stored and from what the outside says. They change
nothing.

REST serves them as POST if their input is an object, as GET if it is some parameters; GraphQL as a field of a query.
The contract tests are generated from the register, as for use cases.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from domain.kernel.principal import SCOPES, Principal
from domain.kernel.sql.executor import Executor

C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class CalculationContext:
    """What a calculation may use."""

    connection: Callable[[], AbstractAsyncContextManager[Executor]]
    """Opens a connection for reads of the caller's store. None may be held while the outside is asked."""
    dependency: Callable[[type[Any]], Any]
    """The dependency of a class. Raises LookupError if there is none."""
    now: datetime
    report_connection: Callable[[], AbstractAsyncContextManager[Executor]] | None = None
    """As ``connection``, for reports: see ``Database.report_connection``. None: they have no other."""


Calculate = Callable[[CalculationContext, Principal, C], Awaitable[R]]


@dataclass(frozen=True, slots=True)
class Calculation:
    """One entry: its name (``shipping.calculate_shipping_rates``), scope, the class of its input, and the function."""

    name: str
    scope: str
    command: type[Any]
    execute: Calculate[Any, Any]


CALCULATIONS: dict[str, Calculation] = {}


def calculation(scope: str, *, is_report: bool = False) -> Callable[[Calculate[C, R]], Calculate[C, R]]:
    """Register a function ``(context, principal, command)``, which then begins with ``principal.require(scope)``.

    ``is_report``: whether its connections are those for reports. Raises ValueError for an unknown scope.
    """
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope}")

    def register(function: Calculate[C, R]) -> Calculate[C, R]:
        @wraps(function)
        async def execute(context: CalculationContext, principal: Principal, command: C) -> R:
            principal.require(scope)
            if is_report and context.report_connection is not None:
                context = replace(context, connection=context.report_connection)
            return await function(context, principal, command)

        name = f"{function.__module__.split('.')[1]}.{function.__name__}"
        CALCULATIONS[name] = Calculation(name, scope, get_type_hints(function)["command"], execute)
        return execute

    return register


def calculation_of(execute: Calculate[Any, Any]) -> Calculation:
    """The entry of a registered function. Raises LookupError when it is not registered."""
    for entry in CALCULATIONS.values():
        if entry.execute is execute:
            return entry
    raise LookupError(f"{execute!r} is not a calculation")
