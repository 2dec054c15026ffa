"""Redaction of deliveries of an erased person: the delivery stays, request and responses are removed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from domain.kernel.use_cases.unit_of_work import UnitOfWork

_REDACT = text("""
UPDATE webhook_delivery SET
    request = NULL,
    redactions = redactions + 1,
    attempts = (
        SELECT coalesce(jsonb_agg(jsonb_set(attempt, '{response}', 'null') ORDER BY number), '[]')
        FROM jsonb_array_elements(attempts) WITH ORDINALITY AS each (attempt, number)
    )
WHERE store_id = :store AND object_id = ANY (:object_ids)
""")


async def redact_deliveries(work: UnitOfWork, object_ids: Sequence[str]) -> None:
    """Remove the bodies sent about these objects, and the responses, which may repeat them.

    Pending deliveries are built again from the redacted event. A worker that is sending the old body may not save it
    (``redactions``).
    """
    await work.session.execute(_REDACT, {"store": work.store.number, "object_ids": list(object_ids)})
