"""Users of an account: inviting, listing and removing them, their roles and their passwords.

An invitation is a link with a secret; nothing is sent, whoever invites hands it over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sqlalchemy import select, text, update

from domain.access.oauth_model import GrantEnd, OAuthGrant
from domain.access.roles import UserRole
from domain.access.service.accounts import stores_of_account
from domain.access.service.authentication import hash_secret
from domain.access.service.oauth_clients import end_grant
from domain.access.tokens import INVITATION_LIFETIME, random_secret
from domain.access.user_model import User, UserInvitation, UserSession
from domain.kernel.database import AdminTransaction
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields.contact import clean_email
from domain.kernel.ids import new_id
from domain.kernel.use_cases.audit import audit
from domain.kernel.validation import InvalidValueError, clean_text, fold

_ONE_AFTER_THE_OTHER = text("SELECT pg_advisory_xact_lock(hashtextextended(:email, 7))")
"""Of two who invite the same new address at once, the second finds the first one's user."""
MAX_USER_NAME_LENGTH = 100
"""Characters."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that was just made. ``secret`` is part of its link and cannot be shown again."""

    user_id: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InvitedUser:
    """Who an open invitation is for."""

    user_id: str
    email: str
    name: str
    account: str


async def invite_user(
    administration: AdminTransaction, now: datetime, account_id: str, *, email: str, name: str, role: UserRole
) -> Invitation:
    """Invite a person to an account. Inviting one who has not accepted yet replaces the link, the name and the role.

    Raises ValidationFailed (e-mail address, name), Conflict (the address has a user already, of any account).
    """
    email, name = _clean(email, name)
    session, key = administration.session, fold(email)
    await session.execute(_ONE_AFTER_THE_OTHER, {"email": key})
    found = select(User).where(User.email_key == key, User.removed_at.is_(None)).with_for_update()
    user = await session.scalar(found)
    if user is not None and (user.account_id != account_id or user.password_hash is not None):
        raise Conflict(f"The address {email} already has a user.", ErrorCode.TAKEN, ("email",))
    if user is None:
        user = User(id=new_id("usr"), account_id=account_id, created_at=now, password_hash=None, removed_at=None)
        session.add(user)
    user.email, user.email_key, user.name, user.role, user.updated_at = email, key, name, role, now
    await session.flush()
    invitation = await _open_invitation(administration, now, user)
    await _audit(administration, account_id, "user.invited", user, role=role.value)
    return invitation


async def open_password_reset(
    administration: AdminTransaction, now: datetime, account_id: str, email: str
) -> Invitation:
    """Open a link by which a user who has forgotten the password sets another. The old one works until then.

    Raises NotFound.
    """
    user = await _lock_user(administration, account_id, email)
    invitation = await _open_invitation(administration, now, user)
    await _audit(administration, account_id, "user.reset_opened", user)
    return invitation


async def set_user_role(
    administration: AdminTransaction, now: datetime, account_id: str, email: str, role: UserRole
) -> User:
    """Change what a user may do. What the user has allowed to applications follows within two seconds, and comes back
    with the role. Raises NotFound.
    """
    user = await _lock_user(administration, account_id, email)
    if user.role != role:
        before, user.role, user.updated_at = UserRole(user.role), role, now
        await _audit(administration, account_id, "user.role_changed", user, role=role.value, before=before.value)
    return user


async def users_of_account(administration: AdminTransaction, account_id: str) -> Sequence[User]:
    """List the users of an account, oldest first; removed ones are left out."""
    found = select(User).where(User.account_id == account_id, User.removed_at.is_(None)).order_by(User.id)
    return (await administration.session.scalars(found)).all()


async def remove_user(administration: AdminTransaction, now: datetime, account_id: str, email: str) -> User:
    """Remove a user. Sign-in sessions, open invitations, and all that the user has granted or made with it end.

    Raises NotFound.
    """
    session, user = administration.session, await _lock_user(administration, account_id, email)
    user.removed_at = user.updated_at = now
    user.password_hash = None
    await session.flush()
    for statement in (
        update(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None)).values(ended_at=now),
        update(UserInvitation)
        .where(UserInvitation.user_id == user.id, UserInvitation.used_at.is_(None))
        .values(used_at=now),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    for store in await stores_of_account(administration, account_id):
        grants = select(OAuthGrant).where(
            OAuthGrant.store_id == store.number, OAuthGrant.user_id == user.id, OAuthGrant.revoked_at.is_(None)
        )
        for grant in await session.scalars(grants.order_by(OAuthGrant.id).with_for_update()):
            await end_grant(administration.work(store), grant, GrantEnd.USER_REMOVED)
    await _audit(administration, account_id, "user.removed", user)
    return user


