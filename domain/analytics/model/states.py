"""How far facts are folded, and which sums do not hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, Base, StoreKey


class SalesStaleDay(Base):
    """A day (UTC) whose sums by category and country, and whose overlaps, do not hold: reports read its lines."""

    __tablename__ = "sales_stale_day"

    store_id: Mapped[StoreKey]
    day: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)


class SalesStaleMonth(Base):
    """A month (UTC) whose sums by product do not hold: reports read its lines."""

    __tablename__ = "sales_stale_month"

    store_id: Mapped[StoreKey]
    month: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)


class SalesState(Base):
    """How far the sales of a store are folded."""

    __tablename__ = "sales_state"
    __table_args__ = (Index("sales_state_rebuild_idx", "store_id", postgresql_where=text("rebuild_after IS NOT NULL")),)

    store_id: Mapped[StoreKey]
    as_of: Mapped[datetime | None] = mapped_column(INSTANT)
    """The time of the last event that was folded."""
    rebuild_after: Mapped[int | None] = mapped_column(BigInteger)
    """The number of the last order that a rebuild has read; null if none is running."""


class SalesCursor(Base):
    """One row: the position up to which the event log is folded. Whoever folds locks it."""

    __tablename__ = "sales_cursor"
    __table_args__ = (CheckConstraint("single", name="single"),)

    single: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    position: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
