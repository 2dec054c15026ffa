"""Recording attempts and applying their outcomes, once each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.outbound.attempts import AttemptState, OutboundAttempt
from domain.kernel.use_cases.outbound.calls import Call, Failed, Outcome, Settled, Unknown
from domain.kernel.use_cases.outbound.use_cases import OutboundUseCase, outbound_of
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork

CHECK_GRACE = timedelta(seconds=5)
"""How long after the time limit of its call an attempt without an outcome is checked first."""
MAX_CHECK_INTERVAL = timedelta(minutes=5)
NEVER_RECEIVED = "never_received"
"""The code of the failure of such a request."""
NEVER_RECEIVED_AFTER = timedelta(minutes=10)
"""After this time a request that cannot be sent again, and that the outside does not know, counts as never received."""
_ATTEMPTS = Records(OutboundAttempt)
_attempt = OutboundAttempt.__table__.c
_IN_FLIGHT = Statement(
    "calls_in_flight",
    select(_attempt.id)
    .where(
        _attempt.store_id == STORE,
        _attempt.id >= bindparam("first", type_=KEY_TEXT),
        _attempt.id < bindparam("after", type_=KEY_TEXT),
        _attempt.next_check_at.is_not(None),
    )
    .limit(1),
)


async def begin_attempt(
    work: UnitOfWork, use_case: OutboundUseCase[Any, Any], call: Call[Any], *, is_due: bool = False
) -> None:
    """Record the attempt, with the next message that writes, to commit with the first half.

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
    await work.defer_flush()


async def has_call_in_flight(work: UnitOfWork, id: str) -> bool:
    """Whether the outcome of any call about this object (``<id>:<operation>``) is unknown."""
    rows = await _IN_FLIGHT.rows(work.reader, first=f"{id}:", after=f"{id};")  # ";" follows ":"
    return bool(rows)


async def lock_attempt(work: UnitOfWork, attempt_id: str, *, after: str | None = None) -> OutboundAttempt:
    """The attempt, locked until the transaction ends. Raises NotFound.

    ``after``: the name of a lock that is taken first: who looks at an idempotency record locks its attempt next.
    """
    return await _ATTEMPTS.lock(work, attempt_id, noun="outbound attempt", after=after)


async def settle_attempt(work: UnitOfWork, attempt_id: str, outcome: Outcome, *, after: str | None = None) -> Any:
    """Apply an outcome, and answer the result of the use case. Run any number of times, it changes things once. What it
    writes is sent with the next message that writes. ``after``: see ``lock_attempt``.

    The lock of the attempt puts those who settle in a line; the second half runs for the first of them that knows the
    outcome. The others, and those who do not know it, get the result as it is. Raises LookupError for a use case that
    is no longer there.
    """
    attempt = await lock_attempt(work, attempt_id, after=after)
    use_case = outbound_of(attempt.use_case)
    if attempt.state == AttemptState.SETTLED:
        return await use_case.current_result(work, attempt)
    if isinstance(outcome, Unknown):
        attempt.next_check_at = work.now + check_interval(attempt.checks)
        await _ATTEMPTS.update_all(work, [attempt])
        return await use_case.current_result(work, attempt)
    result = await use_case.settle(work, attempt, outcome)
    attempt.state, attempt.outcome = AttemptState.SETTLED, _stored_outcome(outcome)
    attempt.request, attempt.settled_at, attempt.next_check_at = {}, work.now, None
    await _ATTEMPTS.update_all(work, [attempt])
    return result


def check_interval(checks: int) -> timedelta:
    """How long to wait after so many checks: 2 s, 4 s, 8 s, … 5 minutes."""
    return min(timedelta(seconds=2 ** min(checks + 1, 10)), MAX_CHECK_INTERVAL)


def _stored_outcome(outcome: Settled) -> dict[str, Any]:
    if isinstance(outcome, Failed):
        return {"code": outcome.code, "message": outcome.message}
    return {"data": dict(outcome.data)}
