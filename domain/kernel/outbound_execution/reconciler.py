"""The reconciler: asks the outside what came of attempts in flight, by their ids, and settles them.

Any number of processes may run it. ``next_check_at`` of a leased attempt is the end of its lease: where the reconciler
dies, the next one finds the attempt due. A second half that two of them run at once changes things once.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson

from domain.kernel.clock import Clock
from domain.kernel.database import Database, FindStores
from domain.kernel.errors import Unavailable
from domain.kernel.outbound_execution.request import send
from domain.kernel.principal import Principal, Store
from domain.kernel.use_cases.outbound import (
    NEVER_RECEIVED,
    NEVER_RECEIVED_AFTER,
    Call,
    Denied,
    Failed,
    OutboundPort,
    OutboundUseCase,
    Outcome,
    Unknown,
    outbound_of,
    outbound_use_cases,
    settle_attempt,
)

log = logging.getLogger("gateway.outbound")

RECONCILE_INTERVAL = 5.0
"""Seconds between two looks for attempts that are due."""
LEASE_DURATION = timedelta(seconds=60)
"""Longer than a look-up, a call and a transaction take together."""
MAX_CONCURRENT_CHECKS = 10
SETTLED_LIFETIME = timedelta(days=7)
"""How long settled attempts are kept: longer than the idempotency records that refer to them."""
DELETE_BATCH_SIZE = 5_000

_LEASE = """
UPDATE outbound_attempt AS attempt SET next_check_at = $2, checks = attempt.checks + 1
FROM (
    SELECT store_id, id FROM outbound_attempt WHERE next_check_at <= $1 AND use_case = ANY ($4)
    ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED
) AS due
WHERE attempt.store_id = due.store_id AND attempt.id = due.id
RETURNING attempt.store_id, attempt.id, attempt.use_case, attempt.request, attempt.credential, attempt.request_id,
    attempt.created_at
"""
_DELETE_SETTLED = """
DELETE FROM outbound_attempt WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM outbound_attempt WHERE settled_at <= $1 ORDER BY settled_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""


@dataclass(frozen=True, slots=True)
class LeasedAttempt:
    """An attempt that this process checks."""

    store: Store
    id: str
    use_case: str
    request: dict[str, Any]
    credential: str
    request_id: str | None
    created_at: datetime


class OutboundReconciler:
    """Settles what no request is settling any more."""

    def __init__(self, database: Database, find_stores: FindStores, *, clock: Clock | None = None) -> None:
        """``clock``: by which attempts are due; that of the database when left out."""
        self._database = database
        self._find_stores = find_stores
        self._clock = clock or database.clock

    async def run(self, interval: float = RECONCILE_INTERVAL) -> None:
        """Reconcile until cancelled; at once over where no use case calls out."""
        while outbound_use_cases():
            try:
                more = await self.reconcile_due()
            except Unavailable as away:
                log.warning("waiting %.0f s for the database: %s", interval, away)
                more = False
            except Exception:  # whatever it is, the next round is another one
                log.exception("reconciling failed")
                more = False
            if not more:
                await asyncio.sleep(interval)

    async def reconcile_due(self) -> bool:
        """Check the attempts that are due, as many at once as may be; answers whether there may be more.

        Raises Unavailable.
        """
        leased = await self._lease()
        await asyncio.gather(*(self._check(attempt) for attempt in leased))
        return len(leased) == MAX_CONCURRENT_CHECKS

    async def _lease(self) -> list[LeasedAttempt]:
        now = self._clock()
        async with self._database.system_connection() as connection:
            rows = await connection.fetch(_LEASE, now, now + LEASE_DURATION, MAX_CONCURRENT_CHECKS, self._use_cases())
            stores = await self._find_stores(connection, {row["store_id"] for row in rows}) if rows else {}
        return [
            LeasedAttempt(
                store=stores[row["store_id"]],
                request=orjson.loads(row["request"]),
                **{name: row[name] for name in ("id", "use_case", "credential", "request_id", "created_at")},
            )
            for row in rows
        ]

    def _use_cases(self) -> list[str]:
        """The names of those that this process can ask the outside about. While two releases run beside each other, one
        must not keep attempts of the other to itself."""
        return [each.name for each in outbound_use_cases() if self._database.provides(each.request)]

    async def _check(self, attempt: LeasedAttempt) -> None:
        """Find the outcome and apply it. A failure is logged; the attempt is due again when its lease is over."""
        try:
            outcome = await self._outcome(attempt)
            principal = Principal(attempt.store, frozenset(), attempt.credential)
            async with self._database.transaction(principal, attempt.request_id) as work:
                await settle_attempt(work, attempt.id, outcome)
        except Unavailable as away:
            log.warning("the attempt %s waits for the end of its lease: %s", attempt.id, away)
        except Exception:  # one attempt that cannot be settled must not hold up the others
            log.exception("the attempt %s of %s cannot be settled", attempt.id, attempt.use_case)

    async def _outcome(self, attempt: LeasedAttempt) -> Outcome:
        use_case = outbound_of(attempt.use_case)
        port: OutboundPort[Any] = self._database.dependency(use_case.request)
        found = await _look_up(port, use_case, attempt)
        if found is not None:
            return found
        if use_case.is_repeatable:
            sent = await send(port, use_case, Call(attempt.id, use_case.request(**attempt.request)), attempt.store)
            return Unknown() if isinstance(sent, Denied) else sent  # an earlier send may have been accepted
        if self._clock() - attempt.created_at < NEVER_RECEIVED_AFTER:  # it may still be on its way
            return Unknown()
        return Failed(NEVER_RECEIVED, "The request has never reached the other side.")


async def _look_up(
    port: OutboundPort[Any], use_case: OutboundUseCase[Any, Any], attempt: LeasedAttempt
) -> Outcome | None:
    try:
        async with asyncio.timeout(use_case.timeout):
            return await port.look_up(attempt.id, attempt.store)
    except OSError as error:  # TimeoutError is one
        log.warning("%s: the outside returned no outcome for %s: %r", use_case.name, attempt.id, error)
        return Unknown()


async def delete_settled(connection: asyncpg.Connection, now: datetime, most: int = DELETE_BATCH_SIZE) -> bool:
    """Remove the oldest settled attempts past their lifetime, ``most`` at a time; answers whether there may be more.

    ``connection``: of the gateway's own role.
    """
    done: str = await connection.execute(_DELETE_SETTLED, now - SETTLED_LIFETIME, most)
    return done == f"DELETE {most}"
