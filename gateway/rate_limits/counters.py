"""Counters of requests: the port, and those of a single process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.kernel.rate_limits import Quota, RateLimitUsage, WindowUsage
from gateway.rate_limits.windows import (
    DAY,
    HOUR,
    MINUTE,
    Client,
    Decision,
    RateLimitSubject,
    WindowCounts,
    decide,
    ends_of,
)

_Owner = tuple[str, str | None]


class CountersAwayError(Exception):
    """The counters of all processes cannot be reached."""


class Counters(Protocol):
    """Counts requests, atomically."""

    async def take(
        self, subjects: Sequence[RateLimitSubject], cost: int, now: datetime, unreported: int = 0
    ) -> Decision:
        """Count a request for all subjects if all of them admit it, otherwise for none.

        ``cost``: in requests; ``unreported``: requests of the present hour that were admitted before without being
        counted here, which are counted whatever becomes of this one. Raises CountersAwayError.
        """

    async def take_minute(self, client: Client, cost: int, now: datetime) -> bool:
        """Count a request of one client address in the present minute, if its limit admits it. Raises
        CountersAwayError."""

    async def close(self) -> None:
        """Let go of connections."""


class _Windows(NamedTuple):
    """The counts of all owners in the windows of one hour."""

    hour: dict[_Owner, int]
    hour_before: dict[_Owner, int]
    day: dict[_Owner, int]
    hour_start: datetime
    hour_end: datetime
    day_end: datetime


class MemoryCounters:
    """The counters of one process."""

    def __init__(self) -> None:
        self._hours: dict[int, dict[_Owner, int]] = {}
        self._days: dict[int, dict[_Owner, int]] = {}
        self._minutes: dict[int, dict[_Owner, int]] = {}
        self._known: _Windows | None = None
        """Those of the hour that was last asked for."""

    async def take(
        self, subjects: Sequence[RateLimitSubject], cost: int, now: datetime, unreported: int = 0
    ) -> Decision:
        """See ``Counters``."""
        return self.take_now(subjects, cost, now, unreported)

    def take_now(self, subjects: Sequence[RateLimitSubject], cost: int, now: datetime, unreported: int = 0) -> Decision:
        """As ``take``: there is nothing to wait for."""
        windows = self._windows(now)
        if unreported:
            _add(windows, subjects, unreported)
        counts = [_counts(windows, each) for each in subjects]
        delay = 0.0
        for subject, known in zip(subjects, counts, strict=True):
            waits = decide(subject.quota, known, cost)
            if waits is None:
                return Decision(is_admitted=False, delay=0, counts=counts)
            delay = max(delay, waits)
        _add(windows, subjects, cost)
        counted = [WindowCounts(hour + cost, hour_before, day + cost) for hour, hour_before, day in counts]
        return Decision(is_admitted=True, delay=delay, counts=counted)

    def take_within(self, store: str, quota: Quota, cost: int, now: datetime) -> RateLimitUsage | None:
        """Count a request of a whole store if it is within both limits, as nearly all are; None, and nothing counted,
        if it is not. In one step: ``take_now`` and ``usage_of`` together take three times as long."""
        windows = self._windows(now)
        owner = (store, None)
        hour, day = windows.hour.get(owner, 0) + cost, windows.day.get(owner, 0) + cost
        if hour > quota.hour or day > quota.day:
            return None
        windows.hour[owner], windows.day[owner] = hour, day
        return RateLimitUsage(
            WindowUsage(quota.hour, hour, windows.hour_end), WindowUsage(quota.day, day, windows.day_end)
        )

    async def take_minute(self, client: Client, cost: int, now: datetime) -> bool:
        """See ``Counters``."""
        counts = _window(self._minutes, int(now.timestamp()) // MINUTE)
        owner = (client.key, client.address)
        used = counts.get(owner, 0)
        if used + cost > client.limit:
            return False
        counts[owner] = used + cost
        return True

    def assume(self, subjects: Sequence[RateLimitSubject], counts: Sequence[WindowCounts], now: datetime) -> None:
        """Take over what other counters have counted."""
        windows = self._windows(now)
        for subject, known in zip(subjects, counts, strict=True):
            owner = (subject.store, subject.key)
            windows.hour[owner], windows.hour_before[owner], windows.day[owner] = known

    async def close(self) -> None:
        """See ``Counters``."""

    def _windows(self, now: datetime) -> _Windows:
        known = self._known
        if known is not None and known.hour_start <= now < known.hour_end:
            return known
        hour = int(now.timestamp()) // HOUR
        before, present = _window(self._hours, hour - 1), _window(self._hours, hour)
        (start, _), (end, day_end) = ends_of(hour - 1), ends_of(hour)
        self._known = _Windows(present, before, _window(self._days, hour * HOUR // DAY), start, end, day_end)
        return self._known


def _counts(windows: _Windows, subject: RateLimitSubject) -> WindowCounts:
    owner = (subject.store, subject.key)
    return WindowCounts(windows.hour.get(owner, 0), windows.hour_before.get(owner, 0), windows.day.get(owner, 0))


def _add(windows: _Windows, subjects: Sequence[RateLimitSubject], requests: int) -> None:
    for each in subjects:
        owner = (each.store, each.key)
        windows.hour[owner] = windows.hour.get(owner, 0) + requests
        windows.day[owner] = windows.day.get(owner, 0) + requests


def _window(windows: dict[int, dict[_Owner, int]], index: int) -> dict[_Owner, int]:
    """The counts of a window; those before the last one are forgotten."""
    found = windows.get(index)
    if found is None:
        found = windows[index] = {}
        for old in [each for each in windows if each < index - 1]:
            del windows[old]
    return found
