"""The payment processor of a live store."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import Instant, KeyText, StoreOwned


class PaymentSettings(StoreOwned):
    """The keys of a store at its processor, encrypted. One row a store; its id is that of the store."""

    __tablename__ = "payment_settings"

    processor: Mapped[KeyText]
    """``sandbox`` of test stores, ``stripe`` of live ones."""
    secret_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_key_hint: Mapped[str | None]
    """The last four characters."""
    webhook_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    raw_cards: Mapped[bool]
    """Whether the processor accepts card numbers from this account; otherwise tokens only."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
