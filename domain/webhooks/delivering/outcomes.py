"""What an attempt means: for its delivery, which is done, tried again or given up; and for its endpoint."""

from __future__ import annotations

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
UPDATE webhook_delivery SET
    status = $4, due_at = $5, lease = NULL, attempt = $6, delivered_at = coalesce($7, delivered_at), updated_at = $8,
    request = CASE WHEN redactions = $9 THEN $10 ELSE request END,
    attempts = CASE WHEN redactions = $9 THEN $11::jsonb ELSE $12::jsonb END
WHERE store_id = $1 AND id = $2 AND lease = $3
"""
_RECOVERED = "UPDATE webhook SET failing_since = NULL WHERE store_id = $1 AND id = $2 AND failing_since IS NOT NULL"
_FAILED = "UPDATE webhook SET failing_since = $3 WHERE store_id = $1 AND id = $2 AND failing_since IS NULL"
_DISABLE = """
UPDATE webhook SET active = false, disabled_reason = $3, version = version + 1, updated_at = $4
WHERE store_id = $1 AND id = $2 AND active
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, from when to when (UTC), and what came of it."""

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


async def write_outcome(connection: asyncpg.Connection, attempt: Attempt, chance: Chance) -> bool:
    """Write down what came of an attempt; answers whether the lease was still ours, else nothing is written.

    ``connection``: of ``gateway_system``, in a transaction.
    """
    claim, again = attempt.claim, attempt.again(chance)
    status, log = attempt.status(again), attempt.log()
    done = await connection.execute(
        _WRITE,
        *(claim.store, claim.id, claim.lease, status, again, attempt.made),
        attempt.ended if status == DeliveryStatus.DELIVERED else None,
        attempt.ended,
        claim.redactions,
        None if attempt.body is None else attempt.body.decode(),
        orjson.dumps(log).decode(),
        orjson.dumps([{**entry, "response": None} for entry in log]).decode(),
    )
    if done == "UPDATE 0":
        return False
    await _judge_endpoint(connection, attempt)
    return True


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
