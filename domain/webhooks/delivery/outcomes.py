"""What an attempt means: for its delivery, which is done, tried again or given up; and for its endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from domain.webhooks.delivery.concurrency import LEASE_BATCH_SIZE
from domain.webhooks.delivery.endpoint_health import (
    Endpoint,
    EndpointHealth,
    disable_endpoint,
    lock_endpoints,
    record_health,
)
from domain.webhooks.delivery.leases import LeasedDelivery
from domain.webhooks.delivery.requests import Payload
from domain.webhooks.model import AttemptOutcome, DeliveryStatus, DisableReason
from domain.webhooks.ports import DeliveryResponse
from domain.webhooks.retry_schedule import Chance, next_attempt
from domain.webhooks.rights import TEST_EVENT_TYPE, stored

HTTP_GONE = 410
BATCH_BYTES = 8 * 2**20
"""Of bodies that are written together."""
MAX_LOG_ENTRIES = 12
"""Attempts that are kept of a delivery: two rounds."""

_WRITE = """
UPDATE webhook_delivery AS delivery SET
    status = done.status, due_at = done.due_at, lease = NULL, attempt = done.attempt, updated_at = done.ended,
    delivered_at = CASE WHEN done.status = 'delivered' THEN done.ended ELSE delivered_at END,
    request = CASE WHEN redactions = done.redactions_seen THEN done.body ELSE request END,
    body_scopes = CASE
        WHEN redactions = done.redactions_seen THEN string_to_array(done.needs, ',') ELSE body_scopes END,
    attempts = CASE WHEN redactions = done.redactions_seen THEN done.log::jsonb ELSE done.silent_log::jsonb END
FROM unnest(
    $1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[], $7::timestamptz[], $8::int[],
    $9::text[], $10::text[], $11::text[], $12::text[]
) AS done (store, id_of_it, held, status, due_at, attempt, ended, redactions_seen, body, needs, log, silent_log)
WHERE id = done.id_of_it AND store_id IS NOT DISTINCT FROM done.store AND lease = done.held
RETURNING store_id, id
"""


@dataclass(frozen=True, slots=True, eq=False)
class AttemptResult:
    """One attempt, from when to when (UTC), and what came of it. Compared by identity."""

    claim: LeasedDelivery
    payload: Payload | None
    """None where nothing was sent."""
    hopeless: bool
    """Whether there will never be anything to send."""
    began: datetime
    ended: datetime
    seconds: float
    """It took, by a clock that nobody sets."""
    reply: DeliveryResponse

    @property
    def made(self) -> int:
        """How many attempts of this round were made, this one among them."""
        return self.claim.attempt + 1

    @property
    def endpoint(self) -> Endpoint:
        """Whom it was made to reach."""
        return self.claim.store, self.claim.webhook_id

    @property
    def is_failure(self) -> bool:
        """Whether it says that the endpoint is not well: not where there was nothing to send, nor a test."""
        return not self.reply.succeeded and self.payload is not None and self.claim.type != TEST_EVENT_TYPE

    @property
    def affects_health(self) -> bool:
        """Whether the endpoint's health may follow from it: not while what succeeds goes on doing so."""
        recovers = self.reply.succeeded and self.claim.failing_since is not None
        return recovers or self.is_failure or self.reply.status == HTTP_GONE

    def status(self, again: datetime | None) -> DeliveryStatus:
        """Of the delivery, which is tried again then if at all."""
        if self.reply.succeeded:
            return DeliveryStatus.DELIVERED
        return DeliveryStatus.FAILED if again is None else DeliveryStatus.PENDING

    def retry_at(self, chance: Chance) -> datetime | None:
        """When it is tried again: not after success, nor a test, nor where there is nothing to send or nobody there."""
        given_up = (
            self.reply.succeeded
            or self.hopeless
            or self.reply.status == HTTP_GONE
            or self.claim.type == TEST_EVENT_TYPE
        )
        return None if given_up else next_attempt(self.made, self.ended, self.reply.retry_after, chance)

    def outcome(self, again: datetime | None) -> AttemptOutcome:
        """In a word, where its delivery is still ours."""
        if self.reply.succeeded:
            return AttemptOutcome.DELIVERED
        if self.payload is None:
            return AttemptOutcome.UNSENT
        if self.reply.refused:
            return AttemptOutcome.REFUSED
        return AttemptOutcome.FAILED if again is None else AttemptOutcome.RETRIED

    def log(self) -> list[dict[str, Any]]:
        """All attempts that are kept, this one last."""
        reply = self.reply
        entry = {
            "number": self.made,
            "at": self.began.isoformat(),
            "duration_ms": round((self.ended - self.began).total_seconds() * 1000),
            "status": reply.status,
            "error": reply.error,
            "response": reply.body if reply.status is not None else None,
        }
        return [*self.claim.attempts, entry][-MAX_LOG_ENTRIES:]


