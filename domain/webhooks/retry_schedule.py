"""When a delivery is tried again, as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

RETRY_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (0, 60, 5 * 60, 30 * 60, 2 * 3_600, 6 * 3_600))
"""Before each attempt, since the one before it ended."""
MAX_ATTEMPTS = len(RETRY_DELAYS)
JITTER = 0.1
"""At most this part is added to a wait, so that what failed together is not tried together."""
MAX_RETRY_AFTER = timedelta(hours=6)
"""A receiver's Retry-After counts up to here."""
DISABLE_AFTER = timedelta(days=5)
"""An endpoint that has failed for so long, running, is made inactive."""
MAX_SILENCE = timedelta(days=1)
"""Between two failures of one run; longer than any wait for a retry. After more, failing begins anew."""

Chance = Callable[[], float]
"""A number from 0 up to 1."""


def next_attempt(made: int, ended: datetime, retry_after: float | None, chance: Chance) -> datetime | None:
    """When to try again after ``made`` attempts, the last of which ended then; None when that was the last.

    ``retry_after``: seconds that the receiver asks for; it lengthens the wait and never shortens it.
    """
    if made >= MAX_ATTEMPTS:
        return None
    wait = RETRY_DELAYS[made] * (1 + JITTER * chance())
    asked = min(max(retry_after or 0.0, 0.0), MAX_RETRY_AFTER.total_seconds())
    return ended + max(wait, timedelta(seconds=asked))
