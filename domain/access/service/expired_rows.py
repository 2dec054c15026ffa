"""Deleting what can never be used again: expired codes, tokens, invitations and sign-in sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

KEPT_AFTER_EXPIRY = timedelta(days=7)
"""A code or refresh token that is replayed within this time after it expired still ends its grant."""
_DELETE = """
DELETE FROM {table} WHERE ctid IN (
    SELECT ctid FROM {table} WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
TABLES = ("oauth_code", "oauth_token", "user_invitation", "user_session")


async def delete_expired_rows(connection: asyncpg.Connection, now: datetime, most: int = 1_000) -> bool:
    """Delete at most ``most`` rows of each table. Returns whether there may be more. ``connection``: of
    ``gateway_system``. Grants stay: they are the record of who was allowed what.
    """
    done = [await connection.execute(_DELETE.format(table=table), now - KEPT_AFTER_EXPIRY, most) for table in TABLES]
    return f"DELETE {most}" in done
