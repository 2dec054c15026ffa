"""The origins of pages that stores have listed: those of publishable keys, and of the redirect URIs of public OAuth
clients. They may call the gateway without being listed in its settings.

A browser asks whether a page may call before it sends a key (a preflight, or the handshake of a WebSocket), so at that
point the origin may be any store's. Whether it is that of a publishable key is checked with the key.
"""

from __future__ import annotations

import asyncio

from domain import access
from domain.kernel.clock import to_milliseconds
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable

ORIGINS_TTL_MS = 2_000
"""A new key or client works in a browser after this time at the latest."""


class PageOrigins:
    """The origins that stores have listed, as this process remembers them: one statement every two seconds, however
    many pages of strangers ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: frozenset[str] = frozenset()
        self._until = 0
        self._lock = asyncio.Lock()

    def __contains__(self, origin: str) -> bool:
        """Whether an origin was known when they were last looked up."""
        return origin.lower() in self._known

    async def includes(self, origin: str) -> bool:
        """Whether a store has listed an origin. Without the database, whether one had."""
        if self._is_outdated():
            async with self._lock:
                if self._is_outdated():
                    await self._look_up()
        return origin in self

    def _is_outdated(self) -> bool:
        return to_milliseconds(self._database.clock()) >= self._until

    async def _look_up(self) -> None:
        now = self._database.clock()
        try:
            async with self._database.identifying() as connection:
                self._known = await access.page_origins(connection, now)
        except Unavailable:
            return
        self._until = to_milliseconds(now) + ORIGINS_TTL_MS
