"""Databases of a test's own, with pools as small as it likes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from domain.kernel.database import Database, DatabaseOptions
from domain.signal_handlers import SIGNAL_HANDLERS

OpenDatabase = Callable[..., Any]


@pytest.fixture
async def open_database(database_url: str) -> AsyncGenerator[OpenDatabase]:
    """Opens pools of its own: ``await open_database(read_connections=1)``; closed at the end of the test."""
    async with AsyncExitStack() as stack:

        async def opened(url: str = database_url, **options: Any) -> Database:
            sizes = {"read_connections": 1, "write_connections": 1, "system_connections": 1}
            database = Database(DatabaseOptions(url, **{**sizes, "reactions": SIGNAL_HANDLERS, **options}))
            await database.open()
            stack.push_async_callback(database.close)
            return database

        yield opened
