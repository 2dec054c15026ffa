"""Shared by the commands: two consoles, the configured database, and reading from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

import typer
from rich.console import Console

from domain import access
from domain.kernel.database import Database
from domain.kernel.listing import Listing, Query
from domain.kernel.listing.paging import MAX_LIMIT, Window
from domain.kernel.principal import Mode, Store
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Row
from gateway.database_setup import open_database
from gateway.settings import Settings, load_settings

R = TypeVar("R")

out, err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)


def run(command: Callable[[Database], Awaitable[R]]) -> R:
    """Run one command on the database that is set. Raises as ``open_database``."""

    async def on_database(settings: Settings) -> R:
        async with open_database(settings) as database:
            return await command(database)

    return asyncio.run(on_database(load_settings()))


async def stores_of(database: Database, account: str) -> dict[Mode, Store] | None:
    """The stores of an account by its name; None when there is no such account."""
    async with database.admin_transaction() as administration:
        return await access.find_stores(administration, account)


async def stores_or_exit(database: Database, account: str) -> dict[Mode, Store]:
    """As ``stores_of``. Raises BadParameter when there is no such account."""
    stores = await stores_of(database, account)
    if stores is None:
        raise typer.BadParameter(f"there is no account named {account!r}")
    return stores


async def store_of(database: Database, account: str, read: Read, id: str, noun: str) -> Store:
    """The store of an account in which a read finds an id. Raises BadParameter when neither has it."""
    for store in (await stores_or_exit(database, account)).values():
        async with database.read_connection(store) as db:
            if await read.for_key(db, id) is not None:
                return store
    raise typer.BadParameter(f"{account} has no {noun} {id}")


async def all_rows(
    database: Database, store: Store, listing: Listing, filters: Mapping[str, Any] | None = None
) -> AsyncGenerator[Row]:
    """The rows of a list of a store, from its beginning to its end."""
    cursor = None
    while True:
        async with database.read_connection(store) as db:
            page = await listing.page(db, Query(Window(MAX_LIMIT, cursor), filters or {}))
        for row in page.rows:
            yield row
        if not page.has_next:
            return
        cursor = page.cursor(page.rows[-1])
