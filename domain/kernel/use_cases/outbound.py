"""Use cases that call the outside world: two transactions around a call that may be answered late, twice or never.

The first half checks, locks and says what to call; its rows, the attempt and the idempotency record (in flight) commit
together. No connection is held during the call. The second half settles the attempt: state, events and the answer. The
attempt's id is the idempotency key at the outside, so a call can be repeated, and asked for, by that id.

    @outbound_use_case("payments:write")
    async def capture_payment(work, principal, command) -> Call[Capture]: ...

    @capture_payment.settled
    async def settle_capture(work, attempt, outcome) -> PaymentIntent: ...

    @capture_payment.current
    async def current_intent(work, attempt) -> PaymentIntent: ...

Where there is nothing to call, the first half answers ``NoCall(result)`` and is all there is.

``current`` reads the object as it is and changes nothing. It gives the answer while the outcome is unknown (the first
half has left the object in a state like ``processing``), and the answer to a repeat of a request whose process died.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import update_wrapper
from types import UnionType
from typing import Any, Generic, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.principal import SCOPES, Principal, Store
from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Document, Instant, KeyText, StoreOwned
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.registry import USE_CASES, UseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork

C = TypeVar("C")
Q = TypeVar("Q")
R = TypeVar("R")
Q_contra = TypeVar("Q_contra", contravariant=True)

CALL_TIMEOUT = 15.0
"""Seconds that a call may take. With two transactions around it, an operation stays within its limit of 30 s."""
CHECK_GRACE = timedelta(seconds=5)
"""How long after the time limit of its call an attempt without an outcome is checked first."""
MAX_CHECK_INTERVAL = timedelta(minutes=5)
UNSTORED: Mapping[str, Any] = {"stored": False}
"""Metadata of a field of a request that must not be written to the database: ``field(metadata=UNSTORED)``."""
NEVER_RECEIVED_AFTER = timedelta(minutes=10)
"""After this time a request that cannot be sent again, and that the outside does not know, counts as never received."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The outside did what was asked."""

    data: Mapping[str, Any] = field(default_factory=dict)
    """What the second half needs of the answer, in JSON's own types. It is stored with the attempt."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The outside refused, and changed nothing."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The outside may have done it: the call timed out, the connection broke, or the outside is still at it."""


Outcome = Succeeded | Failed | Unknown
Settled = Succeeded | Failed


@dataclass(frozen=True, slots=True)
class Call(Generic[Q]):
    """What the first half of a use case answers: the call to make once its transaction is committed."""

    attempt_id: str
    """A new id of the area's own (of its row for this attempt, say): the idempotency key at the outside."""
    request: Q
    """A frozen dataclass whose fields have JSON's own types. Fields that are ``UNSTORED`` make it unrepeatable."""


@dataclass(frozen=True, slots=True)
class NoCall(Generic[R]):
    """What the first half answers when nothing has to be called: its transaction is then the only one."""

    result: R


class OutboundPort(Protocol[Q_contra]):
    """The outside, for requests of one class.

    An adapter is provided for that class: ``database.provide(adapter, kind=Capture)``.
    """

    async def send(self, request: Q_contra, key: str, store: Store) -> Outcome:
        """Make the call for a store. The outside does it once for each ``key``, however often it is sent.

        OSError and TimeoutError count as an unknown outcome.
        """

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """What came of the call with this key; None where the outside has never received it."""


class AttemptState(StrEnum):
    """Whether the outcome of an attempt is known and has been applied."""

    IN_FLIGHT = "in_flight"
    SETTLED = "settled"


