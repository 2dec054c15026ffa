"""Authentication by API key or access token, and the check whether credentials are still valid."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

import asyncpg

from domain.access.quotas import key_quota
from domain.access.roles import ROLE_SCOPES, UserRole
from domain.access.service.accounts import store_from_row
from domain.access.service.key_signals import note_ended_key
from domain.access.tokens import is_access_token
from domain.kernel.errors import Unauthenticated
from domain.kernel.principal import Principal, Storefront
from domain.kernel.sql.instrumentation import observe_statement

LAST_USE_INTERVAL = timedelta(minutes=1)
"""``last_used_at`` is updated once a minute, so that a busy key does not cost a write per request."""

_AUTHENTICATE = """
SELECT k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) AS is_valid,
       k.id, k.scopes, k.expires_at, k.last_used_at, k.hourly_limit AS key_hourly_limit,
       k.daily_limit AS key_daily_limit, k.allowed_addresses AS key_networks,
       k.origins, k.metadata_keys, k.address_limit,
       s.number, s.id AS store, s.account_id, s.mode, s.currency,
       a.name, a.plan, a.introspection, a.hourly_limit, a.daily_limit, a.allowed_addresses AS account_networks
FROM api_key k JOIN store s ON s.number = k.store_id JOIN account a ON a.id = s.account_id
WHERE k.secret_hash = $1
"""


_FIND_GRANT = """
SELECT g.id, t.scopes, t.expires_at, g.last_used_at, c.scopes AS client_scopes, g.user_id, u.role,
       s.number, s.id AS store, s.account_id, s.mode, s.currency,
       a.name, a.plan, a.introspection, a.hourly_limit, a.daily_limit, a.allowed_addresses AS account_networks
FROM oauth_token t
JOIN oauth_grant g ON g.store_id = t.store_id AND g.id = t.grant_id
JOIN oauth_client c ON c.store_id = g.store_id AND c.id = g.client_id
JOIN store s ON s.number = t.store_id
JOIN account a ON a.id = s.account_id
LEFT JOIN account_user u ON u.id = g.user_id AND u.account_id = s.account_id AND u.removed_at IS NULL
WHERE t.token_hash = $1 AND t.kind = 'access' AND t.expires_at > $2 AND g.revoked_at IS NULL AND c.revoked_at IS NULL
  AND (c.expires_at IS NULL OR c.expires_at > $2) AND (g.user_id IS NULL OR u.id IS NOT NULL)
"""


async def authenticate(connection: asyncpg.Connection, secret: str, now: datetime) -> Principal:
    """Find the principal of ``secret``, an API key or an OAuth access token, and record that it was used.

    ``connection``: of ``gateway_system``. Raises Unauthenticated for one that is unknown, revoked or expired, without
    saying which of them it is.
    """
    if is_access_token(secret):
        return await _authenticate_token(connection, secret, now)
    with observe_statement(_AUTHENTICATE):
        row = await connection.fetchrow(_AUTHENTICATE, hash_secret(secret), now)
    if row is None or not row["is_valid"]:
        if row is not None:
            await note_ended_key(connection, row["number"], row["id"], now)
        raise Unauthenticated("The API key is invalid, revoked or expired.")
    if row["last_used_at"] is None or row["last_used_at"] <= now - LAST_USE_INTERVAL:
        used = "UPDATE api_key SET last_used_at = $3 WHERE store_id = $1 AND id = $2"
        with observe_statement(used):
            await connection.execute(used, row["number"], row["id"], now)
    store = store_from_row(row)
    quota = None if store.quota is None else key_quota(store.quota, row["key_hourly_limit"], row["key_daily_limit"])
    allowed = _allowed_networks(row["account_networks"], row["key_networks"])
    storefront = None
    if row["address_limit"] is not None:
        storefront = Storefront(frozenset(row["origins"]), tuple(row["metadata_keys"]), row["address_limit"])
    scopes = frozenset(row["scopes"])
    return Principal(store, scopes, row["id"], row["expires_at"], quota, allowed, storefront)


def _allowed_networks(*lists: Sequence[str]) -> tuple[tuple[IPv4Network | IPv6Network, ...], ...]:
    return tuple(tuple(map(ip_network, each)) for each in lists if each)


async def _authenticate_token(connection: asyncpg.Connection, token: str, now: datetime) -> Principal:
    """The principal of an access token: what was granted, as far as the client and the user's role still allow it."""
    with observe_statement(_FIND_GRANT):
        row = await connection.fetchrow(_FIND_GRANT, hash_secret(token), now)
    if row is None:
        raise Unauthenticated("The access token is invalid, revoked or expired.")
    if row["last_used_at"] is None or row["last_used_at"] <= now - LAST_USE_INTERVAL:
        used = "UPDATE oauth_grant SET last_used_at = $3 WHERE store_id = $1 AND id = $2"
        with observe_statement(used):
            await connection.execute(used, row["number"], row["id"], now)
    scopes = frozenset(row["scopes"]).intersection(row["client_scopes"])
    if row["user_id"] is not None:
        scopes &= ROLE_SCOPES[UserRole(row["role"])]
    allowed = _allowed_networks(row["account_networks"])
    return Principal(store_from_row(row), scopes, row["id"], row["expires_at"], None, allowed)


_VALID = """
SELECT k.store_id, k.id, k.scopes
FROM unnest($1::int[], $2::text[]) AS credential(store_id, id)
JOIN api_key k ON k.store_id = credential.store_id AND k.id = credential.id
WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)
UNION ALL
SELECT g.store_id, g.id, NULL
FROM unnest($1::int[], $2::text[]) AS credential(store_id, id)
JOIN oauth_grant g ON g.store_id = credential.store_id AND g.id = credential.id
JOIN oauth_client c ON c.store_id = g.store_id AND c.id = g.client_id
LEFT JOIN account_user u ON u.id = g.user_id
WHERE g.revoked_at IS NULL AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $3)
  AND u.removed_at IS NULL
"""

Credential = tuple[int, str]
"""The number of a store and the id of one of its keys or grants."""


async def valid_credentials(
    connection: asyncpg.Connection, credentials: Collection[Credential], now: datetime
) -> dict[Credential, frozenset[str] | None]:
    """Find those of the credentials that are still valid, with the scopes of keys (None: of a grant, each token has its
    own). ``connection``: of ``gateway_system``."""
    stores, ids = [store for store, _ in credentials], [id for _, id in credentials]
    rows = await connection.fetch(_VALID, stores, ids, now)
    return {(row["store_id"], row["id"]): None if row["scopes"] is None else frozenset(row["scopes"]) for row in rows}


_ORIGINS = """
SELECT unnest(origins) FROM api_key
WHERE type = 'publishable' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)
UNION
SELECT lower(substring(uri FROM '^https?://[^/?]+')) FROM oauth_client, unnest(redirect_uris) AS uri
WHERE type = 'public' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) AND uri ~ '^https?://'
"""


async def page_origins(connection: asyncpg.Connection, now: datetime) -> frozenset[str]:
    """The origins of pages that call from browsers: those from which publishable keys of any store work, and those of
    the redirect URIs of public clients. ``connection``: of ``gateway_system``."""
    with observe_statement(_ORIGINS):
        return frozenset(row[0] for row in await connection.fetch(_ORIGINS, now))


def hash_secret(secret: str) -> bytes:
    """Hash a secret for storage. It has 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()
