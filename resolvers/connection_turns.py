"""Turns of the reads of one operation: several at once only while the pool has connections to spare."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class ConnectionTurns:
    """At most ``most`` turns at once; more than one only if ``has_spare`` says so, for others have not one yet."""

    __slots__ = ("_has_spare", "_most", "_taken", "_waiting")

    def __init__(self, most: int, has_spare: Callable[[], bool]) -> None:
        self._most = most
        self._has_spare = has_spare
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Wait for a turn. Turns are given in the order in which they were asked for."""
        if not self._waiting and self._is_free():
            self._taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            raise

    def close(self) -> None:
        """Cancel those that wait for a turn."""
        while self._waiting:
            self._waiting.popleft().cancel()

    def release(self) -> None:
        """End a turn, and begin those that wait for one."""
        self._taken -= 1
        while self._waiting and self._is_free():
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)

    def _is_free(self) -> bool:
        return self._taken == 0 or (self._taken < self._most and self._has_spare())

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        self.release()
