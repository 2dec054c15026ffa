"""Connections: how they begin, the role they name, and the store that a pooled one carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from domain.kernel.database.options import (
    POOL_WAIT,
    STOREFRONT_ROLE,
    STOREFRONT_SCHEMA,
    DatabaseOptions,
    StatementListener,
)
from domain.kernel.sql.instrumentation import observe_statement
from domain.kernel.sql.metering import MeteredConnection

_CARRY = "select set_config('app.store_id', $1, false)"
_CARRY_METADATA = f"{_CARRY}, set_config('app.metadata_keys', $2, false)"


class StoreConnection(MeteredConnection):
    """A pooled connection that remembers its store and sends it to the server only if it changes. One of the storefront
    also carries the keys of metadata that it shows.
    """

    __slots__ = ("_carried",)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._carried: tuple[int, str | None] | None = None

    def get_reset_query(self) -> str:
        """Nothing: RESET ALL would drop the store."""
        return ""

    async def set_store(self, store: int, metadata_keys: str | None = None) -> None:
        """Make ``store`` the one that row-level security and the views of the storefront let through.

        ``metadata_keys``: the JSON array of those that the storefront shows.
        """
        if self._carried == (store, metadata_keys):
            return
        if self.is_in_transaction():  # a rollback would undo the setting behind our back
            raise RuntimeError("carry a store before the transaction begins")
        self._carried = None  # until the server has confirmed
        text, values = (_CARRY, []) if metadata_keys is None else (_CARRY_METADATA, [metadata_keys])
        with observe_statement(text):
            await self.fetchval(text, str(store), *values)
        self._carried = (store, metadata_keys)

    def unwrap(self) -> StoreConnection:
        """The connection behind the proxy of a pool."""
        return self

    def clear_store(self) -> None:
        """Say the store again next time: after a failure nothing is sure."""
        self._carried = None


async def open_pool(options: DatabaseOptions, url: str, role: str, size: int) -> asyncpg.Pool:
    """A pool of store connections; none is opened yet."""

    async def watch(connection: Any) -> None:
        if options.observer is not None:
            connection.add_query_logger(_query_logger(options.observer))

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
        server_settings=server_settings(role, options.read_timeout),
        init=watch,
        timeout=POOL_WAIT,
        command_timeout=options.read_timeout
        + 1,  # for a server that does not respond; otherwise the server applies its own limit
    )


def server_settings(role: str, timeout: float) -> dict[str, str]:
    """The settings that a connection sends when it starts."""
    milliseconds = str(int(timeout * 1000))
    names = {"search_path": f"{STOREFRONT_SCHEMA}, public"} if role == STOREFRONT_ROLE else {}
    return {
        **names,
        "role": role,
        "application_name": role,
        "statement_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds,
        "timezone": "UTC",
        "jit": "off",
    }


def plain_url(url: str) -> str:
    """The URL for asyncpg, without SQLAlchemy's driver name. Raises ValueError for an invalid URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("not a database URL") from None
    if parsed.get_backend_name() != "postgresql":
        raise ValueError("must begin with postgresql://")
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def _query_logger(observer: StatementListener) -> Callable[[Any], None]:
    def log_query(record: Any) -> None:
        observer(record.query)

    return log_query
