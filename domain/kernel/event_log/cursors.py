"""Cursors of the log: the position of an event, opaque to callers. They follow commit order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from domain.kernel.errors import CursorExpired, MalformedRequest
from domain.kernel.events import LogState
from domain.kernel.sql.executor import Executor, compile_select

POSITION_PREFIX = "e1."
CURSOR_PATTERN = rf"{re.escape(POSITION_PREFIX)}([1-9][0-9]{{0,17}}|0)"
_FORM = re.compile(CURSOR_PATTERN)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A position without an event: the follower has received its events up to here and may resume after it."""

    position: int


def write_position(position: int) -> str:
    """The cursor of an event at ``position``."""
    return f"{POSITION_PREFIX}{position}"


def read_position(cursor: str, name: str = "after") -> int:
    """The position of a cursor. Raises MalformedRequest, naming the parameter, for an invalid cursor."""
    found = _FORM.fullmatch(cursor)
    if found is None:
        raise MalformedRequest.of(name, "Invalid event cursor.")
    return int(found[1])


HORIZON = select(LogState.__table__.c.horizon)
"""For statements that leave out what is past."""
_READ = compile_select(HORIZON, "horizon")


async def require_retained(db: Executor, position: int, name: str = "after") -> None:
    """Check that every event after ``position`` is still stored. Raises CursorExpired, naming the parameter.

    Call it after those events were read: the horizon moves before anything is dropped, so a subscriber that missed an
    event finds it moved.
    """
    (row,) = await db.rows(_READ, {})
    if position < row.horizon:
        raise CursorExpired(name)
