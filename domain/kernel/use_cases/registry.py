"""The register of use cases: every change a caller can ask for, with its scope and its command.

REST routes and GraphQL mutations bind to the functions registered here; the contract tests are generated from the
register, so a use case without a route, a field or a refused scope does not pass.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from domain.kernel.principal import SCOPES, Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from domain.kernel.use_cases.outbound import OutboundUseCase

C = TypeVar("C")
R = TypeVar("R")
Execute = Callable[[UnitOfWork, Principal, C], Awaitable[R]]


@dataclass(frozen=True, slots=True)
class UseCase:
    """One entry: its name (``catalog.create_product``), scope, command class, and the function that does it."""

    name: str
    scope: str | None
    """The scope that the caller needs; None if it depends on the object: the use case then requires it itself."""
    command: type[Any]
    execute: Execute[Any, Any]
    bulk: bool = False
    """Whether it takes many inputs and returns a BulkResult. The fields of the command are then the arguments of the
    mutation.
    """
    also: tuple[str, ...] = ()
    """Scopes that it needs besides."""
    outbound: OutboundUseCase[Any, Any] | None = None
    """Its two halves, if it calls the outside world: ``execute`` is then the first of them."""
    buffered: bool = False
    """Whether it only emits signals, whose listeners buffer what they hear and write it in batches. Alone, and without
    an idempotency key, it runs without a transaction: see ``Database.without_transaction``.
    """


USE_CASES: dict[str, UseCase] = {}


def use_case(
    scope: str | None, *, bulk: bool = False, buffered: bool = False
) -> Callable[[Execute[C, R]], Execute[C, R]]:
    """Register a service function ``(work, principal, command)``, which then begins with ``principal.require(scope)``;
    with None, the function requires what its object or its command needs. ``bulk``, ``buffered``: see UseCase.

    Raises ValueError for an unknown scope, so that a typo cannot lock every caller out, or none.
    """
    if scope is not None and scope not in SCOPES:
        raise ValueError(f"unknown scope {scope}")

    def register(function: Execute[C, R]) -> Execute[C, R]:
        @wraps(function)
        async def execute(work: UnitOfWork, principal: Principal, command: C) -> R:
            if scope is not None:
                principal.require(scope)
            return await function(work, principal, command)

        area = function.__module__.split(".")[1]
        name = f"{area}.{function.__name__}"
        command = get_type_hints(function)["command"]
        USE_CASES[name] = UseCase(name, scope, command, execute, bulk, buffered=buffered)
        return execute

    return register


def use_case_of(execute: Execute[Any, Any]) -> UseCase:
    """The entry of a registered function. Raises LookupError when it is not registered."""
    for entry in USE_CASES.values():
        if entry.execute is execute:
            return entry
    raise LookupError(f"{execute!r} is not a use case")
