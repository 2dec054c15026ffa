"""Signals that a key is used in an unusual way: from an address where it was not used before, or after it has ended.

They are entries of the audit log. Written by the gateway's own role, since nobody is let in for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson

from domain.kernel.ids import new_id
from domain.kernel.principal import Principal

MAX_KNOWN_ADDRESSES = 100
"""Of one key. One that is used from more has no usual address."""
REJECTIONS = 10
"""Rejected uses within an hour that are recorded, once an hour."""
REJECTION_WINDOW = timedelta(hours=1)

_ADDRESSES = "SELECT address FROM api_key_address WHERE store_id = $1 AND key_id = $2 LIMIT $3"
_ADD = """
INSERT INTO api_key_address (store_id, id, key_id, address, created_at)
SELECT store_id, $3, id, $4, $5 FROM api_key WHERE store_id = $1 AND id = $2
ON CONFLICT DO NOTHING RETURNING id
"""
_COUNT = """
UPDATE api_key SET
    rejections = CASE WHEN rejected_since > $2 THEN rejections + 1 ELSE 1 END,
    rejected_since = CASE WHEN rejected_since > $2 THEN rejected_since ELSE $3 END
WHERE store_id = $1 AND id = $4
RETURNING rejections
"""
_AUDIT = """
INSERT INTO audit_entry (store_id, id, action, actor, object_id, details, request_id, created_at)
VALUES ($1, $2, $3, 'system', $4, $5, NULL, $6)
"""


async def note_address(connection: asyncpg.Connection, principal: Principal, address: str, now: datetime) -> None:
    """Record that a key is used from an address; in the audit log if it was used from others before.

    ``connection``: of ``gateway_system``. Credentials that are no keys are left alone.
    """
    number, key_id = principal.store.number, principal.credential
    known = {row["address"] for row in await connection.fetch(_ADDRESSES, number, key_id, MAX_KNOWN_ADDRESSES)}
    if address in known or len(known) >= MAX_KNOWN_ADDRESSES:
        return
    added = await connection.fetchval(_ADD, number, key_id, new_id("kad"), address, now)
    if added is not None and known:
        await _audit(connection, number, key_id, "key.new_address", now, address=address)


async def note_ended_key(connection: asyncpg.Connection, number: int, key_id: str, now: datetime) -> None:
    """Count that a key that is revoked or expired was used. ``number``: of its store."""
    await _note(connection, number, key_id, now, "ended")


async def note_refused_address(connection: asyncpg.Connection, principal: Principal, now: datetime) -> None:
    """Count that a key was used from an address that it does not allow."""
    await _note(connection, principal.store.number, principal.credential, now, "address")


async def _note(connection: asyncpg.Connection, number: int, key_id: str, now: datetime, reason: str) -> None:
    if await connection.fetchval(_COUNT, number, now - REJECTION_WINDOW, now, key_id) == REJECTIONS:
        await _audit(connection, number, key_id, "key.rejected", now, rejections=REJECTIONS, reason=reason)


async def _audit(
    connection: asyncpg.Connection, number: int, key_id: str, action: str, now: datetime, **details: Any
) -> None:
    await connection.execute(_AUDIT, number, new_id("aud"), action, key_id, orjson.dumps(details).decode(), now)
