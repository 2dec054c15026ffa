"""One execution for equal subscribers: for an event, subscribers with equal rights get the same bytes.

The response to an event depends on the document, on the variables below its root field (those of the root field itself
decide which events arrive, not the response to them), and on the rights of the caller. So the first of a group that
reaches an event executes it, and the others wait for the result. Relations are read live, so a response is shared for a
short time only.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator, Hashable, Mapping
from contextlib import contextmanager
from typing import Any

from gateway.execution.engine import GraphQLResponse, Operation

MAX_SHARED_SECONDS = 1.0
"""Seconds for which an execution may stand for another."""
MAX_SHARED_EVENTS = 100
"""Events of a group whose responses are cached."""


class _SharedExecution:
    """An execution and those who wait for it: a shield around its task would cost each of them three times as much."""

    __slots__ = ("_task", "_waiting", "begun")

    def __init__(self, execute: Callable[[], Awaitable[GraphQLResponse]], now: float) -> None:
        self.begun = now
        self._waiting: list[asyncio.Future[None]] = []
        self._task = asyncio.ensure_future(execute())  # the first subscriber may leave while others wait
        self._task.add_done_callback(self._wake)

    async def answer(self) -> GraphQLResponse:
        """Its response, once there is one. Raises the error of the execution."""
        if not self._task.done():
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting
        return self._task.result()

    def _wake(self, _: object) -> None:
        for waiting in self._waiting:
            if not waiting.done():  # otherwise the subscribers have left
                waiting.set_result(None)
        self._waiting.clear()


class SubscriberGroup:
    """Subscribers who get the same responses."""

    __slots__ = ("_executions", "key", "members")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        """The key that the members of a group share."""
        self.members = 0
        self._executions: OrderedDict[str, _SharedExecution] = OrderedDict()

    async def answer(self, event: str, execute: Callable[[], Awaitable[GraphQLResponse]]) -> GraphQLResponse:
        """The response to an event; within a short time, it is executed once for all members.

        A response with errors is not shared, because it contains the request id.
        """
        if self.members == 1:
            return await execute()
        now = asyncio.get_running_loop().time()
        shared = self._executions.get(event)
        mine = shared is None or now - shared.begun > MAX_SHARED_SECONDS
        if shared is None or mine:
            shared = self._executions[event] = _SharedExecution(execute, now)
            self._executions.move_to_end(event)
            if len(self._executions) > MAX_SHARED_EVENTS:
                self._executions.popitem(last=False)
        answer = await shared.answer()
        return answer if mine or not answer.failures else await execute()


class SubscriberGroups:
    """Those of this process, as long as they have members."""

    def __init__(self) -> None:
        self._present: dict[Hashable, SubscriberGroup] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._present)

    @contextmanager
    def joined(
        self, operation: Operation, variables: Mapping[str, Any], rights: Hashable
    ) -> Generator[SubscriberGroup]:
        """The group of a subscription, until it is over."""
        variables_below_root = {name: variables[name] for name in operation.telling if name in variables}
        key: Hashable = (operation, json.dumps(variables_below_root, sort_keys=True, default=str), rights)
        group = self._present.get(key)
        if group is None:
            group = self._present[key] = SubscriberGroup(key)
        key = group.key  # one for all: the text in it has a page of memory of its own
        group.members += 1
        try:
            yield group
        finally:
            group.members -= 1
            if not group.members:
                del self._present[key]
