"""Authentication by API key, and the check whether credentials are still valid."""

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
"""``last_used_at`` is updated once a minute, so that a busy key does not cost a write per request."""

_AUTHENTICATE = """
SELECT k.id, k.scopes, k.expires_at, k.last_used_at, s.number, s.id AS store, s.account_id, s.mode, s.currency,
       a.name, a.plan, a.introspection
FROM api_key k JOIN store s ON s.number = k.store_id JOIN account a ON a.id = s.account_id
WHERE k.secret_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
"""


async def authenticate(connection: asyncpg.Connection, secret: str, now: datetime) -> Principal:
    """Find the principal of ``secret`` and record that the key was used. ``connection``: of ``gateway_system``.

    Raises Unauthenticated for an unknown, revoked or expired key, without saying which of them it is.
    """
    with observe_statement(_AUTHENTICATE):
        row = await connection.fetchrow(_AUTHENTICATE, hash_secret(secret), now)
    if row is None:
        raise Unauthenticated("The API key is invalid, revoked or expired.")
    if row["last_used_at"] is None or row["last_used_at"] <= now - LAST_USE_INTERVAL:
        used = "UPDATE api_key SET last_used_at = $3 WHERE store_id = $1 AND id = $2"
        with observe_statement(used):
            await connection.execute(used, row["number"], row["id"], now)
    return Principal(store_from_row(row), frozenset(row["scopes"]), row["id"], row["expires_at"])


_VALID = """
SELECT k.store_id, k.id
FROM unnest($1::int[], $2::text[]) AS credential(store_id, id)
JOIN api_key k ON k.store_id = credential.store_id AND k.id = credential.id
WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)
"""

Credential = tuple[int, str]
"""The number of a store and the id of one of its keys."""


async def valid_credentials(
    connection: asyncpg.Connection, credentials: Collection[Credential], now: datetime
) -> set[Credential]:
    """Return those of the credentials that are still valid. ``connection``: of ``gateway_system``."""
    stores, ids = [store for store, _ in credentials], [id for _, id in credentials]
    return {(row["store_id"], row["id"]) for row in await connection.fetch(_VALID, stores, ids, now)}


def hash_secret(secret: str) -> bytes:
    """Hash a secret for storage. It has 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()
