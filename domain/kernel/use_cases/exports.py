"""Exports: reads that take data away as a whole, so that the audit log says who has read which.

An area declares one with ``@export``; both surfaces serve it by that declaration, and the contract tests are generated
from the register. The entry is committed before anything is handed out: an export that cannot be recorded is not given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from domain.kernel.ids import is_id
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.unit_of_work import UnitOfWork

ReadExport = Callable[[Executor, Principal, str], Awaitable[dict[str, Any] | None]]
"""Reads the document of an object, by its id, as far as the caller may see it. None if there is no such object."""


@dataclass(frozen=True, slots=True)
class ExportAccess:
    """What an export is read and recorded with, of the caller's store."""

    connection: Callable[[], AbstractAsyncContextManager[Executor]]
    """Opens a connection for reads. It is released before the entry is written."""
    transaction: Callable[[], AbstractAsyncContextManager[UnitOfWork]]
    """Opens the transaction of the entry, which names the credential and the request of the caller."""


@dataclass(frozen=True, slots=True)
class Export:
    """One entry of the register."""

    action: str
    """What the audit log calls it: ``customer.exported``."""
    scope: str
    prefix: str
    """Of the ids of what is exported."""
    _read: ReadExport

    async def __call__(self, access: ExportAccess, principal: Principal, object_id: str) -> dict[str, Any] | None:
        """The document, once the audit log has the entry. None, and no entry, if there is no such object.

        Raises Forbidden; Unavailable, also when the entry cannot be written.
        """
        principal.require(self.scope)
        if not is_id(self.prefix, object_id):
            return None
        async with access.connection() as db:
            document = await self._read(db, principal, object_id)
        if document is None:
            return None
        async with access.transaction() as work:
            audit(work, self.action, object_id)
        return document


EXPORTS: dict[str, Export] = {}
"""Every export, by its action."""


def export(action: str, *, scope: str, prefix: str) -> Callable[[ReadExport], Export]:
    """Register the function that reads an export; what is called instead of it is the Export.

    Raises ValueError for an unknown scope, and for an action that another export has.
    """
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope}")
    if action in EXPORTS:
        raise ValueError(f"{action} is registered already")

    def register(function: ReadExport) -> Export:
        entry = EXPORTS[action] = Export(action, scope, prefix, function)
        return entry

    return register
