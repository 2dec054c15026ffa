"""Where imported orders come from: what keeps them from being imported twice."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import KEY_TEXT, Base, Instant, KeyText, StoreKey


class ImportedOrder(Base):
    """An order that was imported. Source and number are unique in the store."""

    __tablename__ = "imported_order"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        Index("imported_order_order_idx", "store_id", "order_id"),
    )

    store_id: Mapped[StoreKey]
    source: Mapped[str] = mapped_column(KEY_TEXT, primary_key=True)
    """The system that it comes from."""
    number: Mapped[str] = mapped_column(KEY_TEXT, primary_key=True)
    """What that system calls it."""
    order_id: Mapped[KeyText]
    import_id: Mapped[KeyText]
    """The id of the job that imported it."""
    created_at: Mapped[Instant]
    """When it was imported."""
