"""Reading results in parts, from the data directory or from an object store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from domain.jobs.object_store import READ_BYTES, ObjectStore

DIRECTORY_READ_BYTES = 262_144
"""Bytes that are read from a file at once, in a thread."""


class ResultReader(Protocol):
    """A result that is being read."""

    async def read(self, most: int) -> bytes:
        """The next bytes, at most ``most``, or less; none at the end, or if the file is gone. Raises Unavailable."""

    async def close(self) -> None:
        """Let go of it."""


class DirectoryReader:
    """Reads a file. Its bytes stay readable if it is removed meanwhile."""

    def __init__(self, path: Path, begin: int) -> None:
        """Blocks. Raises FileNotFoundError."""
        self._file = path.open("rb")
        self._file.seek(begin)

    async def read(self, most: int) -> bytes:
        """See the protocol."""
        return await asyncio.to_thread(self._file.read, min(most, DIRECTORY_READ_BYTES))

    async def close(self) -> None:
        """See the protocol."""
        self._file.close()


class ObjectReader:
    """Reads an object, a range at a time: a client that reads slowly holds no request to the store open."""

    def __init__(self, objects: ObjectStore, key: str, begin: int) -> None:
        self._objects = objects
        self._key = key
        self._position = begin

    async def read(self, most: int) -> bytes:
        """See the protocol."""
        part = await self._objects.read(self._key, self._position, self._position + min(most, READ_BYTES))
        self._position += len(part or b"")
        return part or b""

    async def close(self) -> None:
        """See the protocol."""
