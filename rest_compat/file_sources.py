"""What files and reports of many rows are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor


class FileSource(Protocol):
    """A file that belongs to an object."""

    @property
    def scope(self) -> str:
        """The scope that is required of the caller."""

    async def fetch(self, db: Executor, principal: Principal, ids: Mapping[str, str]) -> Any:
        """What the file is made of. Raises NotFound."""

    def render(self, content: Any, media: str, dependency: Callable[[type[Any]], Any]) -> bytes:
        """The file as one of its media types. Runs in a thread. ``dependency``: what was provided for a class."""


ReportPart = tuple[int, Sequence[Sequence[Any]]]
"""A position in a report, and the rows from there to the next."""


class ReportSource(Protocol):
    """A report of many rows that belongs to an object."""

    async def require(self, db: Executor, principal: Principal, ids: Mapping[str, str]) -> None:
        """Raises NotFound."""

    async def part(self, db: Executor, ids: Mapping[str, str], after: int) -> ReportPart | None:
        """The next rows after a position, and theirs; None at the end."""
