"""The database: a pool for reads, one for writes, one for storefronts and a system pool, each with its own role, and a
pool for identifying callers, which waits for none of the others.

Reads run on plain asyncpg connections that remember their store; writes run on SQLAlchemy sessions whose transaction
sets its store in the same message as BEGIN. Row-level security refuses a statement without a store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, cast

import asyncpg
import orjson
from sqlalchemy.pool import Pool, QueuePool

from domain.kernel.database.admin_transaction import AdminTransaction
from domain.kernel.database.connections import open_pool
from domain.kernel.database.options import (
    APP_ROLE,
    POOL_WAIT,
    STOREFRONT_ROLE,
    SYSTEM_ROLE,
    DatabaseOptions,
    Listener,
)
from domain.kernel.database.pool import ReadPool
from domain.kernel.database.replica import Replica
from domain.kernel.database.snapshots import open_snapshot
from domain.kernel.database.transactions import NoTransaction, OpenTransaction, transaction, write_engine
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Principal, Store, Storefront
from domain.kernel.sql.executor import Executor, driver_errors_as_unavailable, ended_executor
from domain.kernel.sql.instrumentation import observe_pool_wait
from domain.kernel.use_cases.unit_of_work import Origin, SessionTransaction, Signal, UnitOfWork

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
        self._storefront: ReadPool | None = None
        self._replica: Replica | None = None
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

    def provides(self, kind: type[Any]) -> bool:
        """Whether something was provided for this class."""
        return kind in self._parts

    async def open(self) -> None:
        """Create the pools. No connection is opened yet, so the gateway starts while the database is unavailable."""
        options = self.options
        self._reads = ReadPool(await open_pool(options, options.url, APP_ROLE, options.read_connections))
        storefront = await open_pool(options, options.url, STOREFRONT_ROLE, options.storefront_connections)
        self._storefront = ReadPool(storefront, "storefront")
        if options.replica_url is not None:
            replica = await open_pool(options, options.replica_url, APP_ROLE, options.read_connections)
            self._replica = Replica(ReadPool(replica, "replica"), self._reads, options.replica_max_lag)
        url = options.system_url or options.url
        self._system = await open_pool(options, url, SYSTEM_ROLE, options.system_connections)
        self._identity = await open_pool(options, url, SYSTEM_ROLE, options.identity_connections)

    async def close(self) -> None:
        """Close every connection, waiting at most 5 s for those in use."""
        for reads in self._read_pools().values():
            await reads.close()
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
            reads = self._read_pools().get(name)
            idle = pool.get_idle_size() + (0 if reads is None else reads.idle_count)
            counts[name] = (pool.get_size() - idle, idle)
        return counts

    def _pools(self) -> dict[str, asyncpg.Pool]:
        """asyncpg's own, once they are open."""
        reads = {name: pool.pool for name, pool in self._read_pools().items()}
        pools = {"system": self._system, "identity": self._identity}
        return reads | {name: pool for name, pool in pools.items() if pool is not None}

    def _read_pools(self) -> dict[str, ReadPool]:
        """Those of reads, once they are open."""
        replica = None if self._replica is None else self._replica.pool
        pools = {"reads": self._reads, "storefront": self._storefront, "replica": replica}
        return {name: pool for name, pool in pools.items() if pool is not None}

    async def check_roles(self) -> None:
        """Check the roles. Raises RoleError if one is missing or exempt from row-level security; Unavailable."""
        assert self._system is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        for name, pool in self._pools().items():
            if name == "replica":  # it may be away, and has the roles of the primary
                continue
            try:
                with driver_errors_as_unavailable():
                    async with pool.acquire(timeout=POOL_WAIT) as connection:
                        role = await connection.fetchrow(_ROLE_IS_UNSAFE)
            except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError) as error:
                raise RoleError(f"{error}; run `gateway migrate` first") from error
            if role is None or role["unsafe"]:
                raise RoleError(f"{role and role[0]} is a superuser, bypasses row-level security, or owns tables")

    def read_connection(
        self, store: Store, storefront: Storefront | None = None, scopes: Collection[str] = ()
    ) -> AbstractAsyncContextManager[Executor]:
        """A connection for reads of one store, outside any transaction: one statement that writes commits by itself.
        Raises Unavailable.

        ``storefront``: the rows are those that shoppers may see, of the catalog alone. ``scopes``: those of the caller,
        on which it may depend what is shown of a row.
        """
        if storefront is None:
            assert self._reads is not None, "open() first"  # noqa: S101 - a programming error, not a condition
            return self._reads.reading(store.number, scopes=scopes)
        assert self._storefront is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        keys = orjson.dumps(storefront.metadata_keys).decode()
        return self._storefront.reading(store.number, keys, scopes)

    @asynccontextmanager
    async def report_connection(self, store: Store, scopes: Collection[str] = ()) -> AsyncGenerator[Executor]:
        """As ``read_connection``, of the replica if there is one that keeps up, otherwise of the primary."""
        async with AsyncExitStack() as stack:
            replica = self._replica
            if replica is not None and await replica.keeps_up():
                try:
                    reader = await stack.enter_async_context(replica.reading(store.number, scopes))
                except Unavailable:
                    replica.leave_alone()
                else:
                    yield reader
                    return
            yield await stack.enter_async_context(self.read_connection(store, scopes=scopes))

    @property
    def has_replica(self) -> bool:
        """Whether there is one, be it usable or not."""
        return self._replica is not None

    @property
    def is_replica_usable(self) -> bool | None:
        """Whether the replica kept up when a report was read last; None without a replica or a report."""
        return None if self._replica is None else self._replica.is_usable

    def snapshot(
        self, store: Store, seconds: float, scopes: Collection[str] = ()
    ) -> AbstractAsyncContextManager[Executor]:
        """Reads of one store as it was at the first of them, for a caller with ``scopes``, on their own connection, for
        at most ``seconds``. Raises Unavailable."""
        return open_snapshot(self.options, store.number, seconds, scopes)

    def has_spare_connections(self, storefront: Storefront | None = None) -> bool:
        """Whether a reader that has one connection may use another: half of them are left to others."""
        reads = self._reads if storefront is None else self._storefront
        return reads is not None and reads.has_spare

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
            origin = Origin(principal.credential, request_id, channel)
            work = self._transacted(opened, principal.store, origin, principal.scopes)
            yield work
            await work.finish()
        self._tell(work.signals)

    @asynccontextmanager
    async def without_transaction(
        self, principal: Principal, request_id: str | None = None
    ) -> AsyncGenerator[UnitOfWork]:
        """A unit of work for one buffered use case: its signals are heard on exit, and nothing reaches the database.

        BEGIN and COMMIT would be two messages for each use, and hold one of the few connections that write. Reads and
        writes in it raise.
        """
        executor = ended_executor(principal.store.number)
        work = self._work(NoTransaction(), executor, principal.store, Origin(principal.credential, request_id))
        yield work
        await work.finish()
        self._tell(work.signals)

    def _tell(self, signals: Sequence[Signal]) -> None:
        """Let the listeners receive what a unit of work has signalled."""
        for signal in signals:
            for listener in tuple(self._listeners.get(type(signal), ())):
                listener(signal)

    @asynccontextmanager
    async def admin_transaction(
        self, actor: str = "system", request_id: str | None = None
    ) -> AsyncGenerator[AdminTransaction]:
        """One transaction of the gateway's own role, over accounts and any of their stores. ``actor``: who is named in
        the audit log."""
        async with transaction("administration", self._administration, "", self.options.write_timeout) as opened:
            origin = Origin(actor, request_id)
            administration = AdminTransaction(opened.session, lambda store: self._transacted(opened, store, origin))
            yield administration
            await administration.finish()

    def _transacted(
        self, opened: OpenTransaction, store: Store, origin: Origin, scopes: Collection[str] = ()
    ) -> UnitOfWork:
        observer = self.options.observer or (lambda _: None)
        return self._work(opened, opened.executor(store.number, observer, scopes), store, origin)

    def _work(self, opened: SessionTransaction, executor: Executor, store: Store, origin: Origin) -> UnitOfWork:
        return UnitOfWork(
            opened,
            executor,
            store=store,
            origin=origin,
            now=self.clock(),
            reactions=self.options.reactions,
            parts=self._parts,
        )


def _counts(pool: Pool) -> tuple[int, int]:
    return (pool.checkedout(), pool.checkedin()) if isinstance(pool, QueuePool) else (0, 0)
