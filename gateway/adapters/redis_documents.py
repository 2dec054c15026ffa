"""Persisted documents in Redis, for all processes. While Redis is unavailable nothing is found, and clients send
documents.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.adapters.redis_failures import raise_if_cancelled

DOCUMENT_LIFETIME_SECONDS = 7 * 24 * 3600
"""How long a document is stored after it was last sent."""
REDIS_TIMEOUT = 0.5
"""Timeout in seconds: sending the document again takes less than waiting longer."""

MAX_REPEATED_DOCUMENTS = 1_000
"""Repeated documents that are remembered: those that most processes have seen."""
_REPEATED = "commerce-gateway:repeated"

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
            raise_if_cancelled()
            log.debug("looking up a persisted document failed: %s", error)
            return None
        return found.decode(errors="surrogatepass") if isinstance(found, bytes) else None

    async def keep(self, hash: str, document: str) -> None:
        """Store a document; does nothing while Redis is unavailable."""
        try:
            await self._redis.set(_key(hash), document.encode(errors="surrogatepass"), ex=DOCUMENT_LIFETIME_SECONDS)
        except (RedisError, OSError) as error:
            raise_if_cancelled()
            log.debug("storing a persisted document failed: %s", error)

    async def count(self, documents: Mapping[str, str]) -> None:
        """Count that documents were repeated in a process; does nothing while Redis is unavailable."""
        if not documents:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for hash, document in documents.items():
                    pipeline.zincrby(_REPEATED, 1, hash)
                    text = document.encode(errors="surrogatepass")
                    pipeline.set(f"{_REPEATED}:{hash}", text, ex=DOCUMENT_LIFETIME_SECONDS)
                pipeline.zremrangebyrank(_REPEATED, 0, -MAX_REPEATED_DOCUMENTS - 1)
                pipeline.expire(_REPEATED, DOCUMENT_LIFETIME_SECONDS)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            raise_if_cancelled()
            log.debug("counting repeated documents failed: %s", error)

    async def most_repeated(self, count: int) -> list[str]:
        """The documents that were repeated in the most processes; none while Redis is unavailable."""
        try:
            hashes = await self._redis.zrevrange(_REPEATED, 0, count - 1)
            keys = [f"{_REPEATED}:{hash.decode()}" for hash in hashes if isinstance(hash, bytes)]
            texts = await self._redis.mget(keys) if keys else []
        except (RedisError, OSError) as error:
            raise_if_cancelled()
            log.debug("looking up repeated documents failed: %s", error)
            return []
        return [text.decode(errors="surrogatepass") for text in texts if isinstance(text, bytes)]

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()


def _key(hash: str) -> str:
    return f"commerce-gateway:document:{hash}"
