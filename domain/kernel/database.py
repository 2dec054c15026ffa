"""The database: a pool for reads, a pool for writes, a pool for the gateway's own business, each with its own role.

Reads run on plain asyncpg connections that remember which store they carry; writes on SQLAlchemy sessions whose
transaction says its store in the same message as BEGIN. Row-level security refuses a statement without a store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg
from sqlalchemy import event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import Pool, QueuePool

from domain.kernel.clock import Clock, system_clock
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Principal, Store
from domain.kernel.sql import AWAY, Reader, available
from domain.kernel.watching import waiting, watch_engine, watched
from domain.kernel.work import Origin, Reactions, Signal, Work

OWNER_ROLE = "gateway_owner"
APP_ROLE = "gateway_app"
SYSTEM_ROLE = "gateway_system"

READ_TIMEOUT = 10.0
"""Seconds a read may take in the database."""
WRITE_TIMEOUT = 30.0
"""Seconds a writing transaction may take in all: the sequencer's scan reaches back 60."""
POOL_WAIT = 2.0
"""Seconds to wait for a free connection; a pool that overflows is worse than one that waits."""

Observer = Callable[[str], None]
"""Told the text of every statement sent; for tests."""


Listener = Callable[[Any], None]
"""Told a signal after the fact: it may drop what it remembers, it cannot fail the transaction."""


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """Where the database is and how much of it to use."""

    url: str
    """``postgresql://…``; its login is a member of the three roles."""
    system_url: str | None = None
    """A login of its own for the system role, where wanted."""
    read_connections: int = 10
    write_connections: int = 10
    system_connections: int = 2
    read_timeout: float = READ_TIMEOUT
    write_timeout: float = WRITE_TIMEOUT
    observer: Observer | None = None
    reactions: Reactions = field(default_factory=dict)
    clock: Clock = system_clock


_CARRY = "select set_config('app.store_id', $1, false)"
_ROLE_IS_UNSAFE = """
SELECT r.rolname, r.rolsuper OR r.rolbypassrls OR EXISTS (
    SELECT FROM pg_class c
    WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
) AS unsafe FROM pg_roles r WHERE r.rolname = current_user
"""


class RoleError(Exception):
    """The second wall would not stand: the gateway refuses to start."""


class StoreConnection(asyncpg.Connection):
    """A pooled connection that knows which store it carries, and says so to the server only when it changes."""

    __slots__ = ("_store",)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._store: int | None = None

    def get_reset_query(self) -> str:
        """Nothing: RESET ALL would drop the store."""
        return ""

    async def carry(self, store: int) -> None:
        """Make ``store`` the one that row-level security lets through."""
        if self._store == store:
            return
        if self.is_in_transaction():  # a rollback would undo the setting behind our back
            raise RuntimeError("carry a store before the transaction begins")
        self._store = None  # until the server has said yes
        with watched(_CARRY):
            await self.fetchval(_CARRY, str(store))
        self._store = store

    def forget(self) -> None:
        """Say the store again next time: after a failure nothing is sure."""
        self._store = None


