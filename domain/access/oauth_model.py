"""Entities of OAuth 2.0: clients, authorization codes, grants (token families) and their tokens.

Each belongs to one store, so that a client, its grants and its tokens never leave the mode they were made in.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Instant, KeyText, StoreOwned, Texts


class ClientType(StrEnum):
    """The type of a client (RFC 6749, 2.1): whether it can keep a secret."""

    PUBLIC = "public"
    CONFIDENTIAL = "confidential"


class TokenKind(StrEnum):
    """What a token is for: calls of the API, or getting the next tokens."""

    ACCESS = "access"
    REFRESH = "refresh"


class GrantEnd(StrEnum):
    """Why a grant ended."""

    REVOKED = "revoked"
    CODE_REPLAYED = "code_replayed"
    REFRESH_REPLAYED = "refresh_replayed"
    CLIENT_REVOKED = "client_revoked"
    USER_REMOVED = "user_removed"


class OAuthClient(StoreOwned):
    """An application that may ask for tokens of one store."""

    __tablename__ = "oauth_client"
    __table_args__ = (
        ForeignKeyConstraint(["store_id"], ["store.number"]),
        UniqueConstraint("id"),  # the authorization server finds the store by the client
        CheckConstraint("type IN ('public', 'confidential')", name="type"),
        CheckConstraint("(type = 'confidential') = (secret_hash IS NOT NULL)", name="secret"),
        Index("oauth_client_created_idx", "store_id", "created_at", "id"),
        Index("oauth_client_maker_idx", "store_id", "created_by", "created_at", "id"),
        Index("oauth_client_valid_idx", "store_id", "created_at", "id", postgresql_where=text("revoked_at IS NULL")),
        Index(
            "oauth_client_revoked_idx", "store_id", "created_at", "id", postgresql_where=text("revoked_at IS NOT NULL")
        ),
    )

    name: Mapped[str]
    type: Mapped[ClientType] = mapped_column(KEY_TEXT)
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    redirect_uris: Mapped[Texts]
    """Compared character by character."""
    scopes: Mapped[Texts]
    """The most that a grant of this client can have."""
    version: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """No client, and nothing of it, outlives the credential that registered it."""
    created_by: Mapped[KeyText]
    """The id of the API key or grant that registered it, or the key's successor; ``system`` for the command line."""
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None] = mapped_column(INSTANT)


class OAuthGrant(StoreOwned):
    """What a user allowed a client, or the client itself: the family of all tokens issued for that."""

    __tablename__ = "oauth_grant"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "client_id"], ["oauth_client.store_id", "oauth_client.id"]),
        CheckConstraint("(revoked_at IS NULL) = (end_reason IS NULL)", name="end"),
        CheckConstraint(
            "end_reason IN ('revoked', 'code_replayed', 'refresh_replayed', 'client_revoked', 'user_removed')",
            name="end_reason",
        ),
        Index("oauth_grant_created_idx", "store_id", "created_at", "id"),
        Index("oauth_grant_user_idx", "user_id"),
        Index(
            "oauth_grant_client_idx",
            "store_id",
            "client_id",
            unique=True,
            postgresql_where=text("user_id IS NULL AND revoked_at IS NULL"),
        ),
        Index("oauth_grant_of_client_idx", "store_id", "client_id", "id"),
        Index("oauth_grant_clients_idx", "store_id", "client_id", "created_at", "id"),
        Index("oauth_grant_users_idx", "store_id", "user_id", "created_at", "id"),
        Index("oauth_grant_valid_idx", "store_id", "created_at", "id", postgresql_where=text("revoked_at IS NULL")),
        Index(
            "oauth_grant_revoked_idx", "store_id", "created_at", "id", postgresql_where=text("revoked_at IS NOT NULL")
        ),
    )

    client_id: Mapped[KeyText]
    user_id: Mapped[str | None] = mapped_column(KEY_TEXT, ForeignKey("account_user.id"))
    """Null for the standing grant of client credentials: a client has one at a time."""
    scopes: Mapped[Texts]
    last_used_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    end_reason: Mapped[GrantEnd | None] = mapped_column(KEY_TEXT)


class OAuthCode(StoreOwned):
    """An authorization code: single use, bound to its client, redirect URI and challenge. Only its hash is stored."""

    __tablename__ = "oauth_code"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "client_id"], ["oauth_client.store_id", "oauth_client.id"]),
        ForeignKeyConstraint(["store_id", "grant_id"], ["oauth_grant.store_id", "oauth_grant.id"]),
        UniqueConstraint("code_hash"),
        CheckConstraint("(used_at IS NULL) = (grant_id IS NULL)", name="used"),
        Index("oauth_code_expires_idx", "expires_at"),
    )

    client_id: Mapped[KeyText]
    user_id: Mapped[str] = mapped_column(KEY_TEXT, ForeignKey("account_user.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    redirect_uri: Mapped[str | None]
    """As the authorization request named it; null if it named none."""
    scopes: Mapped[Texts]
    code_challenge: Mapped[str | None]
    """Of method S256 (RFC 7636); null if the request had none, which only confidential clients may leave out."""
    expires_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(INSTANT)
    grant_id: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The grant that it became."""
    created_at: Mapped[Instant]


class OAuthToken(StoreOwned):
    """An access or refresh token of a grant. Only its hash is stored."""

    __tablename__ = "oauth_token"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "grant_id"], ["oauth_grant.store_id", "oauth_grant.id"]),
        UniqueConstraint("token_hash"),
        CheckConstraint("kind IN ('access', 'refresh')", name="kind"),
        Index("oauth_token_grant_idx", "store_id", "grant_id"),
        Index("oauth_token_expires_idx", "expires_at"),
    )

    grant_id: Mapped[KeyText]
    kind: Mapped[TokenKind] = mapped_column(KEY_TEXT)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[Texts]
    expires_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When a refresh token was rotated. Presented again, it revokes the grant."""
    created_at: Mapped[Instant]