class OutboundAttempt(StoreOwned):
    """One call of a use case to the outside. Its id is the idempotency key there."""

    __tablename__ = "outbound_attempt"
    __table_args__ = (
        CheckConstraint("state IN ('in_flight', 'settled')", name="state"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_at"),
        CheckConstraint("(state = 'settled') = (next_check_at IS NULL)", name="next_check_at"),
        CheckConstraint("(state = 'settled') = (outcome IS NOT NULL)", name="outcome"),
        Index("outbound_attempt_due_idx", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
        Index("outbound_attempt_settled_idx", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
    )

    use_case: Mapped[KeyText]
    """The name in the register."""
    request: Mapped[Document]
    """The fields of the request that may be stored; empty once the attempt is settled."""
    state: Mapped[AttemptState] = mapped_column(KEY_TEXT)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """``{"data": …}`` or ``{"code": …, "message": …}``; null in flight."""
    credential: Mapped[KeyText]
    """The credential that asked. The events of the second half name it, whichever process settles."""
    request_id: Mapped[str | None]
    created_at: Mapped[Instant]
    settled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    next_check_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When the reconciler asks the outside; while it does, the end of its lease. Null once settled."""
    checks: Mapped[int]
    """How often the reconciler has leased it."""


_ATTEMPTS = Records(OutboundAttempt)

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
        return all(_is_stored(each) for each in fields(self.request))  # type: ignore[arg-type]  # checked when declared

    def stored_request(self, request: Q) -> dict[str, Any]:
        """What is stored of a request."""
        return {each.name: getattr(request, each.name) for each in fields(request) if _is_stored(each)}  # type: ignore[arg-type]


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


def calls_out() -> bool:
    """Whether any use case of this process calls out."""
    return any(entry.outbound is not None for entry in USE_CASES.values())


async def begin_attempt(
    work: UnitOfWork, use_case: OutboundUseCase[Any, Any], call: Call[Any], *, is_due: bool = False
) -> None:
    """Record the attempt, to commit with the first half.

    ``is_due``: nobody makes the call after the commit; the reconciler does. Its request must be repeatable.
    """
    grace = timedelta(0) if is_due else timedelta(seconds=use_case.timeout) + CHECK_GRACE
    _ATTEMPTS.append(
        work,
        _ATTEMPTS.new(
            store_id=work.store.number,
            id=call.attempt_id,
            use_case=use_case.name,
            request=use_case.stored_request(call.request),
            state=AttemptState.IN_FLIGHT,
            outcome=None,
            credential=work.origin.actor,
            request_id=work.origin.request_id,
            created_at=work.now,
            settled_at=None,
            next_check_at=work.now + grace,
            checks=0,
        ),
    )
    await work.flush()


async def lock_attempt(work: UnitOfWork, attempt_id: str) -> OutboundAttempt:
    """The attempt, locked until the transaction ends. Raises NotFound."""
    return await _ATTEMPTS.lock(work, attempt_id, noun="outbound attempt")


async def settle_attempt(work: UnitOfWork, attempt_id: str, outcome: Outcome) -> Any:
    """Apply an outcome, and answer the result of the use case. Run any number of times, it changes things once.

    The lock of the attempt puts those who settle in a line; the second half runs for the first of them that knows the
    outcome. The others, and those who do not know it, get the result as it is. Raises LookupError for a use case that
    is no longer there.
    """
    attempt = await lock_attempt(work, attempt_id)
    use_case = outbound_of(attempt.use_case)
    if attempt.state == AttemptState.SETTLED:
        return await use_case.current_result(work, attempt)
    if isinstance(outcome, Unknown):
        attempt.next_check_at = work.now + check_interval(attempt.checks)
        await _ATTEMPTS.update(work, attempt)
        return await use_case.current_result(work, attempt)
    result = await use_case.settle(work, attempt, outcome)
    attempt.state, attempt.outcome = AttemptState.SETTLED, _stored_outcome(outcome)
    attempt.request, attempt.settled_at, attempt.next_check_at = {}, work.now, None
    await _ATTEMPTS.update(work, attempt)
    return result


def check_interval(checks: int) -> timedelta:
    """How long to wait after so many checks: 2 s, 4 s, 8 s, … 5 minutes."""
    return min(timedelta(seconds=2 ** min(checks + 1, 10)), MAX_CHECK_INTERVAL)


def _stored_outcome(outcome: Settled) -> dict[str, Any]:
    if isinstance(outcome, Failed):
        return {"code": outcome.code, "message": outcome.message}
    return {"data": dict(outcome.data)}


def _request_class(name: str, answer: Any) -> type[Any]:
    options = get_args(answer) if get_origin(answer) in (Union, UnionType) else (answer,)
    request = next((get_args(each)[0] for each in options if get_origin(each) is Call), None)
    if not isinstance(request, type) or not is_dataclass(request):
        raise TypeError(f"{name}: annotate the first half with -> Call[R], where R is a frozen dataclass")
    return request


def _is_stored(each: Any) -> bool:
    return bool(each.metadata.get("stored", True))