class Database:
    """The pools. ``open`` before use, ``close`` after."""

    def __init__(self, options: DatabaseOptions) -> None:
        self.options = options
        self.clock = options.clock
        self._listeners: dict[type[Signal], list[Listener]] = {}
        self._reads: asyncpg.Pool | None = None
        self._system: asyncpg.Pool | None = None
        self._writes = self._engine(options.url, APP_ROLE, options.write_connections)
        self._administration = self._engine(options.system_url or options.url, SYSTEM_ROLE, options.system_connections)

    def when_committed(self, signal: type[Signal], listener: Listener) -> None:
        """Tell ``listener`` of every such signal, after the transaction that raised it has committed."""
        self._listeners.setdefault(signal, []).append(listener)

    async def open(self) -> None:
        """Make the pools; no connection is opened yet, so the gateway starts while the database is away."""
        options = self.options
        self._reads = await _pool(options, options.url, APP_ROLE, options.read_connections)
        self._system = await _pool(options, options.system_url or options.url, SYSTEM_ROLE, options.system_connections)

    async def close(self) -> None:
        """Close every connection, waiting at most 5 s for those in use."""
        for pool in (self._reads, self._system):
            if pool is not None:
                try:
                    await asyncio.wait_for(pool.close(), 5)
                except TimeoutError:
                    pool.terminate()
        await self._writes.dispose()
        await self._administration.dispose()

    def connections(self) -> dict[str, tuple[int, int]]:
        """Of each pool, how many connections are in use and how many are idle."""
        counts = {"writes": _counts(self._writes.pool), "administration": _counts(self._administration.pool)}
        for name, pool in (("reads", self._reads), ("system", self._system)):
            if pool is not None:
                idle = pool.get_idle_size()
                counts[name] = (pool.get_size() - idle, idle)
        return counts

    async def check_roles(self) -> None:
        """Raises RoleError when a role is missing, or row-level security would not hold for it; Unavailable."""
        assert self._reads is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        for pool in (self._reads, self._system):
            assert pool is not None  # noqa: S101 - as above
            try:
                with available():
                    async with pool.acquire(timeout=POOL_WAIT) as connection:
                        role = await connection.fetchrow(_ROLE_IS_UNSAFE)
            except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError) as error:
                raise RoleError(f"{error}; run `gateway migrate` first") from error
            if role is None or role["unsafe"]:
                raise RoleError(f"{role and role[0]} is a superuser, bypasses row-level security, or owns tables")

    @asynccontextmanager
    async def reading(self, store: Store) -> AsyncGenerator[Reader]:
        """A connection for reads of one store, outside any transaction. Raises Unavailable."""
        assert self._reads is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        with available(), waiting("reads"):
            proxy = await self._reads.acquire(timeout=POOL_WAIT)
        try:
            connection = cast(StoreConnection, proxy)
            forget = connection.forget  # bound now: the proxy lets go if the server dies
            try:
                with available():
                    await connection.carry(store.number)
                yield Reader(connection, store.number)
            except BaseException:  # cancellation and GeneratorExit too
                forget()
                raise
        finally:
            await self._reads.release(proxy)

    @asynccontextmanager
    async def system(self) -> AsyncGenerator[asyncpg.Connection]:
        """A connection of the gateway's own role, which sees every store: identify, the sequencer, the worker."""
        assert self._system is not None, "open() first"  # noqa: S101 - a programming error, not a condition
        with available(), waiting("system"):
            connection = await self._system.acquire(timeout=POOL_WAIT)
        try:
            with available():
                yield cast(asyncpg.Connection, connection)
        finally:
            await self._system.release(connection)

    @asynccontextmanager
    async def writing(self, principal: Principal, request_id: str | None = None) -> AsyncGenerator[Work]:
        """One transaction of the principal's store: committed on leaving, rolled back on any exception.

        Raises Unavailable when the database is away or the transaction takes longer than ``write_timeout``.
        """
        store = f"SET LOCAL app.store_id = {principal.store.number:d}"
        async with self._transaction("writes", self._writes, store) as (session, raw):
            work = self._work(session, raw, principal.store, Origin(principal.credential, request_id))
            yield work
            await work.flush()
        for signal in work.signals:
            for listener in self._listeners.get(type(signal), ()):
                listener(signal)

    @asynccontextmanager
    async def administering(self) -> AsyncGenerator[Administration]:
        """One transaction of the gateway's own role, over accounts and any of their stores."""
        async with self._transaction("administration", self._administration, "") as (session, raw):
            administration = Administration(session, lambda store: self._work(session, raw, store, Origin("system")))
            yield administration
            await administration.flush()

    def _work(self, session: AsyncSession, raw: asyncpg.Connection, store: Store, origin: Origin) -> Work:
        return Work(
            session,
            Reader(raw, store.number),
            store=store,
            origin=origin,
            now=self.clock(),
            reactions=self.options.reactions,
        )

    @asynccontextmanager
    async def _transaction(
        self, pool: str, engine: AsyncEngine, setting: str
    ) -> AsyncGenerator[tuple[AsyncSession, asyncpg.Connection]]:
        """Our own BEGIN and COMMIT around a session in autocommit: one message fewer, and the store is in it."""
        with _writable():
            async with asyncio.timeout(self.options.write_timeout), _connected(pool, engine) as connection:
                raw = cast(asyncpg.Connection, (await connection.get_raw_connection()).driver_connection)
                session = AsyncSession(connection, expire_on_commit=False, autoflush=False)
                try:
                    with watched("BEGIN"):
                        await raw.execute(_begin(raw, setting, self.options.write_timeout))
                    yield session, raw
                    await session.flush()
                    with watched("COMMIT"):
                        await raw.execute("COMMIT")
                except BaseException:
                    await _roll_back(raw)
                    raise
                finally:
                    session.expunge_all()
                    await session.close()

    def _engine(self, url: str, role: str, size: int) -> AsyncEngine:
        async def connect() -> asyncpg.Connection:
            settings = _settings(role, self.options.write_timeout)
            return await asyncpg.connect(plain_url(url), server_settings=settings, timeout=POOL_WAIT)

        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            isolation_level="AUTOCOMMIT",
            pool_size=size,
            max_overflow=0,
            pool_timeout=POOL_WAIT,
            pool_use_lifo=True,
            hide_parameters=True,  # errors are logged, and values may be secrets
        )
        watch_engine(engine.sync_engine)

        @event.listens_for(engine.sync_engine, "checkout")
        def replace_closed(connection: Any, *_: Any) -> None:
            # Our BEGIN runs beneath SQLAlchemy, which would never learn that it failed on a closed connection.
            if connection.driver_connection.is_closed():
                raise DisconnectionError

        observer = self.options.observer
        if observer is not None:

            @event.listens_for(engine.sync_engine, "before_cursor_execute")
            def tell(_1: Any, _2: Any, statement: str, *_: Any) -> None:
                observer(statement)

        return engine


