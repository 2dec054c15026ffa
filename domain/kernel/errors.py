"""The errors of the domain. A domain error carries a code and fields, never an HTTP number.

DomainError
├── MalformedRequest      a parameter, header or cursor that is invalid
│   └── CursorExpired     an event cursor older than the retention
├── Unauthenticated       no credential, or an unknown one
├── Forbidden             authenticated, but not allowed: scope, plan, address
├── NotFound              the object does not exist in the store of the caller
├── Conflict              duplicate, stale version, illegal transition, already in flight
├── ValidationFailed      wrong or unknown fields, one Problem each
├── LimitExceeded         more bytes than one operation may read or return
├── RateLimited           too many requests
└── Unavailable           a required service is unavailable
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

Path = tuple[str | int, ...]
"""The path of a problem in the command, in Python names: ``("variants", 0, "price")``."""


class ErrorCode(StrEnum):
    """The code of a problem. REST and GraphQL use the same codes."""

    REQUIRED = "REQUIRED"
    NULL_NOT_ALLOWED = "NULL_NOT_ALLOWED"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    INVALID = "INVALID"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    TOO_SMALL = "TOO_SMALL"
    TOO_LARGE = "TOO_LARGE"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    DUPLICATE = "DUPLICATE"
    READ_ONLY = "READ_ONLY"
    NOT_FOUND = "NOT_FOUND"
    TAKEN = "TAKEN"
    VERSION_MISMATCH = "VERSION_MISMATCH"
    ILLEGAL_TRANSITION = "ILLEGAL_TRANSITION"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    AMOUNT_EXCEEDED = "AMOUNT_EXCEEDED"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    IN_FLIGHT = "IN_FLIGHT"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"


_NAMED = re.compile("`([a-z][a-z0-9_]*)`")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with one field."""

    path: Path
    code: ErrorCode
    message: str
    """What is wrong and what is valid. Names of other fields are written as ``with_names`` reads them."""


def with_names(message: str, name: Callable[[str], str]) -> str:
    """A message with the field names of a surface. A field in a message is its Python name in backquotes; ``name``
    returns its name on the surface."""
    return _NAMED.sub(lambda found: name(found[1]), message) if "`" in message else message


class DomainError(Exception):
    """An error that the caller can act on. ``message`` may be shown to the caller."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)


class MalformedRequest(DomainError):
    """An invalid parameter: a bad cursor, ``limit=201``, an unknown sort."""

    @classmethod
    def of(cls, name: str, message: str, code: ErrorCode = ErrorCode.INVALID) -> MalformedRequest:
        """The error for one parameter ``name``."""
        return cls.naming([Problem((name,), code, message)])

    @classmethod
    def naming(cls, problems: Sequence[Problem]) -> MalformedRequest:
        """The error for one or more parameters; the message is about the first."""
        name = ".".join(map(str, problems[0].path))
        shown = f"`{name}`" if _NAMED.fullmatch(f"`{name}`") else name
        return cls(f"{shown}: {problems[0].message}", problems)


class CursorExpired(MalformedRequest):
    """An event cursor older than the retention."""

    def __init__(self, name: str = "after") -> None:
        """``name``: the parameter with the cursor."""
        message = "Events after this cursor are no longer stored. Start again without a cursor."
        super().__init__(message, [Problem((name,), ErrorCode.CURSOR_EXPIRED, message)])


class Unauthenticated(DomainError):
    """No credential, or one that is unknown, revoked or expired."""


class Forbidden(DomainError):
    """The caller is authenticated but not allowed to do this."""

    def __init__(self, message: str, missing_scope: str | None = None) -> None:
        super().__init__(message)
        self.missing_scope = missing_scope


class NotFound(DomainError):
    """The object does not exist in the store of the caller."""

    def __init__(self, noun: str, path: Path = ("id",)) -> None:
        message = f"{noun[0].upper()}{noun[1:]} not found."
        super().__init__(message, [Problem(path, ErrorCode.NOT_FOUND, message)])


class Conflict(DomainError):
    """The request is valid, but the current state does not allow it."""

    def __init__(self, message: str, code: ErrorCode, path: Path = (), *, retry_after: int | None = None) -> None:
        super().__init__(message, [Problem(path, code, message)])
        self.code = code
        self.retry_after = retry_after
        """Seconds after which the same request may succeed; None if waiting does not help."""

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> Conflict:
        """The error for one or more fields, all with the same code."""
        conflict = cls(problems[0].message, problems[0].code, problems[0].path)
        conflict.problems = tuple(problems)
        return conflict


class ValidationFailed(DomainError):
    """One or more fields are invalid; every problem is listed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        super().__init__(found[0].message if len(found) == 1 else f"{len(found)} fields are invalid.", found)

    @classmethod
    def of(cls, path: Path, code: ErrorCode, message: str) -> ValidationFailed:
        """The error for one field at ``path``."""
        return cls([Problem(path, code, message)])


class LimitExceeded(DomainError):
    """An operation reads or returns more than its limit allows."""

    def __init__(self, limit: str, maximum: int, actual: int | None) -> None:
        """``actual``: the size of the operation; None if it was stopped before the size was known."""
        shown = "" if actual is None else f"{actual:,}, "
        super().__init__(f"The operation exceeds the limit of {limit}: {shown}at most {maximum:,} allowed.")
        self.limit = limit
        self.maximum = maximum
        self.actual = actual


class RateLimited(DomainError):
    """Too many requests; try again after ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A required service is unavailable; try again after ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Overloaded(Unavailable):
    """The process has more requests than it can serve in time. Nothing was done for this one."""
