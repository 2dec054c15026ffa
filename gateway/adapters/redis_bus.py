"""Wakeups between processes, by Redis publish and subscribe. They carry no data and no guarantee: a process that misses
one polls a moment later, with the same result.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.adapters.redis_failures import raise_if_cancelled
from gateway.wakeups import Topic

CHANNELS = {f"commerce-gateway:{news}".encode(): news for news in Topic}
REDIS_RETRY_DELAY = 1.0
"""Seconds between two attempts while Redis is unavailable."""

log = logging.getLogger("gateway.redis")


class RedisBus:
    """Tells other processes that something has happened, and hears it from them."""

    def __init__(self, url: str, heard: Mapping[Topic, Callable[[], None]]) -> None:
        """``heard``: called when another process, or this one, has published."""
        self._redis = Redis.from_url(url, socket_connect_timeout=2, health_check_interval=15)
        self._heard = heard
        self._pending: set[Topic] = set()
        self._waiting = asyncio.Event()
        self.connected = False
        """Whether wakeups currently arrive."""

    def publish(self, news: Topic) -> None:
        """It has happened. Returns at once; several calls may become one message."""
        self._pending.add(news)
        self._waiting.set()

    async def run(self) -> None:
        """Subscribe and publish until cancelled, while Redis is available."""
        try:
            await asyncio.gather(self._listen(), self._speak())
        finally:
            await self._redis.aclose()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(*CHANNELS)
                    self._state(connected=True)
                    for hear in self._heard.values():
                        hear()  # what was published while not subscribed
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._heard[CHANNELS[message["channel"]]]()
            except (RedisError, OSError) as error:
                raise_if_cancelled()
                self._state(connected=False, error=error)
            await asyncio.sleep(REDIS_RETRY_DELAY)

    async def _speak(self) -> None:
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            pending, self._pending = self._pending, set()
            try:
                for channel, news in CHANNELS.items():
                    if news in pending:
                        await self._redis.publish(channel, b"")
            except (RedisError, OSError):
                raise_if_cancelled()
                await asyncio.sleep(REDIS_RETRY_DELAY)  # the subscriber reports the outage; others poll

    def _state(self, *, connected: bool, error: Exception | None = None) -> None:
        if connected is not self.connected or error is not None:
            level = logging.INFO if connected else logging.WARNING
            log.log(level, "Redis wakeups %s", "available" if connected else f"unavailable, polling: {error}")
        self.connected = connected
