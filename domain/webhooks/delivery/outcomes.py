"""The outcome of an attempt: for its delivery, which is delivered, retried or failed, and for its endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from domain.webhooks.body_scopes import TEST_EVENT_TYPE, format_needs
from domain.webhooks.delivery.concurrency import LEASE_BATCH_SIZE
from domain.webhooks.delivery.endpoint_health import (
    EndpointHealth,
    EndpointKey,
    disable_endpoint,
    lock_endpoints,
    record_health,
)
from domain.webhooks.delivery.leases import LeasedDelivery
from domain.webhooks.delivery.requests import Payload
from domain.webhooks.model import AttemptOutcome, DisableReason, WebhookDeliveryStatus
from domain.webhooks.ports import DeliveryResponse
from domain.webhooks.retry_schedule import Chance, next_attempt

HTTP_GONE = 410
BATCH_BYTES = 8 * 2**20
"""Bytes of bodies that are saved in one transaction."""
MAX_LOG_ENTRIES = 12
"""Attempts stored per delivery: two rounds of six."""

_SAVE = """
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
    """One attempt, its start and end (UTC), and its response. Compared by identity."""

    delivery: LeasedDelivery
    payload: Payload | None
    """None if nothing was sent."""
    is_permanent: bool
    """Whether the delivery can never be sent."""
    began: datetime
    ended: datetime
    seconds: float
    """The duration, by a monotonic clock."""
    response: DeliveryResponse

    @property
    def attempt_count(self) -> int:
        """The number of attempts in this round, including this one."""
        return self.delivery.attempt + 1

    @property
    def endpoint(self) -> EndpointKey:
        """The endpoint of the delivery."""
        return self.delivery.store, self.delivery.webhook_id

    @property
    def is_failure(self) -> bool:
        """Whether it is a failure of the endpoint: not if there was nothing to send, nor for a test."""
        return not self.response.succeeded and self.payload is not None and self.delivery.type != TEST_EVENT_TYPE

    @property
    def affects_health(self) -> bool:
        """Whether it may change the health of the endpoint. A success of a healthy endpoint does not."""
        recovers = self.response.succeeded and self.delivery.failing_since is not None
        return recovers or self.is_failure or self.response.status == HTTP_GONE

    def status(self, again: datetime | None) -> WebhookDeliveryStatus:
        """Return the status of the delivery. ``again``: when it is retried, if it is."""
        if self.response.succeeded:
            return WebhookDeliveryStatus.DELIVERED
        return WebhookDeliveryStatus.FAILED if again is None else WebhookDeliveryStatus.PENDING

    def retry_at(self, chance: Chance) -> datetime | None:
        """Return when the delivery is retried. None after success, 410 or a permanent failure, and for a test."""
        is_final = (
            self.response.succeeded
            or self.is_permanent
            or self.response.status == HTTP_GONE
            or self.delivery.type == TEST_EVENT_TYPE
        )
        return None if is_final else next_attempt(self.attempt_count, self.ended, self.response.retry_after, chance)

    def outcome(self, again: datetime | None) -> AttemptOutcome:
        """Return the outcome, if the lease is still held."""
        if self.response.succeeded:
            return AttemptOutcome.DELIVERED
        if self.payload is None:
            return AttemptOutcome.SKIPPED
        if self.response.refused:
            return AttemptOutcome.REFUSED
        return AttemptOutcome.FAILED if again is None else AttemptOutcome.RETRIED

    def log(self) -> list[dict[str, Any]]:
        """Return the stored attempts with this one added as the last."""
        response = self.response
        entry = {
            "number": self.attempt_count,
            "at": self.began.isoformat(),
            "duration_ms": round((self.ended - self.began).total_seconds() * 1000),
            "status": response.status,
            "error": response.error,
            "response": response.body if response.status is not None else None,
        }
        return [*self.delivery.attempts, entry][-MAX_LOG_ENTRIES:]


@dataclass(frozen=True, slots=True)
class SavedOutcomes:
    """The result of ``save_outcomes``, valid once the transaction is committed."""

    outcomes: list[AttemptOutcome]
    """The outcome of each attempt."""
    disable_reasons: list[DisableReason]
    """The reasons of the endpoints that were deactivated."""


