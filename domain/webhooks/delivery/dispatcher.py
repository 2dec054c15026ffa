"""One process's part in the deliveries: it claims what is due, sends it, and writes down what came of it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import cast

import asyncpg

from domain.kernel.crypto import DecryptionError
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.webhooks.delivery.concurrency import ConcurrencyLimiter
from domain.webhooks.delivery.leases import LEASE_DURATION, LeasedDelivery, lease_due, release_leases, renew_leases
from domain.webhooks.delivery.outcomes import AttemptResult, SavedOutcomes, batch_of, save_outcomes
from domain.webhooks.delivery.payloads import PayloadCache
from domain.webhooks.delivery.requests import DeliveryRequest, Payload, build_requests, headers_of
from domain.webhooks.ports import (
    ATTEMPT_TIMEOUT,
    DeliveryObserver,
    DeliveryResponse,
    HttpSender,
    PayloadQueryError,
    WebhookDependencies,
)
from domain.webhooks.retry_schedule import Chance

DISPATCH_POLL_INTERVAL = 1.0
"""Seconds after which to look unasked: retries become due, other processes plan."""
DISPATCH_RETRY_DELAY = 1.0
"""Seconds to wait when the database is away."""
LEASE_RENEWAL_INTERVAL = LEASE_DURATION.total_seconds() / 3
"""Seconds."""
SHUTDOWN_TIMEOUT = ATTEMPT_TIMEOUT + 2.0
"""Seconds that a worker that is told to stop waits for attempts in flight, and for their outcomes to be written."""
MAX_WRITE_ATTEMPTS = 10
"""Of what came of an attempt, while the database is away; after that the lease is over soon, and it is sent again."""

log = logging.getLogger("gateway.webhooks")


class DeliveryDispatcher:
    """Any number of processes may run one."""

    def __init__(
        self,
        database: Database,
        outbound: WebhookDependencies,
        sender: HttpSender,
        observer: DeliveryObserver,
        *,
        poll: float = DISPATCH_POLL_INTERVAL,
        renewed_every: float = LEASE_RENEWAL_INTERVAL,
        chance: Chance = random.random,
    ) -> None:
        """``poll``: seconds after which to look unasked; ``renewed_every``: seconds between two renewals of the leases
        of what waits for its payload; ``chance`` spreads retries."""
        self._database = database
        self._outbound = outbound
        self._sender = sender
        self._observer = observer
        self._poll = poll
        self._renewed_every = renewed_every
        self._chance = chance
        self._hands = ConcurrencyLimiter()
        self._told = asyncio.Event()
        self._turn = asyncio.Lock()
        self._unwritten: list[AttemptResult] = []
        self._under_way: dict[asyncio.Task[None], LeasedDelivery] = {}
        self._sending: set[asyncio.Task[None]] = set()
        """Those of them whose payload is made."""
        self._payloads = PayloadCache(outbound.shaper)

    def wake(self) -> None:
        """There may be something to send."""
        self._told.set()

    async def run(self) -> None:
        """Deliver until cancelled; then wait for the attempts in flight, and release what is not sent yet at once."""
        keeping = asyncio.create_task(self._keep_leases())
        try:
            while True:
                await self._go_on()
        finally:
            try:
                await self._stop()
            finally:
                keeping.cancel()

    async def _go_on(self) -> None:
        try:
            self._told.clear()
            while await self.dispatch_due():
                pass
            async with asyncio.timeout(self._poll):
                await self._told.wait()
        except TimeoutError:
            pass
        except Unavailable:
            await asyncio.sleep(DISPATCH_RETRY_DELAY)
        except Exception:  # one failure must not end all delivering
            log.exception("delivering webhooks failed")
            await asyncio.sleep(DISPATCH_RETRY_DELAY)

    async def dispatch_due(self) -> bool:
        """Begin with what is due, as far as hands are free; answers whether there may be more. Raises Unavailable."""
        allowance = self._hands.budget()
        if allowance.most == 0:
            return False
        async with self._connection() as connection:
            claims = await lease_due(connection, self._database.clock(), allowance)
        try:
            async with self._connection() as connection:
                parcels = await build_requests(connection, claims)
        except BaseException:
            await self._release(claims)
            raise
        for parcel in parcels:
            task = asyncio.create_task(self._deliver(parcel))
            self._under_way[task] = parcel.claim
            self._hands.acquire(parcel.claim)
            task.add_done_callback(self._done)
        self._observer.in_flight_changed(len(self._hands))
        return len(claims) == allowance.most

    @property
    def in_flight(self) -> int:
        """Deliveries that are being tried."""
        return len(self._hands)

    async def wait_idle(self) -> None:
        """Wait until nothing is in hand."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._hands.release(self._under_way.pop(task))
        self._sending.discard(task)
        self._observer.in_flight_changed(len(self._hands))
        self._told.set()  # a hand is free, and of this endpoint more may be due
        if not task.cancelled() and task.exception() is not None:
            log.error("a delivery failed unforeseen and is tried again", exc_info=task.exception())

    async def _deliver(self, parcel: DeliveryRequest) -> None:
        began, started = self._database.clock(), perf_counter()
        payload, reply = await self._send(parcel)
        seconds, hopeless = perf_counter() - started, parcel.unsendable_reason is not None
        attempt = AttemptResult(parcel.claim, payload, hopeless, began, self._database.clock(), seconds, reply)
        if payload is not None:
            self._hands.record_result(parcel.claim, succeeded=reply.succeeded)
        for _ in range(MAX_WRITE_ATTEMPTS):
            try:
                await self._write(attempt)
                return
            except Unavailable:
                await asyncio.sleep(DISPATCH_RETRY_DELAY)
        log.warning("what came of the delivery %s is lost, and it will be sent again", parcel.claim.id)

    async def _write(self, attempt: AttemptResult) -> None:
        """Write an outcome, with all others that wait at that moment: one transaction for many. Raises Unavailable."""
        if attempt not in self._unwritten:
            self._unwritten.append(attempt)
        while attempt in self._unwritten:
            async with self._turn:
                if attempt not in self._unwritten:
                    return
                batch = batch_of(self._unwritten)
                try:
                    await self._write_together(batch)
                except Unavailable:
                    raise
                except Exception:  # one that cannot be written must not hold up the others
                    log.exception("%d outcomes cannot be written together", len(batch))
                    await self._write_alone(batch)

    async def _write_together(self, batch: list[AttemptResult]) -> None:
        async with self._database.system_connection() as connection, connection.transaction():
            written = await save_outcomes(connection, batch, self._chance)
        self._unwritten = [each for each in self._unwritten if each not in batch]
        self._tell_of(batch, written)

    async def _write_alone(self, batch: list[AttemptResult]) -> None:
        """Write each by itself. One that even so cannot be written is dropped: it is sent again when its lease ends."""
        for attempt in batch:
            try:
                await self._write_together([attempt])
            except Unavailable:
                raise
            except Exception:
                log.exception("the outcome of the delivery %s cannot be written and is dropped", attempt.claim.id)
                self._unwritten.remove(attempt)

    def _tell_of(self, attempts: list[AttemptResult], written: SavedOutcomes) -> None:
        for attempt, outcome in zip(attempts, written.outcomes, strict=True):
            self._observer.attempted(outcome, attempt.seconds)
        for ending in written.endings:
            self._observer.disabled(ending)

    async def _send(self, parcel: DeliveryRequest) -> tuple[Payload | None, DeliveryResponse]:
        """What was sent, if anything was, and what came of it."""
        if parcel.unsendable_reason is not None:
            return None, DeliveryResponse(None, error=parcel.unsendable_reason)
        try:
            async with self._payloads.of(parcel) as payload:
                headers = headers_of(parcel.claim, payload.body, self._outbound.keyring, self._database.clock())
                self._sending.add(cast("asyncio.Task[None]", asyncio.current_task()))
                return payload, await self._sender.post(parcel.claim.url, headers, payload.body)
        except PayloadQueryError as failure:
            return None, DeliveryResponse(None, error=str(failure))
        except DecryptionError:
            log.exception("the secret of %s cannot be read", parcel.claim.webhook_id)
            return None, DeliveryResponse(None, error="The gateway cannot read the endpoint's secret.")
        except Exception:  # a fault of ours must not be tried for ever
            log.exception("the delivery %s cannot be made", parcel.claim.id)
            return None, DeliveryResponse(None, error="The gateway has failed.")

    async def _keep_leases(self) -> None:
        """Renew the leases of what waits for its payload: it may take its time, and nobody else would be faster."""
        while True:
            await asyncio.sleep(self._renewed_every)
            waiting = [claim for task, claim in self._under_way.items() if task not in self._sending]
            try:
                if waiting:
                    async with self._connection() as connection:
                        await renew_leases(connection, self._database.clock(), waiting)
            except Unavailable as away:
                log.warning("%d leases are not renewed: %s", len(waiting), away)
            except Exception:  # one failure must not end all renewing
                log.exception("renewing leases failed")

    async def _stop(self) -> None:
        """What is in flight is waited for, as long as an attempt may take: cut off, it would be sent again."""
        await self._let_go([task for task in self._under_way if task not in self._sending])
        try:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=SHUTDOWN_TIMEOUT)
        finally:
            await self._let_go(list(self._under_way))

    async def _let_go(self, tasks: list[asyncio.Task[None]]) -> None:
        claims = [self._under_way[task] for task in tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            await self._release(claims)

    async def _release(self, claims: list[LeasedDelivery]) -> None:
        """Leases end by themselves where the database is away."""
        try:
            async with self._connection() as connection:
                await release_leases(connection, self._database.clock(), claims)
        except Unavailable:
            log.warning("%d deliveries wait for the end of their leases", len(claims))

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[asyncpg.Connection]:
        """One at a time: the pool is small, and others need it too."""
        async with self._turn, self._database.system_connection() as connection:
            yield connection
