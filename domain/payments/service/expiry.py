"""Authorisations that have ended: the processor is told to let go of them, and says what is."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.kernel.database import Database, FindStores
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.service.changes import PAYMENTS, lock_payment
from domain.payments.service.outcomes import EXPIRED
from domain.payments.service.releases import WITH_CALL, begin_void, queue_void, void_payment
from domain.payments.states import PaymentIntentStatus, PaymentState

BATCH_SIZE = 100
RETRY_INTERVAL = timedelta(hours=1)
"""Until one that is still authorised is given up again: the processor may have refused to let go of it."""
_DUE = """
SELECT store_id, id FROM payment WHERE authorization_expires_at <= $1 AND (next_check_at IS NULL OR next_check_at <= $1)
ORDER BY authorization_expires_at LIMIT $2
"""


async def release_expired(database: Database, find_stores: FindStores, now: datetime) -> bool:
    """Give up the authorisations that ended before ``now`` (UTC), at most a batch; whether there may be more.

    The worker makes the calls. Raises Unavailable.
    """
    async with database.system_connection() as connection:
        rows = await connection.fetch(_DUE, now, BATCH_SIZE)
        stores = await find_stores(connection, {row["store_id"] for row in rows}) if rows else {}
    for row in rows:
        async with database.transaction(Principal(stores[row["store_id"]], frozenset(), "system")) as work:
            await _release(work, row["id"], now)
    return len(rows) == BATCH_SIZE


async def _release(work: UnitOfWork, payment_id: str, now: datetime) -> None:
    change, payment = await lock_payment(work, payment_id)
    expires_at = payment.authorization_expires_at
    if payment.status != PaymentState.AUTHORIZED or expires_at is None:
        return
    payment.next_check_at = now + RETRY_INTERVAL  # the next round does not find it again
    await PAYMENTS.update(work, payment)
    if change.intent.status in WITH_CALL and change.intent.payment_id == payment.id:
        payment.error_code, payment.error_message = EXPIRED, f"The authorisation ended at {expires_at:%Y-%m-%dT%H:%MZ}."
        change.intent.error_code, change.intent.error_message = payment.error_code, payment.error_message
        await queue_void(work, begin_void(change))
        await change.save(work)
    elif change.intent.payment_id != payment.id or change.intent.status != PaymentIntentStatus.PROCESSING:
        await queue_void(work, void_payment(change, payment))  # it does not count: that void was refused
        await change.save(work)