def batch_of(attempts: Sequence[AttemptResult]) -> list[AttemptResult]:
    """Take the first attempts, as many as are saved in one transaction: at least one, and BATCH_BYTES of bodies."""
    size = 0
    for count, attempt in enumerate(attempts[:LEASE_BATCH_SIZE]):
        size += 0 if attempt.payload is None else len(attempt.payload.body)
        if count and size > BATCH_BYTES:
            return list(attempts[:count])
    return list(attempts[:LEASE_BATCH_SIZE])


async def save_outcomes(
    connection: asyncpg.Connection, attempts: Sequence[AttemptResult], chance: Chance
) -> SavedOutcomes:
    """Save the outcomes of attempts whose leases are still held.

    ``connection``: of ``gateway_system``, in a transaction.
    """
    healths = await lock_endpoints(connection, [each.endpoint for each in attempts if each.affects_health])
    again = [attempt.retry_at(chance) for attempt in attempts]
    rows = [_row(*each) for each in zip(attempts, again, strict=True)]
    saved = await connection.fetch(_SAVE, *map(list, zip(*rows, strict=True)))
    ours = {(row["store_id"], row["id"]) for row in saved}
    is_held = [(attempt.delivery.store, attempt.delivery.id) in ours for attempt in attempts]
    affecting = [attempt for attempt, mine in zip(attempts, is_held, strict=True) if mine and attempt.affects_health]
    disable_reasons = await _update_endpoints(connection, affecting, healths)
    outcomes = [
        attempt.outcome(when) if mine else AttemptOutcome.LEASE_LOST
        for attempt, when, mine in zip(attempts, again, is_held, strict=True)
    ]
    return SavedOutcomes(outcomes, disable_reasons)


def _row(attempt: AttemptResult, again: datetime | None) -> tuple[Any, ...]:
    """Build the parameters of an attempt. ``again``: when it is retried, if it is."""
    delivery, log = attempt.delivery, attempt.log()
    return (
        *(delivery.store, delivery.id, delivery.lease),
        *(attempt.status(again), again, attempt.attempt_count, attempt.ended, delivery.redactions),
        *_body_and_needs(attempt),
        orjson.dumps(log).decode(),
        orjson.dumps([{**entry, "response": None} for entry in log]).decode(),
    )


def _body_and_needs(attempt: AttemptResult) -> tuple[str | None, str | None]:
    """Return the body and its needs; if nothing was sent, those stored before."""
    if attempt.payload is None:
        needs = attempt.delivery.body_scopes
        return attempt.delivery.request, None if needs is None else ",".join(needs)
    return attempt.payload.body.decode(), ",".join(format_needs(attempt.payload.needs))


async def _update_endpoints(
    connection: asyncpg.Connection, attempts: Sequence[AttemptResult], before: Mapping[EndpointKey, EndpointHealth]
) -> list[DisableReason]:
    """Save the health of the endpoints, and deactivate those that are gone or have failed for five days."""
    after: dict[EndpointKey, EndpointHealth] = dict(before)
    gone: dict[EndpointKey, datetime] = {}
    for attempt in attempts:
        if attempt.endpoint in after:
            after[attempt.endpoint] = _after(attempt, after[attempt.endpoint])
            if attempt.response.status == HTTP_GONE:
                gone.setdefault(attempt.endpoint, attempt.ended)
    disable_reasons = []
    for endpoint, health in after.items():
        if health != before[endpoint]:
            await record_health(connection, endpoint, health)
        if endpoint in gone:
            reason, now = DisableReason.GONE, gone[endpoint]
        elif health.should_disable and health.last_failed_at is not None:
            reason, now = DisableReason.FAILING, health.last_failed_at
        else:
            continue
        if await disable_endpoint(connection, endpoint, reason, now):
            disable_reasons.append(reason)
    return disable_reasons


def _after(attempt: AttemptResult, health: EndpointHealth) -> EndpointHealth:
    if attempt.response.succeeded:
        return EndpointHealth()
    return health.failed(attempt.began, attempt.ended) if attempt.is_failure else health
