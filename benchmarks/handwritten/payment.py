"""A payment by hand: an intent that is authorised in the sandbox, and its capture, each two transactions around a call.

What the gateway promises is promised here too: the key of the request, the attempt recorded before the call, the
sandbox that does a call with one key once, no connection held during the call, each outcome applied once. Customers
and orders, what is checked of the input beyond the key, limits and encryption are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson

from benchmarks.handwritten.create_order import REPLAY, TRY_LOCK, Connection
from domain.kernel.clock import system_clock
from domain.kernel.ids import new_id

WAIT = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
RESERVE = """
INSERT INTO idempotency_record (store_id, credential, key, fingerprint, answer, people, created_at, attempt_id)
VALUES ($1, 'limit', $2, $3, '', '{}', $4, $5)
"""
COMPLETE = """
UPDATE idempotency_record SET answer = $4, attempt_id = NULL
WHERE store_id = $1 AND credential = 'limit' AND key = $2 AND attempt_id = $3
"""
ATTEMPT = """
INSERT INTO outbound_attempt (store_id, id, use_case, request, state, credential, created_at, next_check_at, checks)
VALUES ($1, $2, 'by.hand', $3, 'in_flight', 'limit', $4, $5, 0)
"""
SETTLE = """
UPDATE outbound_attempt SET state = 'settled', outcome = $3, request = '{}', settled_at = $4, next_check_at = NULL
WHERE store_id = $1 AND id = $2 AND state = 'in_flight'
"""
INTENT = """
INSERT INTO payment_intent (store_id, id, currency, amount, status, method, capture_method, payment_id, metadata,
    version, created_at, updated_at)
VALUES ($1, $2, 'GBP', $3, 'processing', $4, 'manual', $5, '{}', 1, $6, $6)
"""
PAYMENT = """
INSERT INTO payment (store_id, id, intent_id, currency, amount, captured, refunded, refunding, disputed, fee, status,
    method, card_brand, card_last4, card_exp_month, card_exp_year, processor, sequence, version, created_at, updated_at)
