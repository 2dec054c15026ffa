"""The port of object stores: where uploaded files and results are kept that every machine is to see."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from domain.kernel.errors import Unavailable

READ_BYTES = 4_194_304
"""Bytes that are read at once: what a download, or a job that fetches its file, holds in memory."""

log = logging.getLogger("gateway.jobs")


class StoredObject(NamedTuple):
    """An object as it is listed."""

    key: str
    size: int
    """Bytes."""
    stored_at: datetime
    """By the clock of the store, in UTC."""

    @property
    def name(self) -> str:
        """The last part of its key: the id of a file."""
        return self.key.rpartition("/")[2]


class ObjectStore(Protocol):
    """Keeps files by keys such as `imports/1/upl_…`. An object is there as a whole or not at all, and never changes.

    Every method raises Unavailable if the store cannot be reached, or refuses.
    """

    async def put(self, key: str, path: Path) -> None:
        """Keep a file. It is read in parts."""

    async def size(self, key: str) -> int | None:
        """Bytes of an object; None if there is none."""

    async def read(self, key: str, begin: int, end: int) -> bytes | None:
        """The bytes from ``begin`` to before ``end``; None if the object is gone."""

    async def remove(self, key: str) -> None:
        """Remove an object, if it is there."""

    def objects(self, prefix: str) -> AsyncGenerator[StoredObject]:
        """The objects with keys under ``prefix``, a directory."""

    async def check(self) -> None:
        """Ask for a list, which needs the bucket and credentials."""


async def stored_bytes(store: ObjectStore, prefix: str) -> int:
    """Bytes of all objects under a prefix. Raises Unavailable."""
    async with aclosing(store.objects(prefix)) as found:
        return sum([each.size async for each in found])


async def fetch(store: ObjectStore, key: str, path: Path) -> bool:
    """Copy an object to a new file; returns whether it was there. Raises Unavailable, OSError (the disk is full)."""
    size = await store.size(key)
    if size is None:
        return False
    file = await asyncio.to_thread(path.open, "wb")
    try:
        for begin in range(0, size, READ_BYTES):
            part = await store.read(key, begin, min(size, begin + READ_BYTES))
            if part is None:
                return False
            await asyncio.to_thread(file.write, part)
    finally:
        await asyncio.to_thread(file.close)
    return True


async def remove_or_log(store: ObjectStore, key: str) -> None:
    """Remove an object that nothing refers to. If the store is away it stays, until maintenance removes it."""
    try:
        await store.remove(key)
    except Unavailable as away:
        log.warning("the object %s is left to maintenance: %s", key, away)


async def remove_objects(store: ObjectStore, prefix: str, is_old: Callable[[StoredObject], bool]) -> int:
    """Remove the objects under a prefix that are old; returns their number. Raises Unavailable."""
    async with aclosing(store.objects(prefix)) as found:
        old = [each.key async for each in found if is_old(each)]
    for key in old:
        await store.remove(key)
    return len(old)
