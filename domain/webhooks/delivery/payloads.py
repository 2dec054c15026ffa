"""A cache of payloads being built or sent: one for all endpoints of a store with the same event, query and scopes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from domain.webhooks.delivery.fair_turns import FairTurns
from domain.webhooks.delivery.requests import DeliveryRequest, Payload
from domain.webhooks.ports import PayloadQueryRunner

SHARED_RESULT_TTL = 5.0
"""Seconds after which a payload is built again: the relations of a query are read live."""
IDLE_BYTES = 16 * 2**20
"""Bytes of cached payloads that are not being sent."""
STORE_BYTES = 32 * 2**20
"""Bytes of payloads of one store that are being sent. Beyond this, no further payload is built for the store."""
Key = tuple[int, str, str | None, frozenset[str], int]


@dataclass(slots=True, eq=False)
class _SharedPayload:
    """A payload, with the number of deliveries that wait for it or send it."""

    task: asyncio.Task[Payload]
    begun: float
    waiting: int = 0
    senders: int = 0
    size: int = 0
    """Bytes, once it is built."""


class PayloadCache:
    """The payloads of one process."""

    def __init__(self, query_runner: PayloadQueryRunner, clock: Callable[[], float] = perf_counter) -> None:
        """``clock``: a monotonic clock in seconds."""
        self._query_runner = query_runner
        self._clock = clock
        self._turns = FairTurns(self._has_room, clock)
        self._shared: dict[Key, _SharedPayload] = {}
        self._sent = Counter[int]()
        """Bytes being sent, by store. A payload counts once, however many deliveries send it."""

    @asynccontextmanager
    async def of(self, request: DeliveryRequest) -> AsyncGenerator[Payload]:
        """Provide the payload of a request while it is sent. Raises PayloadQueryError."""
        key = _key(request)
        if key is None:
            yield await request.payload(self._query_runner)
            return
        shared = self._find_or_build(key, request)
        payload = await self._wait(key, shared)
        self._begin(key, shared)
        try:
            yield payload
        finally:
            self._end(key, shared)

    def _find_or_build(self, key: Key, request: DeliveryRequest) -> _SharedPayload:
        now = self._clock()
        self._evict_old(now)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _SharedPayload(asyncio.create_task(self._build(request)), now)
            shared.task.add_done_callback(lambda _: self._on_built(key, shared))
        return shared

    def _on_built(self, key: Key, shared: _SharedPayload) -> None:
        """Drop a failed payload; its waiters get the exception. Record the size of others."""
        if shared.task.cancelled() or shared.task.exception() is not None:
            self._evict(key, shared)
        else:
            shared.size = len(shared.task.result().body)

    async def _build(self, request: DeliveryRequest) -> Payload:
        async with self._turns.turn(request.delivery.store):
            began = self._clock()
            try:
                return await request.payload(self._query_runner)
            finally:
                self._turns.took(self._clock() - began)

    async def _wait(self, key: Key, shared: _SharedPayload) -> Payload:
        """Wait for the payload. When the last waiter is cancelled, building it is cancelled."""
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():
                self._evict(key, shared)
                shared.task.cancel()

    def _begin(self, key: Key, shared: _SharedPayload) -> None:
        if not shared.senders:
            self._sent[key[0]] += shared.size
        shared.senders += 1

    def _end(self, key: Key, shared: _SharedPayload) -> None:
        shared.senders -= 1
        if not shared.senders:
            self._sent[key[0]] -= shared.size
            self._sent += Counter()  # drop stores with nothing in flight
            self._turns.look()

    def _has_room(self, store: int) -> bool:
        return self._sent[store] < STORE_BYTES

    def _evict_old(self, now: float) -> None:
        """Evict payloads past their TTL, and the oldest idle ones beyond IDLE_BYTES. Their current users keep them."""
        idle = sum(each.size for each in self._shared.values() if not each.senders)
        for key, each in list(self._shared.items()):
            is_idle = each.task.done() and not each.senders and not each.waiting
            if now - each.begun > SHARED_RESULT_TTL or (is_idle and idle > IDLE_BYTES):
                idle -= each.size if is_idle else 0
                self._evict(key, each)

    def _evict(self, key: Key, shared: _SharedPayload) -> None:
        if self._shared.get(key) is shared:
            del self._shared[key]


def _key(request: DeliveryRequest) -> Key | None:
    """Return what identifies equal payloads. None if it is not built from an event: a test, or a stored body."""
    delivery = request.delivery
    if request.event is None:
        return None
    return delivery.store, request.event.id, delivery.query, delivery.scopes, delivery.redactions
