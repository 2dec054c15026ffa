"""What the processor of test stores remembers: as any processor, it does a call with one key once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import Instant, KeyText, StoreOwned


class SandboxOperation(StoreOwned):
    """A call that the sandbox has received. Its id is the key of the call."""

    __tablename__ = "sandbox_operation"
    __table_args__ = (Index("sandbox_operation_id_idx", "id"),)

    kind: Mapped[KeyText]
    """The class of the request."""
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """``{"data": …}`` or ``{"code": …, "message": …}``."""
    created_at: Mapped[Instant]
