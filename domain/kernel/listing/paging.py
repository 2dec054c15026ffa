"""Windows into lists, and their cursors.

Paging is by keyset: a cursor contains the sort key and the id of a row, and the list (sort, direction, filter) it
belongs to. It is plain text (``c1~name.asc.5f0c…~red mug~prod_…``), so that SQL can write the same one; clients treat
it as opaque.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Integer
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

from domain.kernel.clock import EPOCH, to_milliseconds
from domain.kernel.errors import ErrorCode, MalformedRequest
from domain.kernel.validation import is_storable

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_PAGE = 1_000_000
MAX_CURSOR_LENGTH = 2_000
"""Characters: the longest name is 255 characters of up to 4 bytes."""


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a list: ``limit`` rows after (or before) a cursor, or from an offset.

    ``cursor_name``: the parameter with the cursor, for messages.
    """

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    backwards: bool = False
    offset: int = 0
    cursor_name: str = field(default="cursor", compare=False)


def connection_window(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """The window of a Relay connection. Raises MalformedRequest for both directions at once or a bad size."""
    for name, cursor in (("after", after), ("before", before)):
        if cursor is not None:
            _check_cursor(name, cursor)
    if last is None and before is None:
        return Window(_checked("first", first), after, cursor_name="after")
    if first is not None or after is not None:
        raise MalformedRequest.of("first", "Use `first` with `after`, or `last` with `before`, not both.")
    return Window(_checked("last", last), before, backwards=True, cursor_name="before")


def page_window(page: int, limit: int) -> Window:
    """The window of an offset page, counted from 1; the bounds are checked where the parameters are read."""
    return Window(limit, offset=(page - 1) * limit)


def _checked(name: str, size: int | None) -> int:
    if size is None:
        return DEFAULT_LIMIT
    if not 0 <= size <= MAX_LIMIT:
        code = ErrorCode.TOO_SMALL if size < 0 else ErrorCode.TOO_LARGE
        raise MalformedRequest.of(name, f"Must be between 0 and {MAX_LIMIT}, not {size}.", code)
    return size


def _check_cursor(name: str, cursor: str) -> None:
    """Before anything is done with it."""
    if len(cursor) > MAX_CURSOR_LENGTH:
        message = f"Invalid cursor. A cursor has at most {MAX_CURSOR_LENGTH:,} characters, not {len(cursor):,}."
        raise MalformedRequest.of(name, message, ErrorCode.TOO_LONG)
    if not is_storable(cursor):
        raise MalformedRequest.of(name, "Invalid cursor.")


def list_fingerprint(sort: str, descending: bool, filters: Mapping[str, Any]) -> str:
    """The fingerprint that binds a cursor to its list: sort, direction and a digest of the filter."""
    fingerprint = f"{sort}.{'desc' if descending else 'asc'}"
    if not filters:
        return fingerprint
    digest = hashlib.sha256(orjson.dumps(filters, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
    return f"{fingerprint}.{digest[:12]}"


def write_cursor(fingerprint: str, key: Any, id: str) -> str:
    """The cursor of a row whose sort key is ``key``."""
    return f"c1~{fingerprint}~{to_milliseconds(key) if isinstance(key, datetime) else key}~{id}"


def read_cursor(cursor: str, fingerprint: str, kind: TypeEngine[Any], name: str = "cursor") -> tuple[Any, str]:
    """Sort key and id of a cursor. Raises MalformedRequest, blaming the parameter ``name``, when it is not one, or one
    of another list.
    """
    _check_cursor(name, cursor)
    head, _, rest = cursor.partition("~")
    found, _, rest = rest.partition("~")
    key, separator, id = rest.rpartition("~")
    if head != "c1" or not separator:
        raise MalformedRequest.of(name, "Invalid cursor.")
    if found != fingerprint:
        raise MalformedRequest.of(
            name, "The cursor belongs to a list with another sort or filter. Start again without it."
        )
    try:
        return _typed(key, kind), id
    except (ValueError, OverflowError):
        raise MalformedRequest.of(name, "Invalid cursor.") from None


def _typed(key: str, kind: TypeEngine[Any]) -> Any:
    if isinstance(kind, TIMESTAMP):
        return EPOCH + timedelta(milliseconds=int(key))
    if isinstance(kind, Integer):
        number = int(key)
        bits = 63 if isinstance(kind, BigInteger) else 31
        if not -(2**bits) <= number < 2**bits:
            raise ValueError(key)
        return number
    return key
