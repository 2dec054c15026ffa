"""Wake-ups between processes, by Redis publish and subscribe. It carries no data and no promise: whoever is not woken
polls, and finds the same events a moment later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "commerce-gateway:log"
PAUSE = 1.0
"""Seconds between two tries while Redis is away."""

log = logging.getLogger(__name__)


class RedisBus:
    """Tells other processes that the log has grown, and hears it from them."""

    def __init__(self, url: str, heard: Callable[[], None]) -> None:
        """``heard`` is called when another process, or this one, has told."""
        self._redis = Redis.from_url(url, socket_connect_timeout=2, health_check_interval=15)
        self._heard = heard
        self._told = asyncio.Event()
        self.connected = False
        """Whether wake-ups arrive at the moment."""

    def tell(self) -> None:
        """The log has grown. Returns at once; several calls may become one message."""
        self._told.set()

    async def run(self) -> None:
        """Listen and tell until cancelled; Redis may come and go."""
        try:
            await asyncio.gather(self._listen(), self._speak())
        finally:
            await self._redis.aclose()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    self._state(connected=True)
                    self._heard()  # what was told while nobody listened
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._heard()
            except (RedisError, OSError) as error:
                self._state(connected=False, error=error)
            await asyncio.sleep(PAUSE)

    async def _speak(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            try:
                await self._redis.publish(CHANNEL, b"")
            except (RedisError, OSError):
                await asyncio.sleep(PAUSE)  # the listener says that Redis is away; the others poll

    def _state(self, *, connected: bool, error: Exception | None = None) -> None:
        if connected is not self.connected or error is not None:
            level = logging.INFO if connected else logging.WARNING
            log.log(level, "wake-ups by Redis: %s", "on" if connected else f"off, polling instead ({error})")
        self.connected = connected
