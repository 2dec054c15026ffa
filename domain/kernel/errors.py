"""The family of failures. A domain error carries a code and fields, never an HTTP number.

DomainError
├── MalformedRequest      a parameter, header or cursor that cannot be read
│   └── CursorExpired     a cursor of the event log that reaches back too far
├── Unauthenticated       no credential, or none that is known
├── Forbidden             known, but not allowed: scope, plan, address
├── NotFound              the thing the caller named does not exist in the caller's store
├── Conflict              duplicate, stale version, illegal transition, already in flight
├── ValidationFailed      wrong or unknown fields, one Problem each
├── LimitExceeded         more bytes than one operation may read or answer
├── RateLimited           too many requests
└── Unavailable           something the answer depends on is away
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

Path = tuple[str | int, ...]
"""Where in the command a problem lies, in Python names: ``("variants", 0, "price")``."""


class ErrorCode(StrEnum):
    """What went wrong with a field or a thing, for programs. REST and GraphQL speak the same words."""

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
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    IN_FLIGHT = "IN_FLIGHT"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"


_NAMED = re.compile("`([a-z][a-z0-9_]*)`")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field."""

    path: Path
    code: ErrorCode
    message: str
    """What is wrong and what is right; the names of other fields as ``with_names`` reads them."""


def with_names(message: str, name: Callable[[str], str]) -> str:
    """A message as a surface writes it: a field that it mentions stands in backquotes by its name in Python, and
    ``name`` says what the surface calls it."""
    return _NAMED.sub(lambda found: name(found[1]), message) if "`" in message else message


class DomainError(Exception):
    """A refusal the caller can act on; ``message`` may be shown to them."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)


class MalformedRequest(DomainError):
    """A parameter that cannot be read: a bad cursor, ``limit=201``, an unknown sort."""

    @classmethod
    def of(cls, name: str, message: str, code: ErrorCode = ErrorCode.INVALID) -> MalformedRequest:
        """The refusal of the one parameter ``name``."""
        return cls.naming([Problem((name,), code, message)])

    @classmethod
    def naming(cls, problems: Sequence[Problem]) -> MalformedRequest:
        """The refusal of several parameters, of which at least one is given; the message is about the first."""
        name = ".".join(map(str, problems[0].path))
        shown = f"`{name}`" if _NAMED.fullmatch(f"`{name}`") else name
        return cls(f"{shown}: {problems[0].message}", problems)


class CursorExpired(MalformedRequest):
    """A cursor of the event log from before what is still kept."""

    def __init__(self, name: str = "after") -> None:
        """``name``: the parameter that gave it."""
        message = "The events after this cursor are no longer kept; begin anew without it."
        super().__init__(message, [Problem((name,), ErrorCode.CURSOR_EXPIRED, message)])


class Unauthenticated(DomainError):
    """No credential, or one that is unknown, revoked or expired."""


class Forbidden(DomainError):
    """The caller is known but may not do this."""

    def __init__(self, message: str, missing_scope: str | None = None) -> None:
        super().__init__(message)
        self.missing_scope = missing_scope


class NotFound(DomainError):
    """The thing itself does not exist in the caller's store."""

    def __init__(self, noun: str, path: Path = ("id",)) -> None:
        message = f"No such {noun}."
        super().__init__(message, [Problem(path, ErrorCode.NOT_FOUND, message)])


class Conflict(DomainError):
    """The request is fine, the state of things is not."""

    def __init__(self, message: str, code: ErrorCode, path: Path = (), *, retry_after: int | None = None) -> None:
        super().__init__(message, [Problem(path, code, message)])
        self.code = code
        self.retry_after = retry_after
        """Seconds after which the same request may succeed; None where waiting does not help."""

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> Conflict:
        """The refusal of several fields, of which at least one is given, all with the same code."""
        conflict = cls(problems[0].message, problems[0].code, problems[0].path)
        conflict.problems = tuple(problems)
        return conflict


class ValidationFailed(DomainError):
    """One or more fields are wrong; every problem found is named."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        super().__init__(found[0].message if len(found) == 1 else f"{len(found)} fields are not valid.", found)

    @classmethod
    def of(cls, path: Path, code: ErrorCode, message: str) -> ValidationFailed:
        """The refusal of the one field at ``path``."""
        return cls([Problem(path, code, message)])


class LimitExceeded(DomainError):
    """An operation reads or answers more than it may; ask for less at a time."""

    def __init__(self, limit: str, maximum: int, asked: int | None) -> None:
        """``asked``: None where it was cut off before it was known."""
        shown = f"more than {maximum:,}" if asked is None else f"{asked:,}"
        super().__init__(f"The limit of {limit} is {maximum:,}; the request asks for {shown}.")
        self.limit = limit
        self.maximum = maximum
        self.asked = asked


class RateLimited(DomainError):
    """Too many requests; try again after ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something this answer depends on is away; try again after ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after
