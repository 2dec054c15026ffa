"""Turns of one operation: side by side while connections are to spare, one after the other while they are not."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from domain.kernel.database import Database, DatabaseOptions
from resolvers.connection_turns import ConnectionTurns
from tests.conftest import Shop


async def most_at_once(turns: ConnectionTurns, count: int) -> tuple[int, list[int]]:
    """How many of so many reads had a turn at once, and in which order they had it."""
    running, most, order = 0, 0, []

    async def read(number: int) -> None:
        nonlocal running, most
        async with turns:
            order.append(number)
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*map(read, range(count)))
    return most, order


@pytest.mark.parametrize(("spare", "most"), [(True, 3), (False, 1)])
async def test_reads_run_side_by_side_only_while_connections_are_to_spare(spare: bool, most: int) -> None:
    assert await most_at_once(ConnectionTurns(3, lambda: spare), 7) == (most, list(range(7)))


async def test_a_read_that_is_cancelled_while_it_waits_takes_no_turn() -> None:
    turns = ConnectionTurns(1, lambda: True)
    await turns.acquire()
    waiting = asyncio.create_task(turns.acquire())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    turns.release()
    assert await most_at_once(turns, 2) == (1, [0, 1])


async def test_a_read_that_is_cancelled_when_its_turn_has_come_gives_it_back() -> None:
    turns = ConnectionTurns(1, lambda: True)
    await turns.acquire()
    waiting = asyncio.create_task(turns.acquire())
    await asyncio.sleep(0)
    turns.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1):
        await turns.acquire()


async def test_half_of_the_connections_are_left_to_others(database_url: str, shop: Shop) -> None:
    own = Database(DatabaseOptions(database_url, read_connections=4))
    assert not own.has_spare_connections()
    await own.open()
    found = []
    async with AsyncExitStack() as stack:
        for _ in range(3):
            found.append(own.has_spare_connections())
            await stack.enter_async_context(own.read_connection(shop.live.store))
    assert found == [True, True, False]
    assert own.has_spare_connections()
    await own.close()