class Administration:
    """A session over accounts, and a Work for each store it touches, in one transaction."""

    def __init__(self, session: AsyncSession, work_for: Callable[[Store], Work]) -> None:
        self.session = session
        self._work_for = work_for
        self._works: list[Work] = []

    def work(self, store: Store) -> Work:
        """What use cases of ``store`` write through, inside this transaction."""
        work = self._work_for(store)
        self._works.append(work)
        return work

    async def flush(self) -> None:
        """Send what is pending to the database."""
        await self.session.flush()
        for work in self._works:
            await work.flush()


class _writable(available):  # noqa: N801 - reads as a phrase
    """As ``available``, for what SQLAlchemy wraps the same failures in."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        away = isinstance(error, OperationalError | InterfaceError | PoolTimeout)
        if isinstance(error, DBAPIError):
            away = away or error.connection_invalidated or isinstance(getattr(error.orig, "__cause__", None), AWAY)
        if away:
            raise Unavailable("The database does not answer in time.") from error
        super().__exit__(kind, error, trace)


@asynccontextmanager
async def _connected(pool: str, engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    async with AsyncExitStack() as held:
        with waiting(pool):
            connection = await held.enter_async_context(engine.connect())
        yield connection


def _begin(raw: asyncpg.Connection, setting: str, timeout: float) -> str:
    """BEGIN and what holds for this transaction, in one message. The server limits its length where it can (17)."""
    limit = f"SET LOCAL transaction_timeout = {int(timeout * 1000)}" if raw.get_server_version() >= (17,) else ""
    return "; ".join(part for part in ("BEGIN", setting, limit) if part)


async def _roll_back(raw: asyncpg.Connection) -> None:
    """End the transaction, or the connection: one that cannot be rolled back must not return to the pool."""
    try:
        async with asyncio.timeout(5):
            await raw.execute("ROLLBACK")
    except BaseException as error:  # a second cancellation too: whatever it was, the connection is of no more use
        raw.terminate()
        if not isinstance(error, Exception):
            raise


def _counts(pool: Pool) -> tuple[int, int]:
    return (pool.checkedout(), pool.checkedin()) if isinstance(pool, QueuePool) else (0, 0)


async def _pool(options: DatabaseOptions, url: str, role: str, size: int) -> asyncpg.Pool:
    async def watch(connection: Any) -> None:
        if options.observer is not None:
            connection.add_query_logger(_told(options.observer))

    return await asyncpg.create_pool(
        plain_url(url),
        connection_class=StoreConnection,
        min_size=0,
        max_size=size,
        max_queries=10**9,
        max_inactive_connection_lifetime=0,
        statement_cache_size=500,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        server_settings=_settings(role, options.read_timeout),
        init=watch,
        timeout=POOL_WAIT,
        command_timeout=options.read_timeout + 1,  # for a server that fell silent; else it sees to its limit itself
    )


def _settings(role: str, timeout: float) -> dict[str, str]:
    """What a connection says of itself when it starts."""
    milliseconds = str(int(timeout * 1000))
    return {
        "role": role,
        "application_name": role,
        "statement_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds,
        "timezone": "UTC",
        "jit": "off",
    }


def plain_url(url: str) -> str:
    """The URL as asyncpg takes it, without SQLAlchemy's driver name. Raises ValueError for what is no such URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("not a database URL") from None
    if parsed.get_backend_name() != "postgresql":
        raise ValueError("must begin with postgresql://")
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def _told(observer: Observer) -> Callable[[Any], None]:
    def tell(record: Any) -> None:
        observer(record.query)

    return tell
