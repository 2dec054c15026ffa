"""Payloads while they are made and sent: one for all endpoints of a store that ask the same of an event."""

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
"""Seconds after which a payload is made again: a query's relations are read live."""
IDLE_BYTES = 16 * 2**20
"""Of payloads that are kept though nobody sends them at the moment."""
STORE_BYTES = 32 * 2**20
"""Of one store's payloads that are being sent; beyond that none is made for it."""
Key = tuple[int, str, str | None, frozenset[str], int]


@dataclass(slots=True, eq=False)
class _Shared:
    """A payload, and those who wait for it or send it."""

    task: asyncio.Task[Payload]
    begun: float
    waiting: int = 0
    senders: int = 0
    size: int = 0
    """Bytes, once it is made."""


class PayloadCache:
    """Those of one process."""

    def __init__(self, shaper: PayloadQueryRunner, clock: Callable[[], float] = perf_counter) -> None:
        """``clock``: seconds, from whenever on."""
        self._shaper = shaper
        self._clock = clock
        self._turns = FairTurns(self._has_room, clock)
        self._shared: dict[Key, _Shared] = {}
        self._sent = Counter[int]()
        """Bytes that are being sent, by store; a payload counts once, however many send it."""

    @asynccontextmanager
    async def of(self, parcel: DeliveryRequest) -> AsyncGenerator[Payload]:
        """The payload of a parcel, for as long as it is sent. Raises CannotShapeError."""
        key = _key(parcel)
        if key is None:
            yield await parcel.payload(self._shaper)
            return
        shared = self._found(key, parcel)
        payload = await self._wait(key, shared)
        self._begin(key, shared)
        try:
            yield payload
        finally:
            self._end(key, shared)

    def _found(self, key: Key, parcel: DeliveryRequest) -> _Shared:
        now = self._clock()
        self._forget_old(now)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(asyncio.create_task(self._make(parcel)), now)
            shared.task.add_done_callback(lambda _: self._made(key, shared))
        return shared

    def _made(self, key: Key, shared: _Shared) -> None:
        """What could not be made is not kept; who waited for it is told."""
        if shared.task.cancelled() or shared.task.exception() is not None:
            self._forget(key, shared)
        else:
            shared.size = len(shared.task.result().body)

    async def _make(self, parcel: DeliveryRequest) -> Payload:
        async with self._turns.turn(parcel.claim.store):
            began = self._clock()
            try:
                return await parcel.payload(self._shaper)
            finally:
                self._turns.took(self._clock() - began)

    async def _wait(self, key: Key, shared: _Shared) -> Payload:
        """The payload; whoever leaves lets the others wait on, and with the last one its making ends."""
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():
                self._forget(key, shared)
                shared.task.cancel()

    def _begin(self, key: Key, shared: _Shared) -> None:
        if not shared.senders:
            self._sent[key[0]] += shared.size
        shared.senders += 1

    def _end(self, key: Key, shared: _Shared) -> None:
        shared.senders -= 1
        if not shared.senders:
            self._sent[key[0]] -= shared.size
            self._sent += Counter()  # stores with nothing are forgotten
            self._turns.look()

    def _has_room(self, store: int) -> bool:
        return self._sent[store] < STORE_BYTES

    def _forget_old(self, now: float) -> None:
        """What is no longer fresh is for those who have it; of what nobody sends the oldest go first."""
        idle = sum(each.size for each in self._shared.values() if not each.senders)
        for key, each in list(self._shared.items()):
            is_idle = each.task.done() and not each.senders and not each.waiting
            if now - each.begun > SHARED_RESULT_TTL or (is_idle and idle > IDLE_BYTES):
                idle -= each.size if is_idle else 0
                self._forget(key, each)

    def _forget(self, key: Key, shared: _Shared) -> None:
        if self._shared.get(key) is shared:
            del self._shared[key]


def _key(parcel: DeliveryRequest) -> Key | None:
    """What makes two payloads the same; None of what is not made of an event: a test, or the body of before."""
    claim = parcel.claim
    if parcel.event is None:
        return None
    return claim.store, parcel.event.id, claim.query, claim.scopes, claim.redactions
