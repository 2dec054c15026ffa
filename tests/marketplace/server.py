"""The marketplace: lines of JSON over TCP. What it does for a key it does once; how it answers is the test's choice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

import orjson

LATE_SECONDS = 2.0
"""Later than the time limit of the calls that tests make."""


class Behaviour(StrEnum):
    """How the marketplace answers what is sent to it."""

    SUCCEED = "succeed"
    REFUSE = "refuse"
    BLUNDER = "blunder"
    """Refuses in a way that the second half fails on."""
    LATE = "late"
    """Does it, and answers after the time limit."""
    NEVER = "never"
    """Does it and stays silent."""
    TWICE = "twice"
    """Does it and answers two times."""
    BREAK = "break"
    """Does it and closes the connection."""
    LOSE = "lose"
    """Closes the connection and has not done it."""
    KILL = "kill"
    """Does it and kills the process that asked."""
    NONSENSE = "nonsense"
    """Does it and answers what no adapter can read."""


class Marketplace:
    """What it has done, by key."""

    def __init__(self) -> None:
        self.behaviour = Behaviour.SUCCEED
        self.behaviours: dict[str, Behaviour] = {}
        """Of single keys, for the first time that they are sent."""
        self.is_silent = False
        """Whether it answers no look-up."""
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.effects: Counter[str] = Counter()
        """How often it did something for a key: never more than once."""
        self.sends: Counter[str] = Counter()
        self.look_ups: Counter[str] = Counter()
        self.port = 0
        self.received = asyncio.Event()
        """Set when anything is sent."""
        self.release = asyncio.Event()
        """Ends the waiting of ``NEVER``."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            message = orjson.loads(await reader.readuntil(b"\n"))
            answer = self._look_up(message) if message["op"] == "look_up" else await self._send(message)
            if answer is not None:
                writer.write(answer)
                await writer.drain()
        writer.close()

    def _look_up(self, message: dict[str, Any]) -> bytes | None:
        self.look_ups[message["key"]] += 1
        if self.is_silent:
            return None
        return _line(self.outcomes.get(message["key"], {"state": "none"}))

    async def _send(self, message: dict[str, Any]) -> bytes | None:
        key = message["key"]
        self.sends[key] += 1
        behaviour = self.behaviours.pop(key, self.behaviour)
        self.received.set()
        if behaviour is Behaviour.LOSE:
            return None
        if key not in self.outcomes:
            self.outcomes[key] = _outcome(message, behaviour)
            self.effects[key] += 1
        answer = _line(self.outcomes[key])
        match behaviour:
            case Behaviour.LATE:
                await asyncio.sleep(LATE_SECONDS)
            case Behaviour.NEVER:
                await self.release.wait()
            case Behaviour.TWICE:
                return answer + answer
            case Behaviour.KILL:
                os.kill(message["pid"], signal.SIGKILL)
                return None
            case Behaviour.BREAK:
                return None
            case Behaviour.NONSENSE:
                return b"{nonsense\n"
        return answer


def _outcome(message: dict[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    if behaviour in (Behaviour.REFUSE, Behaviour.BLUNDER):
        code = "not_wanted" if behaviour is Behaviour.REFUSE else "blunder"
        return {"state": "failed", "code": code, "message": "Not wanted here."}
    return {"state": "succeeded", "data": {"reference": f"ref-{message['request']['name']}"}}


def _line(answer: dict[str, Any]) -> bytes:
    return orjson.dumps(answer) + b"\n"


@asynccontextmanager
async def open_marketplace() -> AsyncGenerator[Marketplace]:
    """It listens on a port of loopback inside."""
    market = Marketplace()
    server = await asyncio.start_server(market.serve, "127.0.0.1", 0)
    market.port = server.sockets[0].getsockname()[1]
    try:
        yield market
    finally:
        market.release.set()
        server.close()
        await server.wait_closed()
