"""Cursors of the log: the position of an event, opaque to callers. They follow commit order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.kernel.errors import MalformedRequest

CURSOR_PATTERN = r"e1\.([1-9][0-9]{0,17}|0)"
_FORM = re.compile(CURSOR_PATTERN)


@dataclass(frozen=True, slots=True)
class Passed:
    """No event, but how far a follower has come: it has seen all it wants up to here, and may resume after it."""

    position: int


def write_position(position: int) -> str:
    """The cursor of an event at ``position``."""
    return f"e1.{position}"


def read_position(cursor: str, name: str = "after") -> int:
    """The position that a cursor says. Raises MalformedRequest, naming the parameter, when it is not one."""
    found = _FORM.fullmatch(cursor)
    if found is None:
        raise MalformedRequest.of(name, "Not a cursor of the event log.")
    return int(found[1])
