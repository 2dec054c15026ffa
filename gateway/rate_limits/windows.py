"""The rules of rate limits (contract.md, Rate limits). The script in Redis applies the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from domain.kernel.principal import Principal
from domain.kernel.rate_limits import Quota, RateLimitUsage, WindowUsage

MINUTE, HOUR, DAY = 60, 3_600, 86_400
"""Seconds."""
BURST = 2
"""How many times the limit of an hour may be used up, with delays, if the hour before was within its limit."""
MAX_DELAY = 1.0
"""Seconds that the last request of a burst is delayed."""


class RateLimitSubject(NamedTuple):
    """Whose requests are counted: a store, or a key of it."""

    store: str
    """The id of the store: several gateways may share a Redis."""
    key: str | None
    """The id of the key; None for the whole store."""
    quota: Quota


class Client(NamedTuple):
    """Who calls with a publishable key, which many have."""

    key: str
    """The id of the key."""
    address: str
    """The address or network of the client; empty if it is not known."""
    limit: int
    """Requests per minute."""


class WindowCounts(NamedTuple):
    """The requests of a subject."""

    hour: int
    hour_before: int
    day: int


class Decision(NamedTuple):
    """What becomes of a request."""

    is_admitted: bool
    delay: float
    """Seconds for which an admitted request waits."""
    counts: Sequence[WindowCounts]
    """Of each subject, with the request if it is admitted."""


def subjects_of(principal: Principal) -> list[RateLimitSubject]:
    """Whose limits a request of the principal must keep; none without limits."""
    store = principal.store
    if store.quota is None:
        return []
    found = [RateLimitSubject(store.id, None, store.quota)]
    if principal.quota is not None:
        found.append(RateLimitSubject(store.id, principal.credential, principal.quota))
    return found


def client_of(principal: Principal) -> Client | None:
    """Whose limit per minute a request of the principal must keep besides; None if the key is a secret one."""
    storefront = principal.storefront
    if storefront is None:
        return None
    return Client(principal.credential, storefront.client, storefront.address_limit)


def decide(quota: Quota, counts: WindowCounts, cost: int) -> float | None:
    """The delay in seconds of a request that costs so much; None if it is refused."""
    ceiling = quota.hour if counts.hour_before > quota.hour else BURST * quota.hour
    total = counts.hour + cost
    if total > ceiling or counts.day + cost > quota.day:
        return None
    return max(0, total - quota.hour) / quota.hour * MAX_DELAY


def usage_of(subjects: Sequence[RateLimitSubject], counts: Sequence[WindowCounts], now: datetime) -> RateLimitUsage:
    """What has been used: of each window, that of the subject which has fewer requests left. ``now``: UTC."""
    hour_end, day_end = ends_of(int(now.timestamp()) // HOUR)
    if len(subjects) == 1:
        quota, known = subjects[0].quota, counts[0]
        return RateLimitUsage(WindowUsage(quota.hour, known.hour, hour_end), WindowUsage(quota.day, known.day, day_end))
    hours = [WindowUsage(each.quota.hour, one.hour, hour_end) for each, one in zip(subjects, counts, strict=True)]
    days = [WindowUsage(each.quota.day, one.day, day_end) for each, one in zip(subjects, counts, strict=True)]
    return RateLimitUsage(min(hours, key=_remaining), min(days, key=_remaining))


@lru_cache(maxsize=8)
def ends_of(hour: int) -> tuple[datetime, datetime]:
    """The ends (UTC) of an hour, counted since 1970, and of its day."""
    start = hour * HOUR
    return datetime.fromtimestamp(start + HOUR, UTC), datetime.fromtimestamp((start // DAY + 1) * DAY, UTC)


def _remaining(window: WindowUsage) -> int:
    return window.remaining
