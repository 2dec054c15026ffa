"""Documents that are worth preparing before a user sends them: registered ones, and those that any process has seen
repeated.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from domain import access
from domain.access import hash_of_document
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable

MAX_PREPARED_DOCUMENTS = 100
"""Documents of each kind that a process prepares when it starts, the newest or most repeated ones."""
REFRESH_SECONDS = 60
PAUSE_SECONDS = 0.05
"""Between two documents: preparing one takes about as long, and requests come first."""
MAX_WAITING = 1_000
"""Documents that wait to be told to other processes."""

log = logging.getLogger("gateway.graphql")


class RepeatedDocumentStore(Protocol):
    """The memory of all processes. What it forgets is found out again."""

    async def count(self, documents: Mapping[str, str]) -> None:
        """Count that these documents, by their hashes, were repeated in a process."""

    async def most_repeated(self, count: int) -> list[str]:
        """The documents that were repeated in the most processes, at most ``count``."""


class RepeatedDocuments:
    """Collects what this process sees, tells the others by ``shared``, and prepares what any of them has seen."""

    def __init__(self, database: Database, shared: RepeatedDocumentStore | None = None) -> None:
        self._database = database
        self._shared = shared
        self._seen: dict[str, str] = {}
        self._prepared: set[str] = set()
        self._changed = asyncio.Event()

    def repeated(self, text: str) -> None:
        """A document was repeated here, and is being prepared."""
        self._prepared.add(hash := hash_of_document(text))
        self._tell(hash, text)

    def registered(self, text: str) -> None:
        """A document was registered: it is prepared soon."""
        self._tell(hash_of_document(text), text)
        self._changed.set()

    def _tell(self, hash: str, text: str) -> None:
        if len(self._seen) < MAX_WAITING:
            self._seen[hash] = text

    async def run(self, prepare: Callable[[str], Awaitable[None]]) -> None:
        """Prepare documents until cancelled: registered ones at the start, then what is registered or repeated."""
        found = await self._registered()
        while True:
            self._changed.clear()  # before it looks, so that what comes meanwhile is not waited for
            seen, self._seen = self._seen, {}
            if self._shared is not None:
                await self._shared.count(seen)
                found += await self._shared.most_repeated(MAX_PREPARED_DOCUMENTS)
            for text in (*found, *seen.values()):
                if (hash := hash_of_document(text)) not in self._prepared:
                    self._prepared.add(hash)
                    await prepare(text)
                    await asyncio.sleep(PAUSE_SECONDS)
            found = []
            await self._wait()

    async def _registered(self) -> list[str]:
        try:
            async with self._database.system_connection() as connection:
                return await access.newest_documents(connection, MAX_PREPARED_DOCUMENTS)
        except Unavailable as error:
            log.warning("trusted documents are not prepared: %s", error.message)
            return []

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(REFRESH_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            return
