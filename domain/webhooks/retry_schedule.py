"""The retry schedule of deliveries, as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

RETRY_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (0, 60, 5 * 60, 30 * 60, 2 * 3_600, 6 * 3_600))
"""The wait before each attempt, from the end of the previous one."""
MAX_ATTEMPTS = len(RETRY_DELAYS)
JITTER = 0.1
"""The largest part of a wait that is added at random, so that deliveries that failed together are not retried
together."""
MAX_RETRY_AFTER = timedelta(hours=6)
"""The longest ``Retry-After`` that is respected."""
DISABLE_AFTER = timedelta(days=5)
"""An endpoint is deactivated after a run of failures of this length."""
MAX_SILENCE = timedelta(days=1)
"""The longest time between two failures of one run; longer than any wait for a retry. After it, a new run begins."""

Chance = Callable[[], float]
"""Returns a random number in [0, 1)."""


def next_attempt(attempts: int, ended: datetime, retry_after: float | None, chance: Chance) -> datetime | None:
    """Return when to retry after ``attempts`` attempts, the last of which ended at ``ended``; None after the last.

    ``retry_after``: seconds requested by the receiver; they can lengthen the wait, never shorten it.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    wait = RETRY_DELAYS[attempts] * (1 + JITTER * chance())
    requested = min(max(retry_after or 0.0, 0.0), MAX_RETRY_AFTER.total_seconds())
    return ended + max(wait, timedelta(seconds=requested))
