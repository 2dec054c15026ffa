"""Python beside a statement: the order of both, and what becomes of the failures of either."""

from __future__ import annotations

import asyncio

import pytest

from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.kernel.sql.overlap import in_flight
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from tests.conftest import Shop

WAITS = "SELECT pg_sleep(60)"


async def fail_beside(statement: asyncio.Future[None]) -> None:
    """A block that fails while a statement waits for ``statement``."""

    async def wait() -> None:
        await statement

    async with in_flight(wait()):
        raise LookupError


async def test_the_statement_is_sent_before_the_block_and_has_ended_after_it() -> None:
    """Taken out: ``sleep(0)`` (the block comes first), the last ``await`` (the statement does not end)."""
    steps: list[str] = []

    async def statement() -> None:
        steps.append("sent")
        await asyncio.sleep(0.01)
        steps.append("ended")

    async with in_flight(statement()):
        steps.append("block")
    assert steps == ["sent", "block", "ended"]


async def test_the_failure_of_a_statement_is_raised_after_the_block() -> None:
    steps: list[str] = []

    async def statement() -> None:
        raise LookupError

    async def run() -> None:
        async with in_flight(statement()):
            steps.append("block")

    with pytest.raises(LookupError):
        await run()
    assert steps == ["block"]


async def test_the_failure_of_a_block_cancels_the_statement() -> None:
    """Taken out: ``cancel`` (it waits for ever)."""
    statement: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(5):
        with pytest.raises(LookupError):
            await fail_beside(statement)
    assert statement.cancelled()


async def test_a_connection_is_usable_after_a_block_has_failed(database: Database, shop: Shop) -> None:
    """The savepoint is rolled back on the connection whose statement was cancelled. Taken out: ``wait``."""

    async def fail(work: UnitOfWork) -> None:
        async with work.savepoint(), in_flight(work.reader.command(WAITS)):
            await asyncio.sleep(0.05)
            raise LookupError

    async with database.transaction(shop.live) as work:
        with pytest.raises(LookupError):
            await fail(work)
        await work.reader.command("SELECT 1")


async def test_a_block_must_not_use_the_connection(database: Database, shop: Shop) -> None:
    async def misuse() -> None:
        async with database.transaction(shop.live) as work, in_flight(work.reader.command(WAITS)):
            await work.reader.command("SELECT 1")

    async with asyncio.timeout(30):
        with pytest.raises(Unavailable):
            await misuse()
