"""The benchmarks run, and all contestants answer alike, over a small shop."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from benchmarks import analytics, payments, start, webhooks
from benchmarks.contestants import contestants
from benchmarks.corpus.operations import corpus
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.load import Answer, WrongAnswerError, connected, keep_asking
from benchmarks.measurement import GATEWAY_NAME, LIMIT, LIMIT_BEHIND_DOORS, NAIVE, REST, Measurement
from benchmarks.report import report
from benchmarks.requests import get, http
from benchmarks.runner import RunSettings, UnequalAnswersError, measure
from benchmarks.shop import Size, order_id, product_id
from benchmarks.sockets import fan_out, section
from benchmarks.table import QUERIES, Measured

SMALL = Size(products=50, customers=50, orders=400)
WRITTEN_BY_HAND = 13
"""Pages of the corpus."""
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
        {
            GATEWAY_NAME: 3 + len(corpus()),
            REST: sum(asked.rest is not None for asked in corpus()),
            NAIVE: 3,
            LIMIT: 4,
            LIMIT_BEHIND_DOORS: 4 + WRITTEN_BY_HAND,
        }
    )
    written = report(stand, QUICK, Measured(cells), now=datetime.now(UTC), peers={})
    rows = [line.split(" | ")[:2] for line in written.splitlines()]
    assert all([f"| {cell.operation}", cell.contestant] in rows for cell in cells if cell.operation in QUERIES)
    lines = {row[0] for row in rows}
    assert {f"| {asked.name}" for asked in corpus()} <= lines
    assert {f"| {asked.name}, REST" for asked in corpus() if asked.rest} <= lines


async def test_contestants_that_differ_are_not_measured(cells: list[Measurement]) -> None:
    asked = [replace(cell, alone=[], together=[]) for cell in cells if cell.operation == "Q3"]
    mistaken = next(cell for cell in asked if cell.contestant == LIMIT)
    mistaken.request = get(f"/products/{product_id(1)}", {})
    with pytest.raises(UnequalAnswersError, match=r"^Q3: hand-written limit and .* differ"):
        await measure(asked, QUICK)
    assert not any(cell.together for cell in asked)


async def test_a_page_by_hand_that_says_something_else_is_not_measured(cells: list[Measurement]) -> None:
    asked = [replace(cell, alone=[], together=[]) for cell in cells if cell.operation == "order-page"]
    mistaken = next(cell for cell in asked if cell.contestant == LIMIT_BEHIND_DOORS)
    sent = mistaken.request.write(0).replace(order_id(SMALL.orders // 2).encode(), order_id(1).encode())
    mistaken.request = replace(mistaken.request, write=lambda _: sent)
    with pytest.raises(UnequalAnswersError, match=r"^order-page: limit behind the doors and gateway differ"):
        await measure(asked, QUICK)


async def test_a_change_that_is_refused_ends_the_run(cells: list[Measurement]) -> None:
    cell = next(each for each in cells if each.operation == "update-order-status" and each.contestant == GATEWAY_NAME)
    refused = cell.request.write(0).replace(b'"PROCESSING"', b'"DELIVERED" ')
    asked = replace(cell, request=replace(cell.request, write=lambda _: refused))
    with pytest.raises(WrongAnswerError, match="ILLEGAL_TRANSITION"):
        await measure([asked], QUICK)


async def test_every_socket_hears_of_every_event(stand: BenchEnvironment) -> None:
    fanned = await fan_out(stand, count=5, events=2, burst=3)
    assert (fanned.sockets, len(fanned.delays)) == (5, 10)
    assert "| 5 |" in section(fanned)


async def test_every_delivery_arrives(server_url: str) -> None:
    async with ground(SMALL, server_url) as alone:  # other gateways would send too, and may not send here
        delivered = await webhooks.deliver(alone, events=5, turns=2)
    assert delivered.deliveries == 2 * 5 * webhooks.ENDPOINTS
    assert ": 40 deliveries to 4\n" in webhooks.section(delivered)


async def test_payments_by_hand_are_answered_alike(stand: BenchEnvironment) -> None:
    paid = await payments.pay_in_turns(stand, payments.Pace(payments=4, turns=1, clients=3, seconds=0.1))
    assert paid.rows > 0
    assert paid.crowd.a_second > 0
    written = payments.section(replace(paid, gateway=6.0, by_hand=2.0))
    assert "3.00 times the same by hand" in written
    assert "3 clients at once" in written


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ([{"id": "pi_2", "status": "requires_capture"}, {"id": "pi_2", "status": "succeeded"}], None),
        ([{"id": "pi_2", "status": "requires_capture"}, {"id": "pi_2", "status": "succeeded", "fee": 1}], "differ"),
        ([{"id": "pi_2", "status": "requires_capture"}], "differ"),
    ],
)
def test_payments_that_are_answered_differently_are_not_measured(
    other: list[dict[str, object]], expected: str | None
) -> None:
    one: list[dict[str, object]] = [{"id": "pi_1", "status": "requires_capture"}, {"id": "pi_1", "status": "succeeded"}]
    if expected is None:
        payments.require_alike(one, other)
        with pytest.raises(UnequalAnswersError, match="not paid"):
            payments.require_alike(one[:1], other[:1])
    else:
        with pytest.raises(UnequalAnswersError, match=expected):
            payments.require_alike(one, other)


async def test_every_report_is_timed_over_its_own_facts(server_url: str) -> None:
    async with ground(SMALL, server_url) as alone:
        found = await analytics.measure(alone, orders=300, rounds=1)
    assert found.orders_folded > 0
    assert {"sales", "sales by category", "sales by channel"} <= {each.name for each in found.reports}
    assert all(list(each.times) == list(analytics.DAYS) for each in found.reports)
    assert "over 300 orders" in analytics.section(found)


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
    async with server, connected(_port(server)) as (connection,):
        asked = connection.ask(http("GET", "/", {}))
        if expected is None:
            with pytest.raises(WrongAnswerError, match="without Content-Length"):
                await asked
        else:
            assert await asked == expected
    await served.wait()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


@pytest.mark.parametrize(("refusals", "expected"), [(1, "counted"), (10**9, "not one answer in time")])
async def test_an_overloaded_contestant_is_asked_again(refusals: int, expected: str) -> None:
    """Until it answers, also when its time is over. Fails when a turn may end without an answer."""
    left = refusals

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        while await reader.read(100):
            status, left = (503 if left > 0 else 200), left - 1
            writer.write(b"HTTP/1.1 %d ?\r\nContent-Length: 2\r\n\r\n{}" % status)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, connected(_port(server)) as opened:
        sent = http("GET", "/", {})
        if expected == "counted":
            assert len(await keep_asking(opened, lambda _: sent, itertools.count(), 0)) == 1
        else:
            with pytest.raises(WrongAnswerError, match=expected):
                await keep_asking(opened, lambda _: sent, itertools.count(), 0.05, response_timeout=0.05)
