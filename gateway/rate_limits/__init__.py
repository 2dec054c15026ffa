"""Rate limits: requests of each store, and of each key that has limits of its own, by windows of the UTC clock.

- ``windows.py``   the rules: who is counted, in which windows, and when a request is admitted, delayed or refused
- ``counters.py``  the port of the counters, and those of a single process
- ``limiter.py``   asks the counters, and goes on without Redis

The counters in Redis are in ``gateway/adapters/redis_counters.py``.
"""

from gateway.rate_limits.counters import Counters, CountersAwayError, MemoryCounters
from gateway.rate_limits.limiter import RateLimiter
from gateway.rate_limits.windows import Decision, RateLimitSubject, WindowCounts, decide, subjects_of, usage_of

__all__ = [
    "Counters",
    "CountersAwayError",
    "Decision",
    "MemoryCounters",
    "RateLimitSubject",
    "RateLimiter",
    "WindowCounts",
    "decide",
    "subjects_of",
    "usage_of",
]
