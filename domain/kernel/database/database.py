"""The database: a pool for reads, a pool for writes and a system pool, each with its own role, and a pool for
identifying callers, which waits for none of the others.

Reads run on plain asyncpg connections that remember their store; writes run on SQLAlchemy sessions whose transaction
sets its store in the same message as BEGIN. Row-level security refuses a statement without a store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import Pool, QueuePool

from domain.kernel.database.connections import open_pool
from domain.kernel.database.options import APP_ROLE, POOL_WAIT, SYSTEM_ROLE, DatabaseOptions, Listener
from domain.kernel.database.pool import ReadPool
from domain.kernel.database.transactions import OpenTransaction, transaction, write_engine
from domain.kernel.principal import Principal, Store
from domain.kernel.sql.executor import Executor, driver_errors_as_unavailable
from domain.kernel.sql.instrumentation import observe_pool_wait
from domain.kernel.use_cases.unit_of_work import Origin, Signal, UnitOfWork

_ROLE_IS_UNSAFE = """
SELECT r.rolname, r.rolsuper OR r.rolbypassrls OR EXISTS (
    SELECT FROM pg_class c
    WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
) AS unsafe FROM pg_roles r WHERE r.rolname = current_user
"""


FindStores = Callable[[asyncpg.Connection, Collection[int]], Awaitable[Mapping[int, Store]]]
"""The stores with these numbers, which an area above the kernel knows."""


class RoleError(Exception):
    """Row-level security would not apply, so the gateway refuses to start."""


class Database:
    """The pools. ``open`` before use, ``close`` after."""

    def __init__(self, options: DatabaseOptions) -> None:
        self.options = options
        self.clock = options.clock
        self._listeners: dict[type[Signal], list[Listener]] = {}
        self._parts: dict[type[Any], Any] = {}
        self._reads: ReadPool | None = None
        self._system: asyncpg.Pool | None = None
        self._identity: asyncpg.Pool | None = None
        self._writes = write_engine(options, options.url, APP_ROLE, options.write_connections)
        self._administration = write_engine(
            options, options.system_url or options.url, SYSTEM_ROLE, options.system_connections
        )

    def on_commit(self, signal: type[Signal], listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of every such signal, after the transaction that raised it has committed.

        Answers the function that ends it.
        """
        listeners = self._listeners.setdefault(signal, [])
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    def provide(self, part: object, kind: type[Any] | None = None) -> None:
        """Let use cases find ``part`` by its class, or by ``kind``: see ``UnitOfWork.dependency``.

        The adapter of an outbound port is provided for the class of its requests.
        """
        self._parts[kind or type(part)] = part

    def dependency(self, kind: type[Any]) -> Any:
        """What was provided for this class. Raises LookupError when nothing was."""
        return self._parts[kind]

    async def open(self) -> None:
        """Create the pools. No connection is opened yet, so the gateway starts while the database is unavailable."""
        options = self.options
        self._reads = ReadPool(await open_pool(options, options.url, APP_ROLE, options.read_connections))
        url = options.system_url or options.url
        self._system = await open_pool(options, url, SYSTEM_ROLE, options.system_connections)
        self._identity = await open_pool(options, url, SYSTEM_ROLE, options.identity_connections)

    async def close(self) -> None:
        """Close every connection, waiting at most 5 s for those in use."""
        if self._reads is not None:
            await self._reads.close()
        for pool in self._pools().values():
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()
        await self._writes.dispose()
        await self._administration.dispose()

    def connections(self) -> dict[str, tuple[int, int]]:
        """Of each pool, how many connections are in use and how many are idle."""
        counts = {"writes": _counts(self._writes.pool), "administration": _counts(self._administration.pool)}
        for name, pool in self._pools().items():
            kept = self._reads.idle_count if self._reads is not None and name == "reads" else 0
            idle = pool.get_idle_size() + kept
            counts[name] = (pool.get_size() - idle, idle)
        return counts

    def _pools(self) -> dict[str, asyncpg.Pool]:
        """asyncpg's own, once they are open."""
        reads = None if self._reads is None else self._reads.pool
        pools = {"reads": reads, "system": self._system, "identity": self._identity}
        return {name: pool for name, pool in pools.items() if pool is not None}

    async def check_roles(self) -> None:
        """Check the roles. Raises RoleError if one is missing or exempt from row-level security; Unavailable."""
        assert self._system is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        for pool in self._pools().values():
            try:
                with driver_errors_as_unavailable():
                    async with pool.acquire(timeout=POOL_WAIT) as connection:
                        role = await connection.fetchrow(_ROLE_IS_UNSAFE)
            except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError) as error:
                raise RoleError(f"{error}; run `gateway migrate` first") from error
            if role is None or role["unsafe"]:
                raise RoleError(f"{role and role[0]} is a superuser, bypasses row-level security, or owns tables")

    def read_connection(self, store: Store) -> AbstractAsyncContextManager[Executor]:
        """A connection for reads of one store, outside any transaction. Raises Unavailable."""
        assert self._reads is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        return self._reads.reading(store.number)

    def has_spare_connections(self) -> bool:
        """Whether a reader that has one connection may use another: half of them are left to others."""
        return self._reads is not None and self._reads.has_spare

    def system_connection(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection of the gateway's own role, which sees every store: the sequencer, the worker. Raises
        Unavailable."""
        return self._lent("system", self._system)

    def identifying(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection as ``system_connection``, for identifying callers only. Raises Unavailable."""
        return self._lent("identity", self._identity)

    @asynccontextmanager
    async def _lent(self, name: str, pool: asyncpg.Pool | None) -> AsyncGenerator[asyncpg.Connection]:
        assert pool is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        with driver_errors_as_unavailable(), observe_pool_wait(name):
            connection = await pool.acquire(timeout=POOL_WAIT)
        try:
            with driver_errors_as_unavailable():
                yield cast(asyncpg.Connection, connection)
        finally:
            await pool.release(connection)

    @asynccontextmanager
    async def transaction(
        self, principal: Principal, request_id: str | None = None, *, channel: str = "api"
    ) -> AsyncGenerator[UnitOfWork]:
        """One transaction of the principal's store: committed on exit, rolled back on any exception.

        ``channel``: the origin of its events, ``api`` or ``import``. Raises Unavailable if the database is unavailable
        or the transaction takes longer than ``write_timeout``.
        """
        store = f"SET LOCAL app.store_id = {principal.store.number:d}"
        async with transaction("writes", self._writes, store, self.options.write_timeout) as opened:
            work = self._work(opened, principal.store, Origin(principal.credential, request_id, channel))
            yield work
            await work.finish()
        for signal in work.signals:
            for listener in tuple(self._listeners.get(type(signal), ())):
                listener(signal)

    @asynccontextmanager
    async def admin_transaction(self) -> AsyncGenerator[AdminTransaction]:
        """One transaction of the gateway's own role, over accounts and any of their stores."""
        async with transaction("administration", self._administration, "", self.options.write_timeout) as opened:
            administration = AdminTransaction(opened.session, lambda store: self._work(opened, store, Origin("system")))
            yield administration
            await administration.finish()

    def _work(self, opened: OpenTransaction, store: Store, origin: Origin) -> UnitOfWork:
        return UnitOfWork(
            opened,
            opened.executor(store.number, self.options.observer or (lambda _: None)),
            store=store,
            origin=origin,
            now=self.clock(),
            reactions=self.options.reactions,
            parts=self._parts,
        )


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


def _counts(pool: Pool) -> tuple[int, int]:
    return (pool.checkedout(), pool.checkedin()) if isinstance(pool, QueuePool) else (0, 0)