VALUES ($1, $2, $3, 'GBP', $4, 0, 0, 0, 0, 0, 'processing', $5, 'visa', '4242', 12, 2100, 'sandbox', 0, 1, $6, $6)
"""
OPERATION = """
INSERT INTO sandbox_operation (store_id, id, kind, outcome, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
MOVE = """
UPDATE payment_intent SET status = $4, version = version + 1, updated_at = $5
WHERE store_id = $1 AND id = $2 AND status = $3
RETURNING id, order_id, customer_id, currency, amount, status, method, capture_method, payment_id, version, created_at,
    updated_at
"""
HELD = "SELECT reference, amount FROM payment WHERE store_id = $1 AND id = $2"
PAID = """
RETURNING id, intent_id, order_id, customer_id, currency, amount, captured, refunded, disputed, fee, status, method,
    card_brand, card_last4, card_exp_month, card_exp_year, processor, authorization_expires_at, version, created_at,
    updated_at
"""
AUTHORIZED = f"""
UPDATE payment SET status = 'authorized', reference = $3, authorization_expires_at = $4, version = $5, updated_at = $6
WHERE store_id = $1 AND id = $2 {PAID}
"""
CAPTURED = f"""
UPDATE payment SET status = 'captured', captured = amount, fee = $3, authorization_expires_at = NULL, version = $4,
    sequence = sequence + 1, updated_at = $5
WHERE store_id = $1 AND id = $2 {PAID}
"""
TRANSFERS = """
INSERT INTO ledger_transfer (store_id, id, kind, debit, credit, currency, amount, payment_id, intent_id, key,
    created_at)
VALUES ($1, $2, 'capture', 'processor', 'receivable', 'GBP', $4, $5, $6, $5 || ':capture', $8),
    ($1, $3, 'fee', 'fees', 'processor', 'GBP', $7, $5, $6, $5 || ':fee', $8)
"""
EVENT = """
INSERT INTO event (store_id, id, type, object_id, sequence, snapshot, changed_fields, origin, actor, created_at)
VALUES ($1, $2, 'payment.succeeded', $3, 1, $4, '{}', 'api', 'limit', $5)
"""
GRACE, LIFETIME = timedelta(seconds=20), timedelta(days=7)


async def create_intent(pool: asyncpg.Pool, store: int, key: str, request: bytes) -> bytes:
    """Authorise what ``request`` (JSON of createPaymentIntent) asks for; the answer. Raises LookupError."""
    asked, now, intent, payment = orjson.loads(request), system_clock(), new_id("pi"), new_id("pay")
    amount, method, attempt = asked["amount"], asked["payment_method"], f"{payment}:charge"
    async with pool.acquire() as connection, connection.transaction():
        if (stored := await _stored(connection, store, key)) is not None:
            return stored
        await connection.execute(INTENT, store, intent, amount, method, payment, now)
        await connection.execute(PAYMENT, store, payment, intent, amount, method, now)
        sent = {"payment_id": payment, "intent_id": intent, "amount": amount, "currency": "GBP", "method": method}
        await _begin(connection, store, attempt, sent, now)
        await connection.execute(RESERVE, store, key, hashlib.sha256(request).digest(), now, attempt)
    until = now + LIFETIME
    reference = f"sandbox_success_{payment}"
    outcome = {"reference": reference, "state": "authorized", "captured": 0, "fee": 0, "authorized_until": until}
    await _send(pool, store, attempt, "Charge", outcome)
    async with pool.acquire() as connection, connection.transaction():
        now = await _settle(connection, store, key, attempt, outcome)
        moved = await connection.fetchrow(MOVE, store, intent, "processing", "requires_capture", now)
        held = (payment, reference, until, moved["version"], now)
        answer = _answer(moved, await connection.fetchrow(AUTHORIZED, store, *held))
        await connection.execute(COMPLETE, store, key, attempt, answer)
    return answer


async def capture(pool: asyncpg.Pool, store: int, key: str, intent: str, request: bytes) -> bytes:
    """Collect what is authorised of an intent; the answer. Raises LookupError."""
    async with pool.acquire() as connection, connection.transaction():
        if (stored := await _stored(connection, store, key)) is not None:
            return stored
        now = system_clock()
        moved = await connection.fetchrow(MOVE, store, intent, "requires_capture", "processing", now)
        if moved is None:
            raise LookupError("not authorised")
        payment = moved["payment_id"]
        held = await connection.fetchrow(HELD, store, payment)
        attempt = f"{payment}:capture:{moved['version']}"
        sent = {"payment_id": payment, **held, "currency": "GBP"}
        await _begin(connection, store, attempt, sent, now)
        await connection.execute(RESERVE, store, key, hashlib.sha256(request).digest(), now, attempt)
    fee = held["amount"] * 29 // 1_000 + 30
    outcome = {"reference": held["reference"], "state": "captured", "captured": held["amount"], "fee": fee}
    await _send(pool, store, attempt, "Capture", outcome)
    async with pool.acquire() as connection, connection.transaction():
        now = await _settle(connection, store, key, attempt, outcome)
        moved = await connection.fetchrow(MOVE, store, intent, "processing", "succeeded", now)
        paid = await connection.fetchrow(CAPTURED, store, payment, fee, moved["version"], now)
        await _book(connection, store, paid, fee, now)
        answer = _answer(moved, paid)
        await connection.execute(COMPLETE, store, key, attempt, answer)
    return answer


async def _stored(connection: Connection, store: int, key: str) -> bytes | None:
    """The answer given before. Raises LookupError while there is none yet."""
    if not await connection.fetchval(TRY_LOCK, f"{store}/{key}"):
        raise LookupError("in flight")
    stored = await connection.fetchrow(REPLAY, store, key)
    if stored is not None and not stored["answer"]:
        raise LookupError("in flight")
    return None if stored is None else stored["answer"]


async def _begin(connection: Connection, store: int, attempt: str, sent: object, now: datetime) -> None:
    await connection.execute(ATTEMPT, store, attempt, orjson.dumps(sent).decode(), now, now + GRACE)


async def _send(pool: asyncpg.Pool, store: int, attempt: str, kind: str, outcome: object) -> None:
    """What the sandbox does."""
    done = orjson.dumps({"data": outcome}).decode()
    async with pool.acquire() as connection:
        await connection.execute(OPERATION, store, attempt, kind, done, system_clock())


async def _settle(connection: Connection, store: int, key: str, attempt: str, outcome: object) -> datetime:
    """The time of the second transaction. Raises LookupError where the attempt is settled already."""
    now = system_clock()
    await connection.fetchval(WAIT, f"{store}/{key}")
    if await connection.execute(SETTLE, store, attempt, orjson.dumps({"data": outcome}).decode(), now) != "UPDATE 1":
        raise LookupError("settled already")
    return now


async def _book(connection: Connection, store: int, paid: asyncpg.Record, fee: int, now: datetime) -> None:
    transfers = (new_id("led"), new_id("led"), paid["captured"], paid["id"], paid["intent_id"], fee, now)
    await connection.execute(TRANSFERS, store, *transfers)
    snapshot = orjson.dumps({**paid, "refunds": []}).decode()
    await connection.execute(EVENT, store, new_id("evt"), paid["id"], snapshot, now)


def _answer(intent: asyncpg.Record, payment: asyncpg.Record) -> bytes:
    """The document of the intent, with all its members."""
    expires_at = payment["authorization_expires_at"]
    card = {name: payment[f"card_{name}"] for name in ("brand", "last4", "exp_month", "exp_year")}
    paid = {name: payment[name] for name in ("intent_id", "captured", "refunded", "disputed", "fee", "processor")}
    paid |= {"card": card, "authorization_expires_at": expires_at and _moment(expires_at), "refunds": []}
    made = {"capture_method": intent["capture_method"], "next_action": None, "metadata": {}}
    return orjson.dumps({**_shared(intent), **made, "payments": [{**_shared(payment), **paid}]})


def _shared(row: Mapping[str, Any]) -> dict[str, Any]:
    """The members that intents and payments have in common."""
    shared = {name: row[name] for name in ("id", "order_id", "customer_id", "amount", "status", "version")}
    named = {"currency": row["currency"].lower(), "payment_method": row["method"], "last_error": None}
    return {**shared, **named, **_dated(row)}


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _moment(row[name]) for name in ("created_at", "updated_at")}


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
