"""Rate limits: how many requests a store or a key may make, and how many it has made."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests may be made, in windows of the UTC clock."""

    hour: int
    day: int


class WindowUsage(NamedTuple):
    """One window."""

    limit: int
    used: int
    resets_at: datetime
    """The end of the window (UTC)."""

    @property
    def remaining(self) -> int:
        """The requests that are left, 0 at least: what a burst adds is not counted."""
        return self.limit - self.used if self.used < self.limit else 0


class RateLimitUsage(NamedTuple):
    """The requests of a caller. Where its key has limits of its own, each window is the one with fewer left."""

    hour: WindowUsage
    day: WindowUsage

    @property
    def tighter(self) -> WindowUsage:
        """The window with fewer requests left; of two alike, the one that ends later."""
        hour, day = self
        if hour.used < hour.limit and day.used < day.limit:  # as nearly always: neither has to be cut off at 0
            return hour if hour.limit - hour.used < day.limit - day.used else day
        return hour if hour.remaining < day.remaining else day


rate_limit_usage: ContextVar[RateLimitUsage | None] = ContextVar("rate_limit_usage", default=None)
"""That of the caller of the current request, which counts itself; None where no limits apply."""