_INVITED = """
SELECT u.id, u.email, u.name, a.name AS account
FROM user_invitation i JOIN account_user u ON u.id = i.user_id JOIN account a ON a.id = u.account_id
WHERE i.token_hash = $1 AND i.used_at IS NULL AND i.expires_at > $2 AND u.removed_at IS NULL
"""


async def find_invitation(connection: asyncpg.Connection, secret: str, now: datetime) -> InvitedUser | None:
    """Find whom an invitation is for; None if it is unknown, used or expired. ``connection``: of ``gateway_system``."""
    row = await connection.fetchrow(_INVITED, hash_secret(secret), now)
    return None if row is None else InvitedUser(row["id"], row["email"], row["name"], row["account"])


async def accept_invitation(
    administration: AdminTransaction, now: datetime, secret: str, password_hash: str
) -> str | None:
    """Set the first password by an invitation, or another one by the link of a reset, which then ends all sign-in
    sessions. The link is used up. Returns the user's id; None as ``find_invitation``."""
    session = administration.session
    found = select(UserInvitation).where(
        UserInvitation.token_hash == hash_secret(secret),
        UserInvitation.used_at.is_(None),
        UserInvitation.expires_at > now,
    )
    invitation = await session.scalar(found.with_for_update())
    if invitation is None:
        return None
    user = await session.get_one(User, invitation.user_id, with_for_update=True)
    if user.removed_at is not None:
        return None
    invitation.used_at = user.updated_at = now
    action = "user.joined" if user.password_hash is None else "user.password_changed"
    user.password_hash = password_hash
    sessions = UserSession.user_id == user.id, UserSession.ended_at.is_(None)
    await session.execute(update(UserSession).where(*sessions).values(ended_at=now))
    await _audit(administration, user.account_id, action, user)
    return user.id


async def change_password(
    administration: AdminTransaction, now: datetime, user_id: str, password_hash: str, kept_session: str
) -> None:
    """Replace a password and end all sign-in sessions of the user but ``kept_session`` (an id). Grants stay."""
    session = administration.session
    user = await session.get_one(User, user_id, with_for_update=True)
    user.password_hash, user.updated_at = password_hash, now
    others = UserSession.user_id == user_id, UserSession.id != kept_session, UserSession.ended_at.is_(None)
    await session.execute(update(UserSession).where(*others).values(ended_at=now))
    await _audit(administration, user.account_id, "user.password_changed", user)


async def _lock_user(administration: AdminTransaction, account_id: str, email: str) -> User:
    found = select(User).where(User.account_id == account_id, User.email_key == fold(email[:254]))
    user: User | None = await administration.session.scalar(found.where(User.removed_at.is_(None)).with_for_update())
    if user is None:
        raise NotFound("user", ("email",))
    return user


async def _open_invitation(administration: AdminTransaction, now: datetime, user: User) -> Invitation:
    """A new link for a user; earlier ones work no longer."""
    session = administration.session
    opened = UserInvitation.user_id == user.id, UserInvitation.used_at.is_(None)
    await session.execute(update(UserInvitation).where(*opened).values(used_at=now))
    secret, expires_at = random_secret(), now + INVITATION_LIFETIME
    session.add(
        UserInvitation(
            id=new_id("inv"),
            user_id=user.id,
            token_hash=hash_secret(secret),
            expires_at=expires_at,
            used_at=None,
            created_at=now,
        )
    )
    return Invitation(user.id, secret, expires_at)


def _clean(email: str, name: str) -> tuple[str, str]:
    problems = []
    try:
        email = clean_email(email)
    except InvalidValueError as refused:
        problems.append(ValidationFailed.of(("email",), refused.code, refused.message))
    try:
        name = clean_text(name, 1, MAX_USER_NAME_LENGTH, None)
    except InvalidValueError as refused:
        problems.append(ValidationFailed.of(("name",), refused.code, refused.message))
    if problems:
        raise ValidationFailed(problem for each in problems for problem in each.problems)
    return email, name


async def _audit(administration: AdminTransaction, account_id: str, action: str, user: User, **details: str) -> None:
    """Write to the audit log of both stores: a user is of the account."""
    for store in await stores_of_account(administration, account_id):
        audit(administration.work(store), action, user.id, **details)
