"""Downloads: what an endpoint does that returns a stored file, whole or in ranges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from rest_compat.objects import Response


class FileReader(Protocol):
    """A file that is being read."""

    async def read(self, most: int) -> bytes:
        """The next bytes, at most ``most``, or less; none at the end. Raises Unavailable."""

    async def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the data directory or an object store. It never changes."""

    open: Callable[[int], Awaitable[FileReader]]
    """Reads it from a byte on. Raises FileNotFoundError, Unavailable."""
    id: str
    size: int
    """Bytes."""


class StoredFileSource(Protocol):
    """A stored file that belongs to an object."""

    async def find(
        self, db: Executor, principal: Principal, ids: Mapping[str, str], dependency: Callable[[type[Any]], Any]
    ) -> StoredFile:
        """The file. ``dependency``: what was provided for a class. Raises NotFound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadAction:
    """Returns a stored file, or a range of it, and leaves an entry in the audit log."""

    source: StoredFileSource
    audited: str
    """What the audit log calls it."""
    media_types: tuple[str, ...]
    """What it is."""
    response: Response = bytes
    scope: None = None
