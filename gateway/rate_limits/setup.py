"""The rate limiter of a process, by its settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.kernel.database import Database
from gateway.rate_limits.counters import Counters
from gateway.rate_limits.limiter import RateLimiter
from gateway.settings import Settings


def rate_limiter(settings: Settings, database: Database, away: Callable[[bool], None]) -> RateLimiter:
    """Counts in Redis, if it is set. ``away``: called when Redis is away, and when it is back."""

    def clock() -> datetime:
        return database.clock()  # looked up at each request: tests turn it

    return RateLimiter(clock, _shared(settings), away, applies=settings.rate_limits == "on")


def _shared(settings: Settings) -> Counters | None:
    if settings.redis_url is None:
        return None
    from gateway.adapters.redis_counters import RedisCounters  # noqa: PLC0415 - it loads OpenTelemetry

    return RedisCounters(settings.redis_url.get_secret_value())
