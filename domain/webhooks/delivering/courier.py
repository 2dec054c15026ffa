"""One process's part in the deliveries: it claims what is due, sends it, and writes down what came of it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter

import asyncpg

from domain.kernel.crypto import CannotDecryptError
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.webhooks.delivering.hands import BATCH, Hands
from domain.webhooks.delivering.leases import Claim, claim, release
from domain.webhooks.delivering.outcomes import Attempt, Written, write_outcomes
from domain.webhooks.delivering.parcels import Parcel, Payload, headers_of, parcels_of
from domain.webhooks.ports import CannotShapeError, Observer, Outbound, Reply, Sender
from domain.webhooks.schedule import Chance

POLL = 1.0
"""Seconds after which to look unasked: retries become due, other processes plan."""
PAUSE = 1.0
"""Seconds to wait when the database is away."""
WRITE_TRIES = 10
"""Of what came of an attempt, while the database is away; after that the lease is over soon, and it is sent again."""

log = logging.getLogger(__name__)


class Courier:
    """Any number of processes may run one."""

    def __init__(
        self,
        database: Database,
        outbound: Outbound,
        sender: Sender,
        observer: Observer,
        *,
        poll: float = POLL,
        chance: Chance = random.random,
    ) -> None:
        """``poll``: seconds after which to look unasked; ``chance`` spreads retries."""
        self._database = database
        self._outbound = outbound
        self._sender = sender
        self._observer = observer
        self._poll = poll
        self._chance = chance
        self._hands = Hands()
        self._told = asyncio.Event()
        self._turn = asyncio.Lock()
        self._unwritten: list[Attempt] = []
        self._under_way: dict[asyncio.Task[None], Claim] = {}

    def tell(self) -> None:
        """There may be something to send."""
        self._told.set()

    async def run(self) -> None:
        """Deliver until cancelled; then what is in hand is let go of, for others to take at once."""
        try:
            while True:
                await self._go_on()
        finally:
            await self._let_go()

    async def _go_on(self) -> None:
        try:
            self._told.clear()
            while await self.send_due():
                pass
            async with asyncio.timeout(self._poll):
                await self._told.wait()
        except TimeoutError:
            pass
        except Unavailable:
            await asyncio.sleep(PAUSE)
        except Exception:  # one failure must not end all delivering
            log.exception("delivering webhooks failed")
            await asyncio.sleep(PAUSE)

    async def send_due(self) -> bool:
        """Begin with what is due, as far as hands are free; answers whether there may be more. Raises Unavailable."""
        allowance = self._hands.allowance()
        if allowance.most == 0:
            return False
        async with self._connection() as connection:
            claims = await claim(connection, self._database.clock(), allowance)
        try:
            async with self._connection() as connection:
                parcels = await parcels_of(connection, claims)
        except BaseException:
            await self._release(claims)
            raise
        for parcel in parcels:
            task = asyncio.create_task(self._deliver(parcel))
            self._under_way[task] = parcel.claim
            self._hands.take(parcel.claim)
            task.add_done_callback(self._done)
        self._observer.holds(len(self._hands))
        return len(claims) == allowance.most

    @property
    def in_hand(self) -> int:
        """Deliveries that are being tried."""
        return len(self._hands)

    async def settled(self) -> None:
        """Wait until nothing is in hand."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._hands.give_back(self._under_way.pop(task))
        self._observer.holds(len(self._hands))
        self._told.set()  # a hand is free, and of this endpoint more may be due
        if not task.cancelled() and task.exception() is not None:
            log.error("a delivery failed unforeseen and is tried again", exc_info=task.exception())

    async def _deliver(self, parcel: Parcel) -> None:
        began, started = self._database.clock(), perf_counter()
        payload, reply = await self._send(parcel)
        seconds, hopeless = perf_counter() - started, parcel.problem is not None
        attempt = Attempt(parcel.claim, payload, hopeless, began, self._database.clock(), seconds, reply)
        if payload is not None:
            self._hands.answered(parcel.claim, succeeded=reply.succeeded)
        for _ in range(WRITE_TRIES):
            try:
                await self._write(attempt)
                return
            except Unavailable:
                await asyncio.sleep(PAUSE)
        log.warning("what came of the delivery %s is lost, and it will be sent again", parcel.claim.id)

    async def _write(self, attempt: Attempt) -> None:
        """Write an outcome, with all others that wait at that moment: one transaction for many. Raises Unavailable."""
        if attempt not in self._unwritten:
            self._unwritten.append(attempt)
        while attempt in self._unwritten:
            async with self._turn:
                batch = self._unwritten[:BATCH]
                if attempt not in self._unwritten:
                    return
                async with self._database.system() as connection, connection.transaction():
                    written = await write_outcomes(connection, batch, self._chance)
                del self._unwritten[: len(batch)]
                self._tell_of(batch, written)

    def _tell_of(self, attempts: list[Attempt], written: Written) -> None:
        for attempt, outcome in zip(attempts, written.outcomes, strict=True):
            self._observer.attempted(outcome, attempt.seconds)
        for ending in written.endings:
            self._observer.disabled(ending)

    async def _send(self, parcel: Parcel) -> tuple[Payload | None, Reply]:
        """What was sent, if anything was, and what came of it."""
        if parcel.problem is not None:
            return None, Reply(None, error=parcel.problem)
        try:
            payload = await parcel.payload(self._outbound.shaper)
            headers = headers_of(parcel.claim, payload.body, self._outbound.keyring, self._database.clock())
        except CannotShapeError as failure:
            return None, Reply(None, error=str(failure))
        except CannotDecryptError:
            log.exception("the secret of %s cannot be read", parcel.claim.webhook_id)
            return None, Reply(None, error="The gateway cannot read the endpoint's secret.")
        except Exception:  # a fault of ours must not be tried for ever
            log.exception("the delivery %s cannot be made", parcel.claim.id)
            return None, Reply(None, error="The gateway has failed.")
        return payload, await self._sender.post(parcel.claim.url, headers, payload.body)

    async def _let_go(self) -> None:
        under_way = dict(self._under_way)
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)
            await self._release(list(under_way.values()))

    async def _release(self, claims: list[Claim]) -> None:
        """Leases end by themselves where the database is away."""
        try:
            async with self._connection() as connection:
                await release(connection, self._database.clock(), claims)
        except Unavailable:
            log.warning("%d deliveries wait for the end of their leases", len(claims))

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[asyncpg.Connection]:
        """One at a time: the pool is small, and others need it too."""
        async with self._turn, self._database.system() as connection:
            yield connection