@dataclass(frozen=True, slots=True)
class SavedOutcomes:
    """What was written, once the transaction is committed."""

    outcomes: list[AttemptOutcome]
    """Of each attempt."""
    endings: list[DisableReason]
    """Of endpoints that are inactive now."""


def batch_of(attempts: Sequence[AttemptResult]) -> list[AttemptResult]:
    """The first of them, as many as are written together: one at least, and no more bodies than memory is for."""
    size = 0
    for count, attempt in enumerate(attempts[:LEASE_BATCH_SIZE]):
        size += 0 if attempt.payload is None else len(attempt.payload.body)
        if count and size > BATCH_BYTES:
            return list(attempts[:count])
    return list(attempts[:LEASE_BATCH_SIZE])


async def save_outcomes(
    connection: asyncpg.Connection, attempts: Sequence[AttemptResult], chance: Chance
) -> SavedOutcomes:
    """Write down what came of attempts, as far as their leases are still ours.

    ``connection``: of ``gateway_system``, in a transaction.
    """
    healths = await lock_endpoints(connection, [each.endpoint for each in attempts if each.affects_health])
    again = [attempt.retry_at(chance) for attempt in attempts]
    rows = [_row(*each) for each in zip(attempts, again, strict=True)]
    written = await connection.fetch(_WRITE, *map(list, zip(*rows, strict=True)))
    ours = {(row["store_id"], row["id"]) for row in written}
    is_ours = [(attempt.claim.store, attempt.claim.id) in ours for attempt in attempts]
    judged = [attempt for attempt, mine in zip(attempts, is_ours, strict=True) if mine and attempt.affects_health]
    endings = await _judge_endpoints(connection, judged, healths)
    outcomes = [
        attempt.outcome(when) if mine else AttemptOutcome.LATE
        for attempt, when, mine in zip(attempts, again, is_ours, strict=True)
    ]
    return SavedOutcomes(outcomes, endings)


def _row(attempt: AttemptResult, again: datetime | None) -> tuple[Any, ...]:
    """What is written of an attempt that is made again then, if at all."""
    claim, log = attempt.claim, attempt.log()
    return (
        *(claim.store, claim.id, claim.lease),
        *(attempt.status(again), again, attempt.made, attempt.ended, claim.redactions),
        *_written(attempt),
        orjson.dumps(log).decode(),
        orjson.dumps([{**entry, "response": None} for entry in log]).decode(),
    )


def _written(attempt: AttemptResult) -> tuple[str | None, str | None]:
    """The body and its needs; where nothing was sent, those of before."""
    if attempt.payload is None:
        needs = attempt.claim.body_scopes
        return attempt.claim.request, None if needs is None else ",".join(needs)
    return attempt.payload.body.decode(), ",".join(stored(attempt.payload.needs))


async def _judge_endpoints(
    connection: asyncpg.Connection, attempts: Sequence[AttemptResult], before: Mapping[Endpoint, EndpointHealth]
) -> list[DisableReason]:
    """One that answers is well; one that has failed for days running, or says that it is gone, is made inactive."""
    after: dict[Endpoint, EndpointHealth] = dict(before)
    gone: dict[Endpoint, datetime] = {}
    for attempt in attempts:
        if attempt.endpoint in after:
            after[attempt.endpoint] = _after(attempt, after[attempt.endpoint])
            if attempt.reply.status == HTTP_GONE:
                gone.setdefault(attempt.endpoint, attempt.ended)
    endings = []
    for endpoint, health in after.items():
        if health != before[endpoint]:
            await record_health(connection, endpoint, health)
        if endpoint in gone:
            ending, now = DisableReason.GONE, gone[endpoint]
        elif health.should_disable and health.last_failed_at is not None:
            ending, now = DisableReason.FAILING, health.last_failed_at
        else:
            continue
        if await disable_endpoint(connection, endpoint, ending, now):
            endings.append(ending)
    return endings


def _after(attempt: AttemptResult, health: EndpointHealth) -> EndpointHealth:
    if attempt.reply.succeeded:
        return EndpointHealth()
    return health.failed(attempt.began, attempt.ended) if attempt.is_failure else health
