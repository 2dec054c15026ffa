"""Counters of requests in Redis, for all processes: one script, so that counting and deciding are one step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from gateway.adapters.redis_failures import raise_if_cancelled
from gateway.rate_limits import CountersAwayError, Decision, RateLimitSubject, WindowCounts
from gateway.rate_limits.windows import BURST, DAY, HOUR, MAX_DELAY, MINUTE, Client

REDIS_TIMEOUT = 0.25
"""Seconds: a request does not wait longer to be counted."""
CONNECTIONS = 20
_SCRIPT = """
-- KEYS: of each subject its hour, the hour before, and its day. ARGV: cost, unreported, then of each subject the limits
-- of the hour and of the day. Answers: admitted, delay in milliseconds, then the three counts of each subject.
local cost, unreported, delay, admitted = tonumber(ARGV[1]), tonumber(ARGV[2]), 0, 1
local function add(amount)
    for at = 1, #KEYS, 3 do
        redis.call('INCRBY', KEYS[at], amount)
        redis.call('EXPIRE', KEYS[at], HOURS_KEPT)
        redis.call('INCRBY', KEYS[at + 2], amount)
        redis.call('EXPIRE', KEYS[at + 2], DAYS_KEPT)
    end
end
if unreported > 0 then add(unreported) end
local counts = redis.call('MGET', unpack(KEYS))
for at = 1, #KEYS do counts[at] = tonumber(counts[at] or 0) end
for at = 1, #KEYS, 3 do
    local limit = tonumber(ARGV[3 + (at - 1) / 3 * 2])
    local ceiling = limit
    if counts[at + 1] <= limit then ceiling = BURST * limit end
    local total = counts[at] + cost
    if total > ceiling or counts[at + 2] + cost > tonumber(ARGV[4 + (at - 1) / 3 * 2]) then admitted = 0 end
    if total > limit then delay = math.max(delay, (total - limit) / limit * MAX_DELAY) end
end
if admitted == 1 and cost > 0 then
    add(cost)
    for at = 1, #KEYS, 3 do
        counts[at] = counts[at] + cost
        counts[at + 2] = counts[at + 2] + cost
    end
end
return {admitted, math.floor(delay * 1000 + 0.5), unpack(counts)}
"""
_MINUTE_SCRIPT = """
-- KEYS: the client's minute. ARGV: cost, limit. Answers whether the request is admitted.
local used = tonumber(redis.call('GET', KEYS[1]) or 0)
if used + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], MINUTES_KEPT)
return 1
""".replace("MINUTES_KEPT", str(2 * MINUTE))
for _name, _value in {
    "HOURS_KEPT": 2 * HOUR + 60,
    "DAYS_KEPT": DAY + 60,
    "BURST": BURST,
    "MAX_DELAY": MAX_DELAY,
}.items():
    _SCRIPT = _SCRIPT.replace(_name, str(_value))


class RedisCounters:
    """Implements ``Counters``."""

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=REDIS_TIMEOUT,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
        )
        self._redis = Redis(connection_pool=pool)
        self._script = self._redis.register_script(_SCRIPT)
        self._minute_script = self._redis.register_script(_MINUTE_SCRIPT)

    async def take(
        self, subjects: Sequence[RateLimitSubject], cost: int, now: datetime, unreported: int = 0
    ) -> Decision:
        """See ``Counters``."""
        keys, limits = _keys(subjects, int(now.timestamp())), [cost, unreported]
        for each in subjects:
            limits += [each.quota.hour, each.quota.day]
        admitted, delay, *counts = await self._answer(self._script, keys, limits)
        return Decision(
            is_admitted=bool(admitted),
            delay=delay / 1000 if admitted else 0,
            counts=[WindowCounts(*counts[at : at + 3]) for at in range(0, len(counts), 3)],
        )

    async def take_minute(self, client: Client, cost: int, now: datetime) -> bool:
        """See ``Counters``."""
        minute = int(now.timestamp()) // MINUTE
        key = f"commerce-gateway:clients:{{{client.key}}}:{client.address}:{minute}"
        return bool(await self._answer(self._minute_script, [key], [cost, client.limit]))

    async def _answer(self, script: AsyncScript, keys: list[str], arguments: list[int]) -> Any:
        try:
            return await script(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            raise_if_cancelled()
            raise CountersAwayError(str(error) or type(error).__name__) from None

    async def close(self) -> None:
        """See ``Counters``."""
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()


def _keys(subjects: Sequence[RateLimitSubject], moment: int) -> list[str]:
    """The keys of all subjects, of one store and so in one slot of a cluster."""
    keys = []
    for each in subjects:
        name = f"commerce-gateway:requests:{{{each.store}}}:{each.key or 'store'}"
        hour = moment // HOUR
        keys += [f"{name}:hour:{hour}", f"{name}:hour:{hour - 1}", f"{name}:day:{moment // DAY}"]
    return keys
