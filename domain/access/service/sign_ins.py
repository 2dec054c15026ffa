"""Signing in: the sessions of users in browsers, each a row that can be ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sqlalchemy import select, update

from domain.access.roles import UserRole
from domain.access.service.authentication import hash_secret
from domain.access.tokens import SESSION_LIFETIME, random_secret
from domain.access.user_model import User, UserSession
from domain.kernel.database import AdminTransaction
from domain.kernel.ids import new_id
from domain.kernel.validation import fold

MAX_USER_AGENT_LENGTH = 200
"""Characters that are stored of a browser's description."""
MAX_LISTED_SESSIONS = 100


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """A user who tries to sign in. ``hash`` is None before the invitation was accepted."""

    user_id: str
    hash: str | None


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """The user of a browser's session."""

    id: str
    session_id: str
    account_id: str
    account: str
    email: str
    name: str
    role: UserRole
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class SignInSession:
    """A browser that is signed in, as its user sees it."""

    id: str
    user_agent: str
    address: str
    created_at: datetime
    expires_at: datetime


_PASSWORD = "SELECT id, password_hash FROM account_user WHERE email_key = $1 AND removed_at IS NULL"  # noqa: S105 - SQL
_SIGNED_IN = """
SELECT u.id, s.id AS session_id, u.account_id, a.name AS account, u.email, u.name, u.role, u.password_hash
FROM user_session s JOIN account_user u ON u.id = s.user_id JOIN account a ON a.id = u.account_id
WHERE s.cookie_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND u.removed_at IS NULL
"""
_SESSIONS = """
SELECT id, user_agent, address, created_at, expires_at FROM user_session
WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id DESC LIMIT $3
"""


async def find_password(connection: asyncpg.Connection, email: str) -> StoredPassword | None:
    """Find the user with this e-mail address, in any account. ``connection``: of ``gateway_system``."""
    row = await connection.fetchrow(_PASSWORD, fold(email))
    return None if row is None else StoredPassword(row["id"], row["password_hash"])


async def start_session(
    administration: AdminTransaction, now: datetime, verified: StoredPassword, *, user_agent: str, address: str
) -> str | None:
    """Sign a user in, whose password was verified. Returns the new cookie; None if the user was removed or the password
    changed meanwhile.
    """
    user = await administration.session.scalar(
        select(User).where(User.id == verified.user_id, User.removed_at.is_(None)).with_for_update(read=True)
    )
    if user is None or user.password_hash is None or user.password_hash != verified.hash:
        return None
    cookie = random_secret()
    administration.session.add(
        UserSession(
            id=new_id("ses"),
            user_id=user.id,
            cookie_hash=hash_secret(cookie),
            user_agent=user_agent[:MAX_USER_AGENT_LENGTH].replace("\x00", ""),
            address=address,
            created_at=now,
            expires_at=now + SESSION_LIFETIME,
            ended_at=None,
        )
    )
    return cookie


async def find_session(connection: asyncpg.Connection, cookie: str, now: datetime) -> SignedInUser | None:
    """Find the user of a cookie; None if it is unknown, ended or expired. ``connection``: of ``gateway_system``."""
    row = await connection.fetchrow(_SIGNED_IN, hash_secret(cookie), now)
    if row is None:
        return None
    values = dict(row)
    return SignedInUser(**{**values, "role": UserRole(values["role"])})


async def sessions_of(connection: asyncpg.Connection, user_id: str, now: datetime) -> list[SignInSession]:
    """List where a user is signed in, newest first. ``connection``: of ``gateway_system``."""
    return [SignInSession(**dict(row)) for row in await connection.fetch(_SESSIONS, user_id, now, MAX_LISTED_SESSIONS)]


async def end_sessions(
    administration: AdminTransaction, now: datetime, user_id: str, session_id: str | None = None
) -> None:
    """End one session of a user, or all of them. Ending what has ended, or another user's, changes nothing."""
    mine = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    if session_id is not None:
        mine = mine.where(UserSession.id == session_id)
    await administration.session.execute(mine.values(ended_at=now))
