"""Entities of access: accounts, their two stores, API keys and trusted documents."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.principal import Mode, Plan
from domain.kernel.sql.tables import INSTANT, KEY_TEXT, WIDE_COLUMN, Base, IdKey, Instant, KeyText, StoreOwned, Texts


class LeftWebhooks(StrEnum):
    """What happens to the webhooks of a revoked key."""

    KEEP = "keep"
    DISABLE = "disable"


class KeyState(StrEnum):
    """The state of a key. A key that is both revoked and expired is ``REVOKED``."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class KeyType(StrEnum):
    """What kind of key it is."""

    SECRET = "secret"  # noqa: S105 - the name of a type
    PUBLISHABLE = "publishable"


class Account(Base):
    """A merchant on a plan. Belongs to no store: only ``gateway_system`` reads it."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("plan IN ('free', 'starter', 'professional', 'enterprise')", name="plan"),
        CheckConstraint("hourly_limit > 0 AND daily_limit > 0", name="limits"),
        UniqueConstraint("name_key"),
    )

    id: Mapped[IdKey]
    name: Mapped[str]
    name_key: Mapped[KeyText]
    plan: Mapped[Plan] = mapped_column(KEY_TEXT)
    introspection: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Whether live keys may introspect the GraphQL schema."""
    hourly_limit: Mapped[int | None]
    """Requests per hour of each store, on the enterprise plan. Null: that of the plan."""
    daily_limit: Mapped[int | None]
    """Requests per day, likewise."""
    allowed_addresses: Mapped[Texts]
    """Networks (CIDR) from which the keys of the account work; from everywhere if there are none."""
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class StoreRow(Base):
    """One of an account's two stores. ``number`` is the ``store_id`` of all other rows."""

    __tablename__ = "store"
    __table_args__ = (
        CheckConstraint("mode IN ('live', 'test')", name="mode"),
        UniqueConstraint("account_id", "mode"),
        UniqueConstraint("id"),
    )

    number: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    id: Mapped[KeyText]
    account_id: Mapped[str] = mapped_column(KEY_TEXT, ForeignKey("account.id"))
    mode: Mapped[Mode] = mapped_column(KEY_TEXT)
    currency: Mapped[KeyText]
    created_at: Mapped[Instant]


class ApiKey(StoreOwned):
    """A credential of one store. The secret is returned once; only its hash is stored."""

    __tablename__ = "api_key"
    __table_args__ = (
        ForeignKeyConstraint(["store_id"], ["store.number"]),
        UniqueConstraint("secret_hash"),
        CheckConstraint("hourly_limit > 0 AND daily_limit > 0", name="limits"),
        CheckConstraint("type IN ('secret', 'publishable')", name="type"),
        CheckConstraint(
            "(type = 'publishable') = (address_limit IS NOT NULL)"
            " AND (type = 'publishable') = (cardinality(origins) > 0)"
            " AND (type = 'publishable' OR cardinality(metadata_keys) = 0)"
            " AND address_limit > 0",
            name="publishable",
        ),
        Index(
            "api_key_publishable_idx",
            "store_id",
            "id",
            postgresql_where=text("type = 'publishable' AND revoked_at IS NULL"),
        ),
        Index("api_key_created_idx", "store_id", "created_at", "id"),
        Index("api_key_created_by_idx", "store_id", "created_by"),
        Index("api_key_ends_idx", "store_id", "expires_at", "id", postgresql_where=text("revoked_at IS NULL")),
        Index("api_key_revoked_idx", "store_id", "created_at", "id", postgresql_where=text("revoked_at IS NOT NULL")),
    )

    name: Mapped[str]
    type: Mapped[KeyType] = mapped_column(KEY_TEXT)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hint: Mapped[str]
    """The first and last characters of the secret."""
    scopes: Mapped[Texts]
    version: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(INSTANT)
    revoked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    last_used_at: Mapped[datetime | None] = mapped_column(INSTANT)
    hourly_limit: Mapped[int | None]
    """Requests per hour with this key. Null: no limit of its own."""
    daily_limit: Mapped[int | None]
    """Requests per day, likewise."""
    allowed_addresses: Mapped[Texts]
    """Networks (CIDR) from which it works; from everywhere if there are none."""
    origins: Mapped[Texts]
    """Of a publishable key: the pages and apps from which it works."""
    metadata_keys: Mapped[Texts]
    """Of a publishable key: the members of metadata that it shows."""
    address_limit: Mapped[int | None]
    """Of a publishable key: requests per minute from one client address."""
    rotation_due_at: Mapped[datetime] = mapped_column(INSTANT)
    """When it should be rolled."""
    rejections: Mapped[int]
    """How often it was rejected since ``rejected_since``."""
    rejected_since: Mapped[datetime | None] = mapped_column(INSTANT)
    created_by: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The key that created this one, or its successor after it was rolled. No key outlives the one that created it.
    ``system`` for the command line, null for keys that are older than this column."""
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class ApiKeyAddress(StoreOwned):
    """An address from which a key was used."""

    __tablename__ = "api_key_address"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "key_id"], ["api_key.store_id", "api_key.id"]),
        UniqueConstraint("store_id", "key_id", "address", name="api_key_address_key"),
    )

    key_id: Mapped[KeyText]
    address: Mapped[KeyText]
    created_at: Mapped[Instant]


class TrustedDocument(StoreOwned):
    """A GraphQL document of one store, unique by its hash. Immutable, but that it can become public."""

    __tablename__ = "trusted_document"
    __table_args__ = (
        ForeignKeyConstraint(["store_id"], ["store.number"]),
        UniqueConstraint("store_id", "hash"),
        Index("trusted_document_created_idx", "store_id", "created_at", "id"),
    )

    hash: Mapped[KeyText]
    """SHA-256 of the text's UTF-8, in lower-case hexadecimal."""
    text: Mapped[str] = mapped_column(info=WIDE_COLUMN)
    """Exactly as registered, byte for byte."""
    name: Mapped[str | None]
    public: Mapped[bool]
    """Whether publishable keys may run it."""
    created_at: Mapped[Instant]
