"""The hook sink that others wrote (``tests/tools/hook_sink.py``), a process of its own: it verifies both signatures of
whatever comes, and each of its paths misbehaves in a way of its own."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain import webhooks
from gateway.adapters.http_sender import AiohttpSender
from tests.redis_server import free_port
from tests.webhooks.conftest import LOOPBACK, SECRET, Hooks

PROGRAM = Path(__file__).parents[1] / "tools" / "hook_sink.py"
EVENTS = 10
MISBEHAVING = ("fail", "404", "gone", "limit", "redirect", "hang", "drip", "huge", "flaky/2", "reset")


@dataclass(frozen=True, slots=True)
class HookSink:
    """Where it listens, and what it has logged."""

    port: int
    log: Path

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.port}/hook/{behaviour}"

    def lines(self, behaviour: str | None = None) -> list[dict[str, Any]]:
        """One for each try, oldest first."""
        every = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in every if behaviour is None or line["path"] == f"/hook/{behaviour}"]


@pytest.fixture
async def hook_sink(tmp_path: Path) -> AsyncGenerator[HookSink]:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, str(PROGRAM), str(port), str(log)]
    process = subprocess.Popen(command, env={**os.environ, "SECRET": SECRET})  # noqa: ASYNC220 - at once
    try:
        async with asyncio.timeout(20):
            while not _listens(port):
                await asyncio.sleep(0.02)
        yield HookSink(port, log)
    finally:
        process.kill()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


OUTCOMES: dict[str, tuple[str, int | None, str | None, float | None]] = {
    "ok": ("delivered", 200, None, None),
    "fail": ("pending", 500, None, 60),
    "404": ("pending", 404, None, 60),
    "gone": ("failed", 410, None, None),
    "limit": ("pending", 429, None, 60),
    "redirect": ("pending", 302, "Redirects are not followed.", 60),
    "hang": ("pending", None, "Took longer than 1 seconds.", 60),
    "drip": ("pending", 200, "Took longer than 1 seconds.", 60),
    "huge": ("delivered", 200, None, None),
    "flaky/2": ("pending", 500, None, 60),
    "reset": ("pending", None, "ServerDisconnectedError: Server disconnected", 60),
}
"""The delivery's status, the attempt's status and error, and seconds until the next."""


@pytest.mark.parametrize("behaviour", list(OUTCOMES))
async def test_each_path_ends_as_the_contract_says(hooks: Hooks, hook_sink: HookSink, behaviour: str) -> None:
    await hooks.listen(url=hook_sink.url(behaviour))
    await hooks.happen()
    await hooks.deliver()
    delivery, endpoint = await hooks.row(), await hooks.row("webhook")
    status, answered, error, wait = OUTCOMES[behaviour]
    (attempt,) = delivery["attempts"]
    assert (delivery["status"], attempt["status"], attempt["error"]) == (status, answered, error)
    assert delivery["due_at"] == (None if wait is None else hooks.clock() + timedelta(seconds=wait))
    assert (endpoint["active"], endpoint["failing_since"] is None) == (behaviour != "gone", status == "delivered")
    (line,) = hook_sink.lines()  # nothing else was asked, /hook/secret least of all
    assert (line["path"], line["id"]) == (f"/hook/{behaviour}", delivery["event_id"])
    assert (line["std_sig"], line["x_sig"]) == (True, True)
    assert (line["len"], line["ct"]) == (len(delivery["request"]), "application/json")


async def test_flaky_gets_it_at_the_third_try_under_one_id(hooks: Hooks, hook_sink: HookSink) -> None:
    hooks.clock.goes_on(minutes=-4)  # libraries take no timestamp that is five minutes off
    await hooks.listen(url=hook_sink.url("flaky/2"))
    await hooks.happen()
    for wait in (1, 5, 0):
        await hooks.deliver()
        hooks.clock.goes_on(minutes=wait)
    delivery = await hooks.row()
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 500, 200]
    assert delivery["status"] == "delivered"
    lines = hook_sink.lines()
    assert [line["try"] for line in lines] == [1, 2, 3]
    assert {(line["id"], line["std_sig"], line["x_sig"]) for line in lines} == {(delivery["event_id"], True, True)}


async def test_a_healthy_endpoint_waits_for_none_of_them(hooks: Hooks, hook_sink: HookSink) -> None:
    """Everything of the healthy one has come before anything that hangs is given up."""
    for behaviour in MISBEHAVING:
        for number in range(3):
            await hooks.listen(url=f"{hook_sink.url(behaviour)}?{number}" if number else hook_sink.url(behaviour))
    for _ in range(EVENTS):
        await hooks.happen()
    await hooks.listen(url=hook_sink.url("ok"))
    for _ in range(EVENTS):
        await hooks.happen()
    sender = AiohttpSender(webhooks.AddressPolicy(LOOPBACK))
    dispatcher = hooks.another(sender)
    working = asyncio.create_task(dispatcher.run())
    try:
        async with asyncio.timeout(9):
            while len(hook_sink.lines("ok")) < EVENTS:
                await asyncio.sleep(0.02)
        given_up = [each for row in await hooks.rows() for each in row["attempts"] if "longer" in (each["error"] or "")]
        assert given_up == []
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await sender.close()
    lines = hook_sink.lines()
    assert all(line["std_sig"] and line["x_sig"] for line in lines)
    assert hook_sink.lines("secret") == []
    assert set(Counter(line["id"] for line in hook_sink.lines("ok")).values()) == {1}
