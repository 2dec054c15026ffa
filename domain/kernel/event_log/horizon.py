"""The horizon: the highest position that retention may have dropped. What lies above it is whole."""

from __future__ import annotations

from sqlalchemy import select

from domain.kernel.errors import CursorExpired
from domain.kernel.events import LogState
from domain.kernel.sql.executor import Reader, compile_select

HORIZON = select(LogState.__table__.c.horizon)
"""For statements that leave out what is past."""
_READ = compile_select(HORIZON, "horizon")


async def require_kept(reader: Reader, position: int, name: str = "after") -> None:
    """Raises CursorExpired, naming the parameter, unless every event after ``position`` is still kept.

    To be asked after those events were read: the horizon moves before anything is dropped, so whoever missed one
    finds it moved.
    """
    (row,) = await reader.rows(_READ, {})
    if position < row.horizon:
        raise CursorExpired(name)
