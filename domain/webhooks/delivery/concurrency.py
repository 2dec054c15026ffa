"""How many deliveries a worker may have in hand, and of whom. A hand is busy from a claim until the outcome is written.

- An endpoint begins with one hand, gets one more with each success, ``MAX_WINDOW`` at most, and falls back to one
  with a failure.
- An endpoint is slow if it fails, took longer than ``SLOW_AFTER_SECONDS`` for its last response, or keeps a delivery
  waiting for longer. All slow endpoints together get at most ``MAX_SLOW_SLOTS`` hands.
- The last ``RESERVED_SLOTS`` hands are for endpoints that are not slow and hold none.

So of 512 hands 384 can be held by more than the first of each endpoint: 24 that are well and as busy as can be, and 127
besides, may begin to hang in one moment, and whoever comes next still gets a hand at once. Who has never answered holds
one, however much is due. Those that are known to be slow are given 191 at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from domain.webhooks.delivery.leases import LeaseBudget, LeasedDelivery

MAX_IN_FLIGHT = 512
"""Deliveries in one worker's hands: tasks and sockets, of the 1,024 files that a process may usually open."""
MAX_WINDOW = 16
"""Of one endpoint."""
RESERVED_SLOTS = 128
MAX_SLOW_SLOTS = 128
SLOW_AFTER_SECONDS = 1.0
"""Seconds."""
LEASE_BATCH_SIZE = 64
"""Deliveries claimed at a time."""
MAX_TRACKED_ENDPOINTS = 512
"""Endpoints with nothing in hand that are remembered; who is forgotten begins anew."""


@dataclass(slots=True)
class _EndpointWindow:
    window: int = 1
    """Hands that it may hold."""
    slow: bool = False
    """As far as its last answer tells."""
    begun: dict[tuple[str, str], float] = field(default_factory=dict)
    """When each of its deliveries was taken in hand, by lease and id, the oldest first."""

    def is_slow(self, now: float) -> bool:
        return self.slow or now - next(iter(self.begun.values()), now) > SLOW_AFTER_SECONDS


class ConcurrencyLimiter:
    """The hands of one worker."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """``clock``: seconds, from whenever on."""
        self._clock = clock
        self._holding: dict[str, _EndpointWindow] = {}
        self._idle: dict[str, _EndpointWindow] = {}
        self._busy = 0

    def __len__(self) -> int:
        return self._busy

    def budget(self) -> LeaseBudget:
        """What may be claimed now."""
        now, free = self._clock(), MAX_IN_FLIGHT - self._busy
        known = {**self._idle, **self._holding}
        slow = {id for id, each in known.items() if each.is_slow(now)}
        crowded = sum(len(known[id].begun) for id in slow) >= MAX_SLOW_SLOTS
        shared = free > RESERVED_SLOTS
        windows = {id: each.window if shared else 1 for id, each in known.items()}
        if crowded or not shared:
            windows.update(dict.fromkeys(slow, 0))
        return LeaseBudget(
            most=min(LEASE_BATCH_SIZE, free - RESERVED_SLOTS if shared else free),
            failing=shared and not crowded,
            windows=windows,
            held={id: len(each.begun) for id, each in self._holding.items()},
        )

    def acquire(self, claim: LeasedDelivery) -> None:
        """A delivery is in hand; ``release`` must follow."""
        endpoint = self._holding.get(claim.webhook_id) or self._idle.pop(claim.webhook_id, None) or _EndpointWindow()
        self._holding[claim.webhook_id] = endpoint
        endpoint.begun[claim.lease, claim.id] = self._clock()
        endpoint.slow = endpoint.slow or claim.failing_since is not None
        self._busy += 1

    def record_result(self, claim: LeasedDelivery, *, succeeded: bool) -> None:
        """Its endpoint has answered, or the time is over."""
        endpoint = self._holding[claim.webhook_id]
        took = self._clock() - endpoint.begun[claim.lease, claim.id]
        endpoint.window = min(endpoint.window + 1, MAX_WINDOW) if succeeded else 1
        endpoint.slow = not succeeded or took > SLOW_AFTER_SECONDS

    def release(self, claim: LeasedDelivery) -> None:
        """It is out of hand, whatever came of it."""
        endpoint = self._holding[claim.webhook_id]
        del endpoint.begun[claim.lease, claim.id]
        self._busy -= 1
        if not endpoint.begun:
            self._idle[claim.webhook_id] = self._holding.pop(claim.webhook_id)
            if len(self._idle) > MAX_TRACKED_ENDPOINTS:
                del self._idle[next(iter(self._idle))]
