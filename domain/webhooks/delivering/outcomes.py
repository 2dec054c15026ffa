"""What an attempt means: for its delivery, which is done, tried again or given up; and for its endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from domain.webhooks.delivering.leases import Claim
from domain.webhooks.model import DeliveryStatus
from domain.webhooks.ports import Reply
from domain.webhooks.schedule import GIVEN_UP_AFTER, Chance, next_attempt
from domain.webhooks.types import TEST

GONE = 410
KEPT = 12
"""Attempts that are kept of a delivery: two rounds."""
GONE_REASON = "The address answered 410 Gone."
FAILING_REASON = "Every delivery has failed for 5 days."

_WRITE = """
UPDATE webhook_delivery AS delivery SET
    status = done.status, due_at = done.due_at, lease = NULL, attempt = done.attempt, updated_at = done.ended,
    delivered_at = CASE WHEN done.status = 'delivered' THEN done.ended ELSE delivered_at END,
    request = CASE WHEN redactions = done.redactions_seen THEN done.body ELSE request END,
    attempts = CASE WHEN redactions = done.redactions_seen THEN done.log::jsonb ELSE done.silent_log::jsonb END
FROM unnest(
    $1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[], $7::timestamptz[], $8::int[],
    $9::text[], $10::text[], $11::text[]
) AS done (store, id_of_it, held, status, due_at, attempt, ended, redactions_seen, body, log, silent_log)
WHERE id = done.id_of_it AND store_id IS NOT DISTINCT FROM done.store AND lease = done.held
RETURNING store_id, id
"""
_RECOVERED = "UPDATE webhook SET failing_since = NULL WHERE store_id = $1 AND id = $2 AND failing_since IS NOT NULL"
_FAILED = "UPDATE webhook SET failing_since = $3 WHERE store_id = $1 AND id = $2 AND failing_since IS NULL"
_DISABLE = """
UPDATE webhook SET active = false, disabled_reason = $3, version = version + 1, updated_at = $4
WHERE store_id = $1 AND id = $2 AND active
"""


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One attempt, from when to when (UTC), and what came of it. Compared by identity."""

    claim: Claim
    body: bytes | None
    """None where nothing was sent."""
    hopeless: bool
    """Whether there will never be anything to send."""
    began: datetime
    ended: datetime
    reply: Reply

    @property
    def made(self) -> int:
        """How many attempts of this round were made, this one among them."""
        return self.claim.attempt + 1

    def status(self, again: datetime | None) -> DeliveryStatus:
        """Of the delivery, which is tried again then if at all."""
        if self.reply.succeeded:
            return DeliveryStatus.DELIVERED
        return DeliveryStatus.FAILED if again is None else DeliveryStatus.PENDING

    def again(self, chance: Chance) -> datetime | None:
        """When it is tried again: not after success, nor a test, nor where there is nothing to send or nobody there."""
        given_up = self.reply.succeeded or self.hopeless or self.reply.status == GONE or self.claim.type == TEST
        return None if given_up else next_attempt(self.made, self.ended, self.reply.retry_after, chance)

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
        return [*self.claim.attempts, entry][-KEPT:]


async def write_outcomes(connection: asyncpg.Connection, attempts: Sequence[Attempt], chance: Chance) -> None:
    """Write down what came of attempts, as far as their leases are still ours.

    ``connection``: of ``gateway_system``, in a transaction.
    """
    rows = [_row(attempt, attempt.again(chance)) for attempt in attempts]
    written = await connection.fetch(_WRITE, *map(list, zip(*rows, strict=True)))
    ours = {(row["store_id"], row["id"]) for row in written}
    for attempt in attempts:
        if (attempt.claim.store, attempt.claim.id) in ours:
            await _judge_endpoint(connection, attempt)


def _row(attempt: Attempt, again: datetime | None) -> tuple[Any, ...]:
    """What is written of an attempt that is made again then, if at all."""
    claim, log = attempt.claim, attempt.log()
    return (
        *(claim.store, claim.id, claim.lease),
        *(attempt.status(again), again, attempt.made, attempt.ended, claim.redactions),
        None if attempt.body is None else attempt.body.decode(),
        orjson.dumps(log).decode(),
        orjson.dumps([{**entry, "response": None} for entry in log]).decode(),
    )


async def _judge_endpoint(connection: asyncpg.Connection, attempt: Attempt) -> None:
    """One that answers is well; one that has failed for days, or says that it is gone, is made inactive."""
    claim, reply = attempt.claim, attempt.reply
    where = (claim.store, claim.webhook_id)
    if reply.succeeded:
        if claim.failing_since is not None:
            await connection.execute(_RECOVERED, *where)
    elif reply.status == GONE:
        await connection.execute(_DISABLE, *where, GONE_REASON, attempt.ended)
    elif attempt.body is None or claim.type == TEST:
        return
    elif claim.failing_since is None:
        await connection.execute(_FAILED, *where, attempt.began)
    elif claim.failing_since <= attempt.ended - GIVEN_UP_AFTER:
        await connection.execute(_DISABLE, *where, FAILING_REASON, attempt.ended)
