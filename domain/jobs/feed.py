"""Following jobs, whichever process runs them: the versions of all jobs that are followed, looked up together."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator

from domain.kernel.database import Database
from domain.kernel.errors import Unavailable

FEED_INTERVAL = 0.5
"""Seconds between two look-ups. A job saves its progress about as often."""

_VERSIONS = """
SELECT job.store_id, job.id, job.version FROM job
JOIN unnest($1::int[], $2::text[]) AS followed (store_id, id)
    ON job.store_id = followed.store_id AND job.id = followed.id
"""

log = logging.getLogger("gateway.jobs")

_Key = tuple[int, str]


class JobFeed:
    """One statement per interval for all followers of this process; none without followers."""

    def __init__(self, database: Database, *, interval: float = FEED_INTERVAL) -> None:
        self._database = database
        self._interval = interval
        self._followers: Counter[_Key] = Counter()
        self._versions: dict[_Key, int] = {}
        self._changed = asyncio.Condition()
        self._polling: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many jobs are followed."""
        return len(self._followers)

    @property
    def is_polling(self) -> bool:
        """Whether it looks up versions."""
        return self._polling is not None and not self._polling.cancelling() and not self._polling.done()

    async def versions(self, store: int, id: str, known: int) -> AsyncGenerator[int]:
        """The versions of a job after ``known``, the latest each time, until it is gone or the iterator is closed."""
        key = (store, id)
        self._followers[key] += 1
        self._versions.setdefault(key, known)
        if not self.is_polling:
            self._polling = asyncio.create_task(self._poll())
        try:
            while True:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._versions.get(key) != known)  # noqa: B023 - awaited here
                if key not in self._versions:
                    return
                known = self._versions[key]
                yield known
        finally:
            self._leave(key)

    def _leave(self, key: _Key) -> None:
        self._followers[key] -= 1
        if not self._followers[key]:
            del self._followers[key]
            self._versions.pop(key, None)
        if not self._followers and self._polling is not None:
            self._polling.cancel()

    async def _poll(self) -> None:
        while True:
            try:
                await self._look_up()
            except Unavailable as away:
                log.warning("following %d jobs waits for the database: %s", len(self._followers), away)
            except Exception:  # one failure must not end it
                log.exception("following jobs failed")
            await asyncio.sleep(self._interval)

    async def _look_up(self) -> None:
        keys = list(self._followers)
        async with self._database.system_connection() as connection:
            rows = await connection.fetch(_VERSIONS, [store for store, _ in keys], [id for _, id in keys])
        found = {(row["store_id"], row["id"]): row["version"] for row in rows}
        async with self._changed:
            for key in keys:
                if key in found:
                    self._versions[key] = found[key]
                else:
                    self._versions.pop(key, None)
            self._changed.notify_all()
