"""Entities of people: users of an account, their invitations, and their sign-in sessions.

They belong to an account and so to no store: only ``gateway_system`` reads them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.access.roles import UserRole
from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Base, IdKey, Instant, KeyText


class User(Base):
    """A person who signs in for an account. An e-mail address is one user's, over all accounts, until it is removed."""

    __tablename__ = "account_user"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'developer', 'support', 'read_only')", name="role"),
        Index("account_user_email_idx", "email_key", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("account_user_account_idx", "account_id", "id"),
    )

    id: Mapped[IdKey]
    account_id: Mapped[str] = mapped_column(KEY_TEXT, ForeignKey("account.id"))
    email: Mapped[str]
    email_key: Mapped[KeyText]
    name: Mapped[str]
    role: Mapped[UserRole] = mapped_column(KEY_TEXT)
    password_hash: Mapped[str | None]
    """Argon2id, with its parameters and salt. Null until the invitation is accepted."""
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    removed_at: Mapped[datetime | None] = mapped_column(INSTANT)


class UserInvitation(Base):
    """A link by which a user sets the first password, once. Only the hash of its secret is stored."""

    __tablename__ = "user_invitation"
    __table_args__ = (UniqueConstraint("token_hash"), Index("user_invitation_user_idx", "user_id"))

    id: Mapped[IdKey]
    user_id: Mapped[str] = mapped_column(KEY_TEXT, ForeignKey("account_user.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[Instant]


class UserSession(Base):
    """A browser that is signed in. Only the hash of its cookie is stored."""

    __tablename__ = "user_session"
    __table_args__ = (
        UniqueConstraint("cookie_hash"),
        Index("user_session_user_idx", "user_id", "created_at"),
        Index("user_session_expires_idx", "expires_at"),
    )

    id: Mapped[IdKey]
    user_id: Mapped[str] = mapped_column(KEY_TEXT, ForeignKey("account_user.id"))
    cookie_hash: Mapped[bytes] = mapped_column(LargeBinary)
    user_agent: Mapped[str]
    """The browser's own description, shortened."""
    address: Mapped[str]
    """The address that signed in."""
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(INSTANT)
