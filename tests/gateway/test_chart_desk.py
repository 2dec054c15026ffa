"""The process that draws charts: when it is started, replaced and ended. Stopped processes stand for hanging ones."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.analytics.service.sales_report import ReportSpan
from domain.analytics.tables.report_tables import ChartFormat, ReportTable, TableColumn, TableForm, Unit
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Mode, Plan, Store
from gateway.adapters.charts import ChartDesk, DeskLimits
from gateway.adapters.charts.process import DrawingError, DrawingProcess, ProcessEndedError
from tests.conftest import MakeKey, Shop
from tests.gateway.server_process import Server, serving

TABLE = ReportTable(
    title="Toys",
    period=ReportSpan("2026-01-01", "2026-01-02", "UTC"),
    currency="GBP",
    as_of=datetime(2026, 1, 2, tzinfo=UTC),
    form=TableForm.GROUPS,
    columns=(TableColumn("name", Unit.TEXT), TableColumn("share", Unit.RATIO, "Share")),
    rows=[("Bear", Decimal("0.25")), ("Train", Decimal("-0.5"))],
    labels=["Bear", "Train"],
)
"""What any report may declare."""
STORES = [Store(number, f"store_{number}", "acct_1", "Toys", Mode.TEST, "GBP", Plan.ENTERPRISE) for number in (1, 2)]
PATIENT = 60.0
"""Seconds that only a fault takes."""


@asynccontextmanager
async def desk(**limits: Any) -> AsyncGenerator[ChartDesk]:
    opened = ChartDesk(DeskLimits(**{"wait": PATIENT, "drawing": PATIENT, "idle": PATIENT, **limits}))
    try:
        yield opened
    finally:
        await opened.close()


def is_running(pid: int) -> bool:
    """Whether the process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENT):
        while not condition():
            await asyncio.sleep(0.02)


def drawing_processes(parent: int) -> list[int]:
    """The processes below ``parent`` that draw charts."""
    children = [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    own = [each for each in children if b"charts/child.py" in Path(f"/proc/{each}/cmdline").read_bytes()]
    return own + [below for each in children for below in drawing_processes(each)]


async def draw(desk: ChartDesk, store: Store = STORES[0]) -> bytes:
    return await desk.draw(TABLE, ChartFormat.SVG, store)


async def test_the_process_is_started_with_the_first_chart_and_ended_when_idle() -> None:
    """Fails when it is started with the server, and when it stays."""
    async with desk(idle=0.2) as opened:
        assert opened.pid is None
        first = await draw(opened)
        assert b"Toys" in first
        assert b"25.0%" in first
        pid = opened.pid
        assert pid is not None
        await until(lambda: not is_running(pid))
        assert opened.pid is None
        assert await draw(opened) == first
        assert opened.pid != pid


async def test_a_killed_process_is_replaced_for_the_same_chart() -> None:
    """Fails when the caller hears of it: it may have been killed for its memory long ago."""
    async with desk() as opened:
        first = await draw(opened)
        pid = opened.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert await draw(opened) == first
        assert opened.pid != pid


async def test_a_hanging_process_is_killed_and_its_chart_refused() -> None:
    """Fails when the next chart waits for it as well."""
    async with desk(drawing=0.2) as opened:
        opened._process = await DrawingProcess.start(PATIENT)
        pid = opened._process.pid
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(Unavailable):
            await draw(opened)
        assert opened.pid is None
        assert not is_running(pid)


async def test_a_chart_that_waits_too_long_is_refused() -> None:
    async with desk(wait=0.1) as opened:
        opened._process = await DrawingProcess.start(PATIENT)
        os.kill(opened._process.pid, signal.SIGSTOP)
        found = await asyncio.gather(draw(opened), draw(opened), return_exceptions=True)
        assert [type(each) for each in found] == [Unavailable, Unavailable]


async def test_a_store_has_half_of_the_places() -> None:
    """Fails when one store can keep others from their charts, and when places are not given back."""
    async with desk(places=4) as opened:
        orders = [asyncio.create_task(draw(opened, store)) for store in [STORES[0]] * 3 + [STORES[1]] * 3]
        found = await asyncio.gather(*orders, return_exceptions=True)
        assert [isinstance(each, Unavailable) for each in found] == [False, False, True] * 2
        assert await asyncio.gather(draw(opened), draw(opened)) == [found[0]] * 2


async def test_a_caller_who_leaves_gives_up_the_place() -> None:
    """Fails when the chart of one who has left is drawn nevertheless, and when it spoils the next one's."""
    async with desk(places=4) as opened:
        first = await draw(opened)
        for _ in range(8):
            order = asyncio.create_task(draw(opened))
            await asyncio.sleep(0)
            order.cancel()
            await asyncio.gather(order, return_exceptions=True)
        assert await draw(opened) == first


async def test_the_process_is_replaced_before_it_grows() -> None:
    async with desk(charts=2) as opened:
        pids = []
        for _ in range(4):
            await draw(opened)
            pids.append(opened.pid)
        assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_what_cannot_be_drawn_is_said_and_others_are_drawn() -> None:
    async with desk() as opened:
        first = await draw(opened)
        assert opened._process is not None
        with pytest.raises(DrawingError):
            await opened._process.draw(b'{"spec": {"mark": 3}, "locale": {}, "format": "image/png"}')
        assert await draw(opened) == first


async def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    """Fails when Vega may open URLs or files. The same rows are drawn if they are in the specification."""
    rows = '[{"name": "secret"}]'
    (tmp_path / "rows.json").write_text(rows)
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(rows)}\r\nConnection: close\r\n\r\n{rows}".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    process = await DrawingProcess.start(PATIENT)
    sources = {
        f'{{"url": "{(tmp_path / "rows.json").as_uri()}"}}': False,
        f'{{"url": "http://127.0.0.1:{port}/rows.json"}}': False,
        f'{{"values": {rows}}}': True,
    }
    try:
        for data, is_drawn in sources.items():
            spec = f'{{"data": {data}, "mark": "text", "encoding": {{"text": {{"field": "name"}}}}}}'
            try:
                drawn = await process.draw(f'{{"spec": {spec}, "locale": {{}}, "format": "image/svg+xml"}}'.encode())
            except DrawingError:
                drawn = b""
            assert (b"secret" in drawn) is is_drawn
    finally:
        await process.end()
        server.close()
    assert asked == []


