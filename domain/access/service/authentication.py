"""Who holds a key, and whether it still works."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

import asyncpg

from domain.access.service.accounts import store_from_row
from domain.kernel.errors import Unauthenticated
from domain.kernel.principal import Principal
from domain.kernel.sql.instrumentation import observe_statement

LAST_USE_INTERVAL = timedelta(minutes=1)
"""``last_used_at`` is told to the minute, so that a busy key does not cost a write a request."""

_IDENTIFY = """
SELECT k.id, k.scopes, k.expires_at, k.last_used_at, s.number, s.id AS store, s.account_id, s.mode, s.currency,
       a.name, a.plan, a.introspection
FROM api_key k JOIN store s ON s.number = k.store_id JOIN account a ON a.id = s.account_id
WHERE k.secret_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
"""


async def authenticate(connection: asyncpg.Connection, secret: str, now: datetime) -> Principal:
    """Who holds ``secret``; notes that the key was used. ``connection``: of the gateway's own role.

    Raises Unauthenticated when there is no such key, or it is revoked or expired; which of these is not told.
    """
    with observe_statement(_IDENTIFY):
        row = await connection.fetchrow(_IDENTIFY, hash_secret(secret), now)
    if row is None:
        raise Unauthenticated("This API key is not valid.")
    if row["last_used_at"] is None or row["last_used_at"] <= now - LAST_USE_INTERVAL:
        used = "UPDATE api_key SET last_used_at = $3 WHERE store_id = $1 AND id = $2"
        with observe_statement(used):
            await connection.execute(used, row["number"], row["id"], now)
    return Principal(store_from_row(row), frozenset(row["scopes"]), row["id"], row["expires_at"])


_STILL_WORKING = """
SELECT k.store_id, k.id
FROM unnest($1::int[], $2::text[]) AS asked(store_id, id)
JOIN api_key k ON k.store_id = asked.store_id AND k.id = asked.id
WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)
"""

Credential = tuple[int, str]
"""The number of a store and the id of one of its keys."""


async def valid_credentials(
    connection: asyncpg.Connection, credentials: Collection[Credential], now: datetime
) -> set[Credential]:
    """Those of the credentials that would let their holders in today. ``connection``: of the gateway's own role."""
    stores, ids = [store for store, _ in credentials], [id for _, id in credentials]
    return {(row["store_id"], row["id"]) for row in await connection.fetch(_STILL_WORKING, stores, ids, now)}


def hash_secret(secret: str) -> bytes:
    """What is stored of a secret. It has 256 random bits, so one round of SHA-256 keeps it."""
    return hashlib.sha256(secret.encode()).digest()
