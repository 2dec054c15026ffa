"""Transactions of the gateway's own role, over accounts and any of their stores."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from domain.kernel.principal import Store
from domain.kernel.use_cases.unit_of_work import UnitOfWork


class AdminTransaction:
    """A session over accounts, and a Work for each store it touches, in one transaction."""

    def __init__(self, session: AsyncSession, work_for: Callable[[Store], UnitOfWork]) -> None:
        self.session = session
        self._work_for = work_for
        self._works: list[UnitOfWork] = []

    def work(self, store: Store) -> UnitOfWork:
        """The unit of work of use cases of ``store`` in this transaction."""
        work = self._work_for(store)
        self._works.append(work)
        return work

    async def flush(self) -> None:
        """Send what is pending to the database."""
        await self.session.flush()
        for work in self._works:
            await work.flush()

    async def finish(self) -> None:
        """Send what is pending, and do what was postponed to the end."""
        await self.session.flush()
        for work in self._works:
            await work.finish()
