"""The process that draws charts, as seen from the server."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from struct import Struct

_REQUEST_HEAD, _RESPONSE_HEAD = Struct("!I"), Struct("!?I")
"""As in ``child.py``."""
_CHILD = Path(__file__).with_name("child.py")
_SPARE_SECONDS = 5.0
"""Seconds that the process waits longer than the server before it ends itself."""


class DrawingError(Exception):
    """The specification cannot be drawn: an error of this program."""


class ProcessEndedError(Exception):
    """The process has ended."""


class DrawingProcess:
    """One process. ``start`` it, and ``end`` it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.request_count = 0
        """Charts that it was asked for."""

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @classmethod
    async def start(cls, deadline: float) -> DrawingProcess:
        """Start a process that ends itself if a chart takes much longer than ``deadline`` seconds.

        It has none of the server's environment, where secrets are, and gets no Ctrl-C of its terminal.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(_CHILD), str(deadline + _SPARE_SECONDS)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={"PATH": os.defpath},
            start_new_session=True,
        )
        return cls(process)

    async def draw(self, request: bytes) -> bytes:
        """The picture of a request. Raises DrawingError, ProcessEndedError."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None, "a pipe, see above"  # noqa: S101
        assert stdout is not None, "a pipe, see above"  # noqa: S101
        self.request_count += 1
        try:
            stdin.write(_REQUEST_HEAD.pack(len(request)) + request)
            await stdin.drain()
            succeeded, length = _RESPONSE_HEAD.unpack(await stdout.readexactly(_RESPONSE_HEAD.size))
            response = await stdout.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ProcessEndedError from error
        if not succeeded:
            raise DrawingError(response.decode(errors="replace"))
        return response

    async def end(self) -> None:
        """Kill it: it has nothing to lose."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()