async def test_it_knows_no_secrets_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_ENCRYPTION_KEYS", "k1:secret")
    async with desk() as opened:
        await draw(opened)
        assert opened.pid is not None
        assert b"GATEWAY" not in environment(opened.pid)


async def ask_for_chart(server: Server, key: str) -> int:
    """Ask for a chart; the process that drew it."""
    async with server.client(key) as client:
        response = await client.get("/v2/analytics/sales", headers={"Accept": "image/png"})
    assert response.status_code == 200, response.text
    (pid,) = drawing_processes(server.process.pid)
    return pid


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_it_ends_with_the_server(
    database_url: str, redis_url: str, shop: Shop, make_key: MakeKey, workers: str
) -> None:
    key = await make_key(shop.test, "analytics:read")
    async with serving(database_url, "--workers", workers, GATEWAY_REDIS_URL=redis_url) as server:
        pid = await ask_for_chart(server, key)
        assert await server.stop() == 0
        assert not is_running(pid)


async def test_it_does_not_outlive_a_killed_server(database_url: str, shop: Shop, make_key: MakeKey) -> None:
    """Fails when the process does not look at the end of its input."""
    key = await make_key(shop.test, "analytics:read")
    async with serving(database_url) as server:
        pid = await ask_for_chart(server, key)
        await server.kill()
        await until(lambda: not is_running(pid))


async def test_a_drawing_that_hangs_ends_itself_if_no_server_is_left() -> None:
    """The kernel's timer ends it: a drawing holds the interpreter, so that no Python would run. Here it runs out while
    a chart with very many marks is drawn."""
    process = await DrawingProcess.start(-4.9)
    spec = '{"data": {"sequence": {"start": 0, "stop": 3000000}}, "mark": "point"}'
    with pytest.raises(ProcessEndedError):
        await process.draw(f'{{"spec": {spec}, "locale": {{}}, "format": "image/svg+xml"}}'.encode())
    await process.end()
