"""How many deliveries a worker may have in hand, and of whom. A hand is busy from a claim until the outcome is written.

- An endpoint begins with one hand, gets one more with each success, ``AT_ONCE_EACH`` at most, and falls back to one
  with a failure.
- Endpoints are slow that fail, that took longer than ``PROMPT`` to answer last, or that let a delivery wait for longer.
  While they hold ``SLOW`` hands, all of them together, they get no further one.
- The last ``RESERVED`` hands are for endpoints that are not slow and hold none.

So of 512 hands 384 can be held by more than the first of each endpoint: 24 that are well and as busy as can be, and 127
besides, may begin to hang in one moment, and whoever comes next still gets a hand at once. Who has never answered holds
one, however much is due. Those that are known to be slow are given 191 at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from domain.webhooks.delivery.leases import Allowance, Claim

AT_ONCE = 512
"""Deliveries in one worker's hands: tasks and sockets, of the 1,024 files that a process may usually open."""
AT_ONCE_EACH = 16
"""Of one endpoint."""
RESERVED = 128
SLOW = 128
PROMPT = 1.0
"""Seconds."""
BATCH = 64
"""Deliveries claimed at a time."""
REMEMBERED = 512
"""Endpoints with nothing in hand that are remembered; who is forgotten begins anew."""


@dataclass(slots=True)
class _Endpoint:
    window: int = 1
    """Hands that it may hold."""
    slow: bool = False
    """As far as its last answer tells."""
    begun: dict[tuple[str, str], float] = field(default_factory=dict)
    """When each of its deliveries was taken in hand, by lease and id, the oldest first."""

    def is_slow(self, now: float) -> bool:
        return self.slow or now - next(iter(self.begun.values()), now) > PROMPT


class Hands:
    """The hands of one worker."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """``clock``: seconds, from whenever on."""
        self._clock = clock
        self._holding: dict[str, _Endpoint] = {}
        self._idle: dict[str, _Endpoint] = {}
        self._busy = 0

    def __len__(self) -> int:
        return self._busy

    def allowance(self) -> Allowance:
        """What may be claimed now."""
        now, free = self._clock(), AT_ONCE - self._busy
        known = {**self._idle, **self._holding}
        slow = {id for id, each in known.items() if each.is_slow(now)}
        crowded = sum(len(known[id].begun) for id in slow) >= SLOW
        shared = free > RESERVED
        windows = {id: each.window if shared else 1 for id, each in known.items()}
        if crowded or not shared:
            windows.update(dict.fromkeys(slow, 0))
        return Allowance(
            most=min(BATCH, free - RESERVED if shared else free),
            failing=shared and not crowded,
            windows=windows,
            held={id: len(each.begun) for id, each in self._holding.items()},
        )

    def take(self, claim: Claim) -> None:
        """A delivery is in hand; ``give_back`` must follow."""
        endpoint = self._holding.get(claim.webhook_id) or self._idle.pop(claim.webhook_id, None) or _Endpoint()
        self._holding[claim.webhook_id] = endpoint
        endpoint.begun[claim.lease, claim.id] = self._clock()
        endpoint.slow = endpoint.slow or claim.failing_since is not None
        self._busy += 1

    def answered(self, claim: Claim, *, succeeded: bool) -> None:
        """Its endpoint has answered, or the time is over."""
        endpoint = self._holding[claim.webhook_id]
        took = self._clock() - endpoint.begun[claim.lease, claim.id]
        endpoint.window = min(endpoint.window + 1, AT_ONCE_EACH) if succeeded else 1
        endpoint.slow = not succeeded or took > PROMPT

    def give_back(self, claim: Claim) -> None:
        """It is out of hand, whatever came of it."""
        endpoint = self._holding[claim.webhook_id]
        del endpoint.begun[claim.lease, claim.id]
        self._busy -= 1
        if not endpoint.begun:
            self._idle[claim.webhook_id] = self._holding.pop(claim.webhook_id)
            if len(self._idle) > REMEMBERED:
                del self._idle[next(iter(self._idle))]
