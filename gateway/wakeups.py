"""Wakeups between the processes of one gateway: the topics that this one receives and publishes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.adapters.redis_bus import RedisBus
from enum import StrEnum


class Topic(StrEnum):
    """Each is no more than a reason to look."""

    LOG_GROWN = "log"
    """Events got their positions, and their deliveries are planned."""
    DELIVERIES_DUE = "deliveries"
    """Redeliveries or tests were requested."""
    JOBS_QUEUED = "jobs"
    """Jobs can be run."""
    KEY_ENDED = "keys"
    """A key was revoked or rolled."""
    DOCUMENTS_CHANGED = "trusted-documents"
    """A trusted document was registered or removed."""


class Wakeups:
    """By Redis if it is configured; otherwise none: every process polls."""

    def __init__(self, settings: Settings) -> None:
        self._listeners: dict[Topic, list[Callable[[], None]]] = {news: [] for news in Topic}
        self._bus = self._by_redis(settings)

    def subscribe(self, news: Topic, listener: Callable[[], None]) -> None:
        """Call ``listener`` when any process has published this topic, and when a wakeup may have been missed."""
        self._listeners[news].append(listener)

    def publish(self, news: Topic) -> None:
        """Wake all processes. Returns at once."""
        if self._bus is not None:
            self._bus.publish(news)

    @property
    def connected(self) -> bool:
        """Whether wakeups currently arrive."""
        return self._bus is not None and self._bus.connected

    async def run(self) -> None:
        """Receive and publish until cancelled; does nothing without Redis."""
        if self._bus is not None:
            await self._bus.run()

    def _by_redis(self, settings: Settings) -> RedisBus | None:
        if settings.redis_url is None:
            return None
        from gateway.adapters.redis_bus import RedisBus  # noqa: PLC0415 - it loads OpenTelemetry

        return RedisBus(settings.redis_url.get_secret_value(), {news: partial(self._hear, news) for news in Topic})

    def _hear(self, news: Topic) -> None:
        for listener in self._listeners[news]:
            listener()
