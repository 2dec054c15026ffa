"""``python -m benchmarks.limits``: what rate limits add to Q3, counted in memory and in Redis.

One process, one application without limits and one with them, in turns of fifty requests; the ratio of each pair of
turns is taken, so that what else the machine does hits both. Redis is asked how often its script ran. The limits of the
account are so high that no request is refused.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys

from redis.asyncio import Redis

from benchmarks.environment import BenchEnvironment, ground
from benchmarks.in_process import REQUESTS, asker, turn
from domain.kernel.database import Database
from gateway.app import build
from gateway.database_setup import database_options
from gateway.settings import Settings

PAIRS = 200
REDIS_URL = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379")


async def compare(stand: BenchEnvironment, database: Database, redis_url: str | None) -> tuple[float, float]:
    """The CPU of a request without limits in microseconds, and the ratio of one with them."""
    given = {"encryption_keys": f"k1:{'A' * 43}=", "database_url": stand.database_url, "redis_url": redis_url}
    limited, free = (
        asker(build(Settings.model_validate({**given, "rate_limits": each}), database), stand) for each in ("on", "off")
    )
    for ask in (limited, free) * 3:
        await turn(ask)
    pairs = [(await turn(limited), await turn(free)) for _ in range(PAIRS)]
    bare = statistics.median(other for _, other in pairs)
    return bare, statistics.median(one / other for one, other in pairs)


async def calls(redis: Redis) -> int:
    """How often Redis has run a script."""
    found = await redis.info("commandstats")
    return sum(int(found.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("eval", "evalsha"))


async def main() -> None:
    """Measure and print."""
    async with ground() as stand:
        settings = Settings(encryption_keys=f"k1:{'A' * 43}=", database_url=stand.database_url)
        database = Database(database_options(settings, stand.database_url))
        await database.open()
        bare, ratio = await compare(stand, database, None)
        sys.stdout.write(f"Q3 without limits {bare:.0f} µs of CPU; counted in memory, ratio {ratio:.3f}\n")
        async with Redis.from_url(REDIS_URL) as redis:
            before = await calls(redis)
            bare, ratio = await compare(stand, database, REDIS_URL)
            asked = (await calls(redis) - before) / ((PAIRS + 3) * REQUESTS)
        sys.stdout.write(f"counted in Redis, ratio {ratio:.3f}; {asked:.4f} round trips a request\n")
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
