"""Payments and refunds that the processor has not settled: it is asked about them, more and more rarely."""

from __future__ import annotations

import logging
from datetime import datetime

from domain.kernel.database import Database, FindStores
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.ports import ChargeNews, ChargeState, ProcessorStates, RefundNews, RefundState
from domain.payments.service.changes import PAYMENTS, REFUNDS, lock_payment
from domain.payments.service.check_times import schedule_payment, schedule_refund
from domain.payments.service.news import record_charge_news, record_refund_news
from domain.payments.service.refunds import lock_refund

BATCH_SIZE = 50
_DUE_PAYMENTS = """
SELECT store_id, id FROM payment WHERE next_check_at <= $1 AND status IN ('processing', 'requires_action')
ORDER BY next_check_at LIMIT $2
"""
_DUE_REFUNDS = "SELECT store_id, id FROM payment_refund WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $2"

log = logging.getLogger("gateway.payments")


async def check_states(database: Database, find_stores: FindStores, now: datetime) -> bool:
    """Ask processors about the payments and refunds that are due ``now`` (UTC), at most a batch of each, the longest
    due first. Returns whether there may be more.

    Each is asked about after its next time was written, so that no other process asks meanwhile; no connection is held
    while it is. Raises Unavailable if the database is.
    """
    async with database.system_connection() as connection:
        payments = await connection.fetch(_DUE_PAYMENTS, now, BATCH_SIZE)
        refunds = await connection.fetch(_DUE_REFUNDS, now, BATCH_SIZE)
        numbers = {row["store_id"] for row in (*payments, *refunds)}
        stores = await find_stores(connection, numbers) if numbers else {}
    for row in payments:
        await _check_payment(database, Principal(stores[row["store_id"]], frozenset(), "system"), row["id"], now)
    for row in refunds:
        await _check_refund(database, Principal(stores[row["store_id"]], frozenset(), "system"), row["id"], now)
    return BATCH_SIZE in (len(payments), len(refunds))


async def _check_payment(database: Database, principal: Principal, id: str, now: datetime) -> None:
    async with database.transaction(principal) as work:
        known = await _lease_payment(work, id, now)
    if known is None:
        return
    try:
        news = await database.dependency(ProcessorStates).current(known, principal.store)
        if news is not known:
            async with database.transaction(principal) as work:
                await record_charge_news(work, news, id)
    except Unavailable as why:
        log.warning("the state of payment %s is checked later: %s", id, why)


async def _check_refund(database: Database, principal: Principal, id: str, now: datetime) -> None:
    async with database.transaction(principal) as work:
        known = await _lease_refund(work, id, now)
    if known is None:
        return
    try:
        news = await database.dependency(ProcessorStates).current(known, principal.store)
        if news is not known:
            async with database.transaction(principal) as work:
                await record_refund_news(work, news, id)
    except Unavailable as why:
        log.warning("the state of refund %s is checked later: %s", id, why)


async def _lease_payment(work: UnitOfWork, id: str, now: datetime) -> ChargeNews | None:
    """Set the next time; what is known of the payment. None where another process has it, or nothing is waited for."""
    _, payment = await lock_payment(work, id)
    if payment.next_check_at is None or payment.next_check_at > now:
        return None
    is_waiting = schedule_payment(payment, now)
    await PAYMENTS.update(work, payment)
    return ChargeNews(reference=payment.reference or "", state=ChargeState.PENDING) if is_waiting else None


async def _lease_refund(work: UnitOfWork, id: str, now: datetime) -> RefundNews | None:
    """As ``_lease_payment``."""
    change, refund = await lock_refund(work, id)
    if refund.next_check_at is None or refund.next_check_at > now:
        return None
    is_waiting = schedule_refund(refund, change.payment_of(refund.payment_id), now)
    await REFUNDS.update(work, refund)
    return RefundNews(reference=refund.reference or "", state=RefundState.PENDING) if is_waiting else None
