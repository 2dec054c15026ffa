"""Limits the deliveries in flight of one worker, in total and per endpoint.

A delivery occupies a slot from its lease until its outcome is saved.

- An endpoint starts with a window of one slot, gets one more with each success up to ``MAX_WINDOW``, and falls back to
  one with a failure.
- An endpoint is slow if it fails, if its last response took longer than ``SLOW_AFTER_SECONDS``, or if a delivery to it
  has been in flight for longer. All slow endpoints together get at most ``MAX_SLOW_SLOTS`` slots.
- The last ``RESERVED_SLOTS`` slots are for endpoints that are not slow and occupy none.

Of 512 slots, 384 can therefore be used beyond the first slot of each endpoint. If 24 healthy endpoints with full
windows and 127 others begin to hang at the same time, the next endpoint still gets a slot immediately. An endpoint that
has never responded occupies one slot, however much is due. Endpoints known to be slow get at most 191.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from domain.webhooks.delivery.leases import LeaseBudget, LeasedDelivery

MAX_IN_FLIGHT = 512
"""Deliveries in flight per worker: tasks and sockets, of the 1,024 files that a process may usually open."""
MAX_WINDOW = 16
"""Deliveries in flight per endpoint."""
RESERVED_SLOTS = 128
MAX_SLOW_SLOTS = 128
SLOW_AFTER_SECONDS = 1.0
LEASE_BATCH_SIZE = 64
"""Deliveries leased at a time."""
MAX_TRACKED_ENDPOINTS = 512
"""Idle endpoints whose windows are remembered. Others start with a window of one."""


@dataclass(slots=True)
class _EndpointWindow:
    window: int = 1
    """Slots that it may occupy."""
    slow: bool = False
    """Whether its last response was slow or a failure."""
    started: dict[tuple[str, str], float] = field(default_factory=dict)
    """The start of each delivery in flight, by lease and id, oldest first."""

    def is_slow(self, now: float) -> bool:
        return self.slow or now - next(iter(self.started.values()), now) > SLOW_AFTER_SECONDS


class ConcurrencyLimiter:
    """Limits the deliveries in flight of one worker, in total and per endpoint."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """``clock``: a monotonic clock in seconds."""
        self._clock = clock
        self._active: dict[str, _EndpointWindow] = {}
        self._idle: dict[str, _EndpointWindow] = {}
        self._in_flight = 0

    def __len__(self) -> int:
        return self._in_flight

    def budget(self) -> LeaseBudget:
        """Return what may be leased now."""
        now, free = self._clock(), MAX_IN_FLIGHT - self._in_flight
        known = {**self._idle, **self._active}
        slow = {id for id, each in known.items() if each.is_slow(now)}
        crowded = sum(len(known[id].started) for id in slow) >= MAX_SLOW_SLOTS
        shared = free > RESERVED_SLOTS
        windows = {id: each.window if shared else 1 for id, each in known.items()}
        if crowded or not shared:
            windows.update(dict.fromkeys(slow, 0))
        return LeaseBudget(
            max_count=min(LEASE_BATCH_SIZE, free - RESERVED_SLOTS if shared else free),
            includes_failing=shared and not crowded,
            windows=windows,
            in_flight={id: len(each.started) for id, each in self._active.items()},
        )

    def acquire(self, delivery: LeasedDelivery) -> None:
        """Occupy a slot for a delivery. Must be followed by ``release``."""
        endpoint = (
            self._active.get(delivery.webhook_id) or self._idle.pop(delivery.webhook_id, None) or _EndpointWindow()
        )
        self._active[delivery.webhook_id] = endpoint
        endpoint.started[delivery.lease, delivery.id] = self._clock()
        endpoint.slow = endpoint.slow or delivery.failing_since is not None
        self._in_flight += 1

    def record_result(self, delivery: LeasedDelivery, *, succeeded: bool) -> None:
        """Adjust the window of the endpoint after a response or a timeout."""
        endpoint = self._active[delivery.webhook_id]
        took = self._clock() - endpoint.started[delivery.lease, delivery.id]
        endpoint.window = min(endpoint.window + 1, MAX_WINDOW) if succeeded else 1
        endpoint.slow = not succeeded or took > SLOW_AFTER_SECONDS

    def release(self, delivery: LeasedDelivery) -> None:
        """Free the slot of a delivery, whatever its outcome."""
        endpoint = self._active[delivery.webhook_id]
        del endpoint.started[delivery.lease, delivery.id]
        self._in_flight -= 1
        if not endpoint.started:
            self._idle[delivery.webhook_id] = self._active.pop(delivery.webhook_id)
            if len(self._idle) > MAX_TRACKED_ENDPOINTS:
                del self._idle[next(iter(self._idle))]
