"""The files that were uploaded: written to the data directory as they arrive, kept for some days, and then removed.

With an object store they are kept there. In the directory are then those that are still arriving, and copies for jobs
that are running.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.jobs.object_store import ObjectStore, fetch, remove_objects, remove_or_log, stored_bytes
from domain.kernel.errors import Conflict, ErrorCode, Unavailable
from domain.kernel.ids import is_id, new_id

MAX_FILE_BYTES = 1 << 30
MAX_STORED_BYTES = 4 << 30
"""Of one store: a key must not fill the disk."""
FILE_LIFETIME = timedelta(days=7)
EXISTS_SECONDS = 2.0
"""Of an answer of the object store: a transaction waits for it, and holds its connection."""
COPY_LIFETIME = timedelta(days=1)
"""After which the copy of a job whose process has died is removed. One that is being read stays readable."""
FILE_PREFIX = "upl"
_OBJECTS = "imports"
_PART, _UTF_8 = ".part", ".utf8"


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """The uploaded files of all stores."""

    directory: Path
    """Without ``objects``, processes on several machines need one that they share."""
    objects: ObjectStore | None = None

    def path(self, store: int, id: str) -> Path:
        """Where a file is in the directory, if it is there."""
        return self.directory / str(store) / id

    async def exists(self, store: int, id: str) -> bool:
        """Whether a store has a file. Raises Unavailable."""
        if not is_id(FILE_PREFIX, id):
            return False
        if self.objects is None:
            return self.path(store, id).is_file()
        try:
            async with asyncio.timeout(EXISTS_SECONDS):
                return await self.objects.size(_key(store, id)) is not None
        except TimeoutError:
            raise Unavailable("The file storage is unavailable. Try again in a few seconds.") from None

    async def new(self, store: int) -> tuple[str, Path]:
        """The id of a new file, and where to write it until it is whole.

        Raises Conflict if the store has too much already, Unavailable.
        """
        bytes = await asyncio.to_thread(self._directory_bytes, store)
        if self.objects is not None:
            bytes += await stored_bytes(self.objects, f"{_OBJECTS}/{store}")
        if bytes > MAX_STORED_BYTES - MAX_FILE_BYTES:
            message = (
                f"The store has uploaded more than {(MAX_STORED_BYTES - MAX_FILE_BYTES) >> 30} GiB of files within "
                f"{FILE_LIFETIME.days} days. Wait until the first of them are removed."
            )
            raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION)
        id = new_id(FILE_PREFIX)
        return id, self.path(store, id).with_suffix(_PART)

    def _directory_bytes(self, store: int) -> int:
        """Bytes of what the directory has of a store, without copies of objects. Makes the directory. Blocks."""
        folder = self.directory / str(store)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return sum(each.stat().st_size for each in folder.glob("*" if self.objects is None else f"*{_PART}"))

    async def keep(self, store: int, id: str) -> None:
        """Give a file that is whole its name; with an object store, there. Raises Unavailable."""
        path = self.path(store, id)
        part = path.with_suffix(_PART)
        if self.objects is None:
            await asyncio.to_thread(part.replace, path)
            return
        await self.objects.put(_key(store, id), part)
        await asyncio.to_thread(part.unlink)

    @asynccontextmanager
    async def reading(self, store: int, id: str) -> AsyncGenerator[Path | None]:
        """The file as it can be read here, meanwhile; None if it is gone. Raises Unavailable, OSError.

        Of an object, each reader has a copy of its own: a job that was lost may end after another process of the same
        machine has gone on with it.
        """
        if self.objects is None or not is_id(FILE_PREFIX, id):
            yield self.path(store, id) if await self.exists(store, id) else None
            return
        copy = self.path(store, f"{id}-{secrets.token_hex(8)}")
        await asyncio.to_thread(self._directory_bytes, store)
        try:
            yield copy if await fetch(self.objects, _key(store, id), copy) else None
        finally:
            await asyncio.to_thread(_unlink, copy)

    async def remove(self, store: int, id: str) -> None:
        """Remove a file, whole or not, and its copy."""
        await asyncio.to_thread(_unlink, self.path(store, id))
        if self.objects is not None:
            await remove_or_log(self.objects, _key(store, id))

    async def remove_old(self, now: datetime, used: Collection[str]) -> int:
        """Remove the files past their lifetime that are none of ``used``. Returns their number. Raises Unavailable."""
        removed = await asyncio.to_thread(self._remove_old_here, now, used)
        if self.objects is None:
            return removed
        before = now - FILE_LIFETIME
        return removed + await remove_objects(
            self.objects, _OBJECTS, lambda each: each.stored_at < before and each.name not in used
        )

    def _remove_old_here(self, now: datetime, used: Collection[str]) -> int:
        removed = 0
        lifetime = FILE_LIFETIME if self.objects is None else COPY_LIFETIME
        for path in self.directory.glob(f"*/{FILE_PREFIX}_*"):
            age = now.timestamp() - path.stat().st_mtime
            if age > lifetime.total_seconds() and path.stem not in used:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


def _key(store: int, id: str) -> str:
    return f"{_OBJECTS}/{store}/{id}"


def _unlink(path: Path) -> None:
    """Remove what there is of a file. Blocks."""
    for each in (path, path.with_suffix(_PART), path.with_suffix(_UTF_8)):
        each.unlink(missing_ok=True)
