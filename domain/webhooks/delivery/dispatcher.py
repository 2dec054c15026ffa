"""The dispatcher of one process: leases due deliveries, sends them and saves the outcomes."""

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
from domain.kernel.poll_loop import PollLoop
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
"""Seconds between two polls without a wakeup: retries become due, other processes create deliveries."""
DISPATCH_RETRY_DELAY = 1.0
"""Seconds to wait while the database is unavailable."""
LEASE_RENEWAL_INTERVAL = LEASE_DURATION.total_seconds() / 3
"""Seconds."""
SHUTDOWN_TIMEOUT = ATTEMPT_TIMEOUT + 2.0
"""Seconds that a stopping worker waits for attempts in flight and for their outcomes to be saved."""
MAX_SAVE_ATTEMPTS = 10
"""Tries to save an outcome while the database is unavailable. After them the lease expires soon, and the delivery is
sent again."""

log = logging.getLogger("gateway.webhooks")


class DeliveryDispatcher:
    """Leases, sends and saves deliveries. Any number of processes may run one."""

    def __init__(
        self,
        database: Database,
        dependencies: WebhookDependencies,
        sender: HttpSender,
        observer: DeliveryObserver,
        *,
        poll: float = DISPATCH_POLL_INTERVAL,
        renewal_interval: float = LEASE_RENEWAL_INTERVAL,
        chance: Chance = random.random,
    ) -> None:
        """``poll``: seconds between two polls without a wakeup; ``renewal_interval``: seconds between two renewals of
        leases whose payload is not built yet; ``chance``: spreads retries."""
        self._database = database
        self._dependencies = dependencies
        self._sender = sender
        self._observer = observer
        self._renewal_interval = renewal_interval
        self._chance = chance
        self._limiter = ConcurrencyLimiter()
        self._loop = PollLoop(
            self._dispatch_all,
            interval=lambda: poll,
            retry_delay=DISPATCH_RETRY_DELAY,
            log=log,
            failure="delivering webhooks failed",
        )
        self._connection_lock = asyncio.Lock()
        self._unsaved: list[AttemptResult] = []
        self._running: dict[asyncio.Task[None], LeasedDelivery] = {}
        self._sending: set[asyncio.Task[None]] = set()
        """The running tasks whose payload is built."""
        self._payloads = PayloadCache(dependencies.query_runner)

    def wake(self) -> None:
        """Look for due deliveries now."""
        self._loop.wake()

    async def run(self) -> None:
        """Deliver until cancelled; then release what is not sent yet, and wait for the attempts in flight."""
        renewing = asyncio.create_task(self._renew_leases())
        try:
            await self._loop.run()
        finally:
            try:
                await self._stop()
            finally:
                renewing.cancel()

    async def _dispatch_all(self) -> None:
        while await self.dispatch_due():
            pass

    async def dispatch_due(self) -> bool:
        """Start due deliveries as far as slots are free. Returns whether there may be more. Raises Unavailable."""
        budget = self._limiter.budget()
        if budget.max_count == 0:
            return False
        async with self._connection() as connection:
            deliveries = await lease_due(connection, self._database.clock(), budget)
        try:
            async with self._connection() as connection:
                requests = await build_requests(connection, deliveries)
        except BaseException:
            await self._release(deliveries)
            raise
        for request in requests:
            task = asyncio.create_task(self._deliver(request))
            self._running[task] = request.delivery
            self._limiter.acquire(request.delivery)
            task.add_done_callback(self._finished)
        self._observer.in_flight_changed(len(self._limiter))
        return len(deliveries) == budget.max_count

    @property
    def in_flight(self) -> int:
        """The number of deliveries in flight."""
        return len(self._limiter)

    async def wait_idle(self) -> None:
        """Wait until no delivery is in flight."""
        while self._running:
            await asyncio.wait(self._running)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._limiter.release(self._running.pop(task))
        self._sending.discard(task)
        self._observer.in_flight_changed(len(self._limiter))
        self._loop.wake()  # a slot is free, and more may be due to this endpoint
        if not task.cancelled() and task.exception() is not None:
            log.error("unexpected error in a delivery; it will be retried", exc_info=task.exception())

    async def _deliver(self, request: DeliveryRequest) -> None:
        began, started = self._database.clock(), perf_counter()
        payload, response = await self._send(request)
        seconds, is_permanent = perf_counter() - started, request.unsendable_reason is not None
        attempt = AttemptResult(
            request.delivery, payload, is_permanent, began, self._database.clock(), seconds, response
        )
        if payload is not None:
            self._limiter.record_result(request.delivery, succeeded=response.succeeded)
        for _ in range(MAX_SAVE_ATTEMPTS):
            try:
                await self._save(attempt)
                return
            except Unavailable:
                await asyncio.sleep(DISPATCH_RETRY_DELAY)
        log.warning("saving the outcome of delivery %s failed; it will be sent again", request.delivery.id)

    async def _save(self, attempt: AttemptResult) -> None:
        """Save an outcome together with all others that wait, in one transaction. Raises Unavailable."""
        if attempt not in self._unsaved:
            self._unsaved.append(attempt)
        while attempt in self._unsaved:
            async with self._connection_lock:
                if attempt not in self._unsaved:
                    return
                batch = batch_of(self._unsaved)
                try:
                    await self._save_batch(batch)
                except Unavailable:
                    raise
                except Exception:  # one that cannot be saved must not block the others
                    log.exception("saving %d outcomes in one transaction failed; saving each separately", len(batch))
                    await self._save_separately(batch)

    async def _save_batch(self, batch: list[AttemptResult]) -> None:
        async with self._database.system_connection() as connection, connection.transaction():
            saved = await save_outcomes(connection, batch, self._chance)
        self._unsaved = [each for each in self._unsaved if each not in batch]
        self._report(batch, saved)

    async def _save_separately(self, batch: list[AttemptResult]) -> None:
        """Save each outcome separately. One that fails is dropped: it is sent again when its lease expires."""
        for attempt in batch:
            try:
                await self._save_batch([attempt])
            except Unavailable:
                raise
            except Exception:
                log.exception(
                    "saving the outcome of delivery %s failed; it is dropped and will be sent again",
                    attempt.delivery.id,
                )
                self._unsaved.remove(attempt)

    def _report(self, attempts: list[AttemptResult], saved: SavedOutcomes) -> None:
        for attempt, outcome in zip(attempts, saved.outcomes, strict=True):
            self._observer.attempted(outcome, attempt.seconds)
        for reason in saved.disable_reasons:
            self._observer.disabled(reason)

    async def _send(self, request: DeliveryRequest) -> tuple[Payload | None, DeliveryResponse]:
        """Send a request. Returns the payload, None if nothing was sent, and the response."""
        if request.unsendable_reason is not None:
            return None, DeliveryResponse(None, error=request.unsendable_reason)
        try:
            async with self._payloads.of(request) as payload:
                headers = headers_of(request.delivery, payload.body, self._dependencies.keyring, self._database.clock())
                self._sending.add(cast("asyncio.Task[None]", asyncio.current_task()))
                return payload, await self._sender.post(request.delivery.url, headers, payload.body)
        except PayloadQueryError as failure:
            return None, DeliveryResponse(None, error=str(failure))
        except DecryptionError:
            log.exception("decrypting the secret of webhook %s failed", request.delivery.webhook_id)
            return None, DeliveryResponse(
                None,
                error="The gateway cannot decrypt the secret of the webhook. Roll it with an overlap of 0 seconds.",
            )
        except Exception:  # an internal error must not be retried for ever
            log.exception("building delivery %s failed", request.delivery.id)
            return None, DeliveryResponse(None, error="Internal error of the gateway.")

    async def _renew_leases(self) -> None:
        """Renew the leases of deliveries whose payload is not built yet: another worker would not be faster."""
        while True:
            await asyncio.sleep(self._renewal_interval)
            waiting = [delivery for task, delivery in self._running.items() if task not in self._sending]
            try:
                if waiting:
                    async with self._connection() as connection:
                        await renew_leases(connection, self._database.clock(), waiting)
            except Unavailable as error:
                log.warning("renewing %d leases failed: %s", len(waiting), error)
            except Exception:  # one failure must not end the renewals
                log.exception("renewing leases failed")

    async def _stop(self) -> None:
        """Wait for attempts in flight, as long as an attempt may take: cancelled ones would be sent again."""
        await self._cancel([task for task in self._running if task not in self._sending])
        try:
            if self._running:
                await asyncio.wait(self._running, timeout=SHUTDOWN_TIMEOUT)
        finally:
            await self._cancel(list(self._running))

    async def _cancel(self, tasks: list[asyncio.Task[None]]) -> None:
        deliveries = [self._running[task] for task in tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            await self._release(deliveries)

    async def _release(self, deliveries: list[LeasedDelivery]) -> None:
        """Release leases. If the database is unavailable, they expire by themselves."""
        try:
            async with self._connection() as connection:
                await release_leases(connection, self._database.clock(), deliveries)
        except Unavailable:
            log.warning("%d leases could not be released and will expire", len(deliveries))

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[asyncpg.Connection]:
        """Borrow a connection, one at a time: the pool is small and shared."""
        async with self._connection_lock, self._database.system_connection() as connection:
            yield connection
