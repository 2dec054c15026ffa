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

- ``calls.py``        what is asked, what comes of it, and the port
- ``use_cases.py``    the two halves
- ``attempts.py``     which calls are in flight
- ``settlement.py``   recording them and applying their outcomes
"""

from domain.kernel.use_cases.outbound.attempts import AttemptState, OutboundAttempt
from domain.kernel.use_cases.outbound.calls import (
    UNSTORED,
    Call,
    Denied,
    Failed,
    NoCall,
    OutboundPort,
    Outcome,
    Settled,
    Succeeded,
    Unknown,
)
from domain.kernel.use_cases.outbound.settlement import (
    CHECK_GRACE,
    MAX_CHECK_INTERVAL,
    NEVER_RECEIVED,
    NEVER_RECEIVED_AFTER,
    begin_attempt,
    check_interval,
    has_call_in_flight,
    lock_attempt,
    settle_attempt,
)
from domain.kernel.use_cases.outbound.use_cases import (
    CALL_TIMEOUT,
    OutboundUseCase,
    outbound_of,
    outbound_use_case,
    outbound_use_cases,
)

__all__ = [
    "CALL_TIMEOUT",
    "CHECK_GRACE",
    "MAX_CHECK_INTERVAL",
    "NEVER_RECEIVED",
    "NEVER_RECEIVED_AFTER",
    "UNSTORED",
    "AttemptState",
    "Call",
    "Denied",
    "Failed",
    "NoCall",
    "OutboundAttempt",
    "OutboundPort",
    "OutboundUseCase",
    "Outcome",
    "Settled",
    "Succeeded",
    "Unknown",
    "begin_attempt",
    "check_interval",
    "has_call_in_flight",
    "lock_attempt",
    "outbound_of",
    "outbound_use_case",
    "outbound_use_cases",
    "settle_attempt",
]
