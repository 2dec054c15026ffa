"""Use cases in two halves, and the register of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from functools import cached_property, update_wrapper
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.kernel.principal import SCOPES, Principal
from domain.kernel.use_cases.outbound.attempts import OutboundAttempt
from domain.kernel.use_cases.outbound.calls import Call, NoCall, Settled
from domain.kernel.use_cases.registry import USE_CASES, UseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork

C = TypeVar("C")
Q = TypeVar("Q")
R = TypeVar("R")

CALL_TIMEOUT = 15.0
"""Seconds that a call may take. With two transactions around it, an operation stays within its limit of 30 s."""
FirstHalf = Callable[[UnitOfWork, Principal, C], Awaitable[Call[Q] | NoCall[Any]]]
SecondHalf = Callable[[UnitOfWork, OutboundAttempt, Settled], Awaitable[R]]
CurrentResult = Callable[[UnitOfWork, OutboundAttempt], Awaitable[R]]


class OutboundUseCase(Generic[C, Q]):
    """A use case in two halves. Called as any use case is, it runs the first."""

    def __init__(self, function: FirstHalf[C, Q], scope: str, also: tuple[str, ...], timeout: float) -> None:
        self.__doc__: str | None
        update_wrapper(self, function)
        hints = get_type_hints(function)
        self.name = f"{function.__module__.split('.')[1]}.{function.__name__}"
        self.request: type[Q] = _request_class(self.name, hints["return"])
        self.scopes = (scope, *also)
        """All of them are needed."""
        self.timeout = timeout
        """Seconds that its call may take."""
        self._first = function
        self._second: SecondHalf[Any] | None = None
        self._current: CurrentResult[Any] | None = None
        USE_CASES[self.name] = UseCase(self.name, scope, hints["command"], self, also=also, outbound=self)

    async def __call__(self, work: UnitOfWork, principal: Principal, command: C) -> Call[Q] | NoCall[Any]:
        """Run the first half. Raises Forbidden without the scopes, and what the function raises."""
        for scope in self.scopes:
            principal.require(scope)
        return await self._first(work, principal, command)

    def settled(self, function: SecondHalf[R]) -> SecondHalf[R]:
        """Declare the second half. It must not refuse: what it raises leaves the attempt in flight."""
        self._second = function
        return function

    def current(self, function: CurrentResult[R]) -> CurrentResult[R]:
        """Declare how the result reads now, whatever has become of the attempt. It changes nothing."""
        self._current = function
        return function

    async def settle(self, work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> Any:
        """Run the second half."""
        if self._second is None:
            raise TypeError(f"{self.name} has no second half: declare it with .settled")
        return await self._second(work, attempt, outcome)

    async def current_result(self, work: UnitOfWork, attempt: OutboundAttempt) -> Any:
        """The result as it is."""
        if self._current is None:
            raise TypeError(f"{self.name} does not say how its result reads: declare it with .current")
        return await self._current(work, attempt)

    @property
    def is_repeatable(self) -> bool:
        """Whether a stored request is whole, so that the reconciler may send it again."""
        return len(self._stored_fields) == len(fields(self.request))  # type: ignore[arg-type]  # checked when declared

    def stored_request(self, request: Q) -> dict[str, Any]:
        """What is stored of a request."""
        return {name: getattr(request, name) for name in self._stored_fields}

    @cached_property
    def _stored_fields(self) -> tuple[str, ...]:
        return tuple(each.name for each in fields(self.request) if _is_stored(each))  # type: ignore[arg-type]  # as above


def outbound_use_case(
    scope: str, *, also: tuple[str, ...] = (), timeout: float = CALL_TIMEOUT
) -> Callable[[FirstHalf[C, Q]], OutboundUseCase[C, Q]]:
    """Register the first half ``(work, principal, command) -> Call[Request]`` of a use case that calls out; of one that
    need not always call, ``-> Call[Request] | NoCall[Result]``.

    ``also``: scopes that it needs besides; ``timeout``: seconds that the call may take. Raises ValueError for an
    unknown scope; TypeError where the annotation
    does not name the class of the request.
    """
    for each in (scope, *also):
        if each not in SCOPES:
            raise ValueError(f"unknown scope {each}")

    def register(function: FirstHalf[C, Q]) -> OutboundUseCase[C, Q]:
        return OutboundUseCase(function, scope, also, timeout)

    return register


def outbound_of(name: str) -> OutboundUseCase[Any, Any]:
    """The outbound use case with this name. Raises LookupError where there is none (any more)."""
    entry = USE_CASES.get(name)
    if entry is None or entry.outbound is None:
        raise LookupError(f"{name} is not an outbound use case")
    return entry.outbound


def outbound_use_cases() -> list[OutboundUseCase[Any, Any]]:
    """The use cases of this process that call out."""
    return [entry.outbound for entry in USE_CASES.values() if entry.outbound is not None]


def _request_class(name: str, answer: Any) -> type[Any]:
    options = get_args(answer) if get_origin(answer) in (Union, UnionType) else (answer,)
    request = next((get_args(each)[0] for each in options if get_origin(each) is Call), None)
    if not isinstance(request, type) or not is_dataclass(request):
        raise TypeError(f"{name}: annotate the first half with -> Call[R], where R is a frozen dataclass")
    return request


def _is_stored(each: Any) -> bool:
    return bool(each.metadata.get("stored", True))
