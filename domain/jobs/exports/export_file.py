"""Files of results: written in parts, in the data directory, and named once they are whole. With an object store they
are then kept there.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from domain.jobs.execution import JobFailedError, JobRun
from domain.jobs.exports.result_readers import DirectoryReader, ObjectReader, ResultReader
from domain.jobs.object_store import ObjectStore, remove_objects, remove_or_log, stored_bytes
from domain.kernel.errors import Unavailable
from domain.kernel.ids import is_id, new_id

RESULT_LIFETIME = timedelta(days=7)
"""How long results are kept after the end of their jobs."""
ORPHAN_LIFETIME = timedelta(hours=2)
"""After which a file that no job has is removed: that of a process that has died, or of a result that was erased."""
MAX_RESULT_BYTES = 4 << 30
MAX_STORED_BYTES = 16 << 30
"""Of one store: a key must not fill the disk."""
FILE_PREFIX = "res"
WRITE_BYTES = 1_048_576
"""Bytes that are written at once, in a thread."""
_OBJECTS = "results"
_PART = ".part"


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """The results of all stores."""

    directory: Path
    """Without ``objects``, processes on several machines need one that they share."""
    objects: ObjectStore | None = None

    def path(self, store: int, id: str) -> Path:
        """Where a file is in the directory, if it is there."""
        return self.directory / str(store) / id

    async def new(self, store: int) -> ResultFile:
        """A new file. Raises JobFailedError if the store has too much already, Unavailable, OSError."""
        bytes = await asyncio.to_thread(self._directory_bytes, store)
        if self.objects is not None:
            bytes += await stored_bytes(self.objects, f"{_OBJECTS}/{store}")
        if bytes > MAX_STORED_BYTES - MAX_RESULT_BYTES:
            raise JobFailedError(
                f"The store has more than {(MAX_STORED_BYTES - MAX_RESULT_BYTES) >> 30} GiB of results of the last "
                f"{RESULT_LIFETIME.days} days. Wait until the first of them are removed."
            )
        id = new_id(FILE_PREFIX)
        return await asyncio.to_thread(ResultFile, self.path(store, id), self.objects, _key(store, id))

    def _directory_bytes(self, store: int) -> int:
        """Bytes of what the directory has of a store. Makes the directory. Blocks."""
        folder = self.directory / str(store)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return sum(each.stat().st_size for each in folder.iterdir())

    async def open(self, store: int, id: str, begin: int) -> ResultReader:
        """A file from a byte on. Raises FileNotFoundError, Unavailable. ``close`` it."""
        if self.objects is None:
            return await asyncio.to_thread(DirectoryReader, self.path(store, id), begin)
        if await self.objects.size(_key(store, id)) is None:
            raise FileNotFoundError(id)
        return ObjectReader(self.objects, _key(store, id), begin)

    async def remove(self, store: int, id: str) -> None:
        """Remove a file, if it is there."""
        self.path(store, id).unlink(missing_ok=True)
        if self.objects is not None:
            await remove_or_log(self.objects, _key(store, id))

    async def remove_orphans(self, now: datetime, used: Collection[str]) -> int:
        """Remove the files that are none of ``used``, unless they are being written. Returns their number.

        Raises Unavailable.
        """
        removed = await asyncio.to_thread(self._remove_orphans_here, now, used)
        if self.objects is None:
            return removed
        before = now - ORPHAN_LIFETIME
        return removed + await remove_objects(
            self.objects, _OBJECTS, lambda each: each.stored_at < before and each.name not in used
        )

    def _remove_orphans_here(self, now: datetime, used: Collection[str]) -> int:
        removed = 0
        for path in self.directory.glob(f"*/{FILE_PREFIX}_*"):
            age = now.timestamp() - path.stat().st_mtime
            if path.name not in used and is_id(FILE_PREFIX, path.stem) and age > ORPHAN_LIFETIME.total_seconds():
                path.unlink(missing_ok=True)
                removed += 1
        return removed


class ResultFile:
    """A file that is being written. ``close`` it, or ``discard`` it."""

    def __init__(self, path: Path, objects: ObjectStore | None, key: str) -> None:
        """``key``: of the object that it becomes. Blocks. Raises OSError."""
        self._path = path
        self._objects = objects
        self._key = key
        self._part = path.with_suffix(_PART)
        self._file: BinaryIO = self._part.open("wb")
        self._buffer = bytearray()
        self.size = 0
        """Bytes, with those that wait to be written."""
        self.is_closed = False
        """Whether it is whole, and where others see it."""
        self._is_sent = False
        """Whether the object store may have it."""

    @property
    def id(self) -> str:
        """Its id."""
        return self._path.name

    async def write(self, line: bytes) -> None:
        """Add a line. Raises JobFailedError if the file would be too long; OSError (the disk is full)."""
        self._buffer += line
        self._buffer += b"\n"
        self.size += len(line) + 1
        if self.size > MAX_RESULT_BYTES:
            raise JobFailedError(
                f"The result has more than {MAX_RESULT_BYTES >> 30} GiB. Export less at a time, by filters or fields."
            )
        if len(self._buffer) >= WRITE_BYTES:
            buffer, self._buffer = self._buffer, bytearray()
            await asyncio.to_thread(self._file.write, buffer)

    async def close(self) -> None:
        """Write the rest, wait until the file is on the disk, and give it its name, or put it into the object store.

        Raises OSError, Unavailable.
        """
        await asyncio.to_thread(self._finish)
        if self._objects is not None:
            self._is_sent = True
            await self._objects.put(self._key, self._path)
            await asyncio.to_thread(self._path.unlink)
        self.is_closed = True

    def _finish(self) -> None:
        self._file.write(self._buffer)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)

    async def discard(self) -> None:
        """Remove it, whole or not."""
        await asyncio.to_thread(self._discard_here)
        if self._objects is not None and self._is_sent:
            await remove_or_log(self._objects, self._key)

    def _discard_here(self) -> None:
        self._file.close()
        for each in (self._part, self._path):
            each.unlink(missing_ok=True)


def _key(store: int, id: str) -> str:
    return f"{_OBJECTS}/{store}/{id}"


@asynccontextmanager
async def writing_result(run: JobRun) -> AsyncGenerator[ResultFile]:
    """A new file, which is removed if anything fails. Raises JobFailedError if the store has too much already,
    Unavailable.
    """
    files: ResultFiles = run.database.dependency(ResultFiles)
    file = await files.new(run.principal.store.number)
    try:
        yield file
    except Unavailable:
        if not file.is_closed:  # otherwise it may belong to the job: nobody knows whether the commit came through
            await file.discard()
        raise
    except BaseException:
        await file.discard()
        raise
