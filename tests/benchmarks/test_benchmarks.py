"""The benchmarks run, and all contestants answer alike, over a small shop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from benchmarks import start, webhooks
from benchmarks.contestants import GATEWAY_NAME, LIMIT, LIMIT_BEHIND_DOORS, NAIVE, REST, Measurement, contestants
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.load import Answer, WrongAnswerError, connected
from benchmarks.report import report
from benchmarks.requests import get, http
from benchmarks.runner import RunSettings, UnequalAnswersError, measure
from benchmarks.shop import Size, product_id
from benchmarks.sockets import fan_out, section
from benchmarks.table import Measured

SMALL = Size(products=50, customers=50, orders=100)
QUICK = RunSettings(turns=1, warm_up=0.01, alone=0.01, together=0.01, connections=2)


@pytest.fixture(scope="module")
async def stand(server_url: str) -> AsyncGenerator[BenchEnvironment]:
    """A small shop."""
    async with ground(SMALL, server_url) as made:
        yield made


@pytest.fixture(scope="module")
async def cells(stand: BenchEnvironment) -> AsyncGenerator[list[Measurement]]:
    """Every contestant but those that need Node, serving."""
    async with contestants(stand) as serving:
        yield serving


async def test_every_contestant_answers_alike_and_is_in_the_report(
    stand: BenchEnvironment, cells: list[Measurement]
) -> None:
    await measure(cells, QUICK)
    assert Counter(cell.contestant for cell in cells) >= Counter(
        {GATEWAY_NAME: 6, REST: 2, NAIVE: 3, LIMIT: 4, LIMIT_BEHIND_DOORS: 4}
    )
    written = report(stand, QUICK, Measured(cells), now=datetime.now(UTC), peers={})
    rows = [line.split(" | ")[:2] for line in written.splitlines()]
    assert all([f"| {cell.operation}", cell.contestant] in rows for cell in cells)


async def test_contestants_that_differ_are_not_measured(cells: list[Measurement]) -> None:
    asked = [replace(cell, alone=[], together=[]) for cell in cells if cell.operation == "Q3"]
    mistaken = next(cell for cell in asked if cell.contestant == LIMIT)
    mistaken.request = get(f"/products/{product_id(1)}", {})
    with pytest.raises(UnequalAnswersError, match=r"^Q3: hand-written limit and .* differ"):
        await measure(asked, QUICK)
    assert not any(cell.together for cell in asked)


async def test_every_socket_hears_of_every_event(stand: BenchEnvironment) -> None:
    fanned = await fan_out(stand, count=5, events=2, burst=3)
    assert (fanned.sockets, len(fanned.delays)) == (5, 10)
    assert "| 5 |" in section(fanned)


async def test_every_delivery_arrives(server_url: str) -> None:
    async with ground(SMALL, server_url) as alone:  # other gateways would send too, and may not send here
        delivered = await webhooks.deliver(alone, events=5, turns=2)
    assert delivered.deliveries == 2 * 5 * webhooks.ENDPOINTS
    assert ": 40 deliveries to 4\n" in webhooks.section(delivered)


async def test_a_start_is_timed_until_it_answers(stand: BenchEnvironment) -> None:
    started = await start.start(stand, starts=1)
    assert started.cpu > 0
    assert started.wall > 0
    assert f"{started.idle / 2**20:.0f} MB" in start.section(started)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", Answer(200, b"abc")), (b"HTTP/1.1 200\r\n\r\nabc", None)],
)
async def test_the_load_waits_for_the_whole_answer(answer: bytes, expected: Answer | None) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in answer:
            writer.write(bytes((byte,)))
            await writer.drain()
        await reader.read()
        writer.close()
        served.set()

    served = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, connected(server.sockets[0].getsockname()[1]) as (connection,):
        asked = connection.ask(http("GET", "/", {}))
        if expected is None:
            with pytest.raises(WrongAnswerError, match="without Content-Length"):
                await asked
        else:
            assert await asked == expected
    await served.wait()
