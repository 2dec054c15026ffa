"""Persisted documents in Redis, for all processes. While Redis is unavailable nothing is found, and clients send
documents.
"""

from __future__ import annotations

import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

DOCUMENT_LIFETIME_SECONDS = 7 * 24 * 3600
"""How long a document is stored after it was last sent."""
REDIS_TIMEOUT = 0.5
"""Timeout in seconds: sending the document again takes less than waiting longer."""

log = logging.getLogger("gateway.redis")


class RedisDocuments:
    """The DocumentStore of several processes."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=REDIS_TIMEOUT, socket_timeout=REDIS_TIMEOUT)

    async def find(self, hash: str) -> str | None:
        """The document with this hash; None, too, while Redis is unavailable."""
        try:
            found = await self._redis.get(_key(hash))
        except (RedisError, OSError) as error:
            log.debug("looking up a persisted document failed: %s", error)
            return None
        return found.decode(errors="surrogatepass") if isinstance(found, bytes) else None

    async def keep(self, hash: str, document: str) -> None:
        """Store a document; does nothing while Redis is unavailable."""
        try:
            await self._redis.set(_key(hash), document.encode(errors="surrogatepass"), ex=DOCUMENT_LIFETIME_SECONDS)
        except (RedisError, OSError) as error:
            log.debug("storing a persisted document failed: %s", error)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()


def _key(hash: str) -> str:
    return f"commerce-gateway:document:{hash}"
