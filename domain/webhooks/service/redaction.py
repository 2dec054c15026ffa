"""What deliveries keep of a person who asked to be forgotten: that there was one, and nothing that was in it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from domain.kernel.use_cases.unit_of_work import UnitOfWork

_REDACT = text("""
UPDATE webhook_delivery SET
    request = NULL,
    redactions = redactions + 1,
    attempts = (
        SELECT coalesce(jsonb_agg(jsonb_set(made, '{response}', 'null') ORDER BY place), '[]')
        FROM jsonb_array_elements(attempts) WITH ORDINALITY AS each (made, place)
    )
WHERE store_id = :store AND object_id = ANY (:object_ids)
""")


async def redact_deliveries(work: UnitOfWork, object_ids: Sequence[str]) -> None:
    """Forget what was sent of these objects and what was answered to it, which may repeat it.

    What is still to be sent is made anew from the event as it now is; a worker that has the old body in its hands may
    not write it down (``redactions``).
    """
    await work.session.execute(_REDACT, {"store": work.store.number, "object_ids": list(object_ids)})
