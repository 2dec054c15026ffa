"""The slot in which a request runs. A process has few of them, so a request leaves its own while it waits for something
outside the process and its database: a carrier, a payment processor, Redis, or the rest of its own body.

The slot is a context variable, as the budget is, because requests wait far below the transports. Work without a slot
(the worker, streams, tests of use cases) leaves nothing.
"""

from __future__ import annotations

from contextvars import ContextVar
from types import TracebackType
from typing import Protocol


class Slot(Protocol):
    """One of the slots of a process."""

    def leave(self) -> None:
        """Let other requests run in it for now. May be called again before ``come_back``, as often as that."""

    def come_back(self) -> None:
        """Go on. Never waits: more requests than there are slots may run for a moment, and none blocks another."""


request_slot: ContextVar[Slot | None] = ContextVar("request_slot", default=None)
"""Of the current request, and of the tasks that it starts."""


class LeftSlot:
    """A slot that is left inside."""

    __slots__ = ("_slot",)

    def __enter__(self) -> None:
        self._slot = request_slot.get()
        if self._slot is not None:
            self._slot.leave()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._slot is not None:
            self._slot.come_back()


def leave_slot() -> LeftSlot:
    """Leave the slot of the current request inside: ``with leave_slot(): await carrier.quotes(...)``.

    Nothing else may be done there, and no connection of the database be held.
    """
    return LeftSlot()
