"""Failures of GraphQL: the one place that maps a domain error to a code of ``extensions``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from graphql import GraphQLError

from domain.kernel.card_numbers import mask_card_numbers
from domain.kernel.errors import (
    Conflict,
    CursorExpired,
    DomainError,
    Forbidden,
    LimitExceeded,
    MalformedRequest,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
)
from gateway.execution.variable_errors import remove_python_terms
from resolvers.wire_format import client_field, client_message

_log = logging.getLogger("gateway.graphql")

SHOWN_PROBLEMS = 100
"""Problems and locations in one response. A request of a megabyte can have a hundred thousand invalid fields."""
SHOWN_CHARACTERS = 500


class Code(StrEnum):
    """``extensions.code`` of a top-level error."""

    PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_UNKNOWN = "OPERATION_RESOLUTION_FAILURE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    BAD_REQUEST = "BAD_REQUEST"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    CONFLICT = "CONFLICT"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Failure:
    """One top-level error of a response."""

    code: Code
    message: str
    extensions: Mapping[str, Any] = field(default_factory=dict)
    retry_after: int | None = None
    """Seconds after which the same request may succeed."""
    locations: tuple[tuple[int, int], ...] = ()
    path: tuple[str | int, ...] | None = None

    def body(self, request_id: str) -> dict[str, Any]:
        """The error as JSON."""
        body: dict[str, Any] = {"message": _printable(self.message)}
        if self.locations:
            body["locations"] = [{"line": line, "column": column} for line, column in self.locations]
        if self.path is not None:
            body["path"] = self.path
        body["extensions"] = {"code": self.code, **self.extensions, "requestId": request_id}
        if self.retry_after is not None:  # not every transport has a header for it
            body["extensions"]["retryAfter"] = self.retry_after
        return body


_CODES: tuple[tuple[type[DomainError], Code], ...] = (
    (CursorExpired, Code.CURSOR_EXPIRED),
    (MalformedRequest, Code.BAD_USER_INPUT),
    (ValidationFailed, Code.BAD_USER_INPUT),
    (NotFound, Code.BAD_USER_INPUT),
    (Unauthenticated, Code.UNAUTHENTICATED),
    (Forbidden, Code.FORBIDDEN),
    (Conflict, Code.CONFLICT),
    (LimitExceeded, Code.LIMIT_EXCEEDED),
    (RateLimited, Code.RATE_LIMITED),
    (Unavailable, Code.UNAVAILABLE),
)


def failure_of(error: Exception, request_id: str) -> Failure:
    """The failure of an exception. An unexpected one is logged with its traceback, and no details are shown."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Failure(code, client_message(error.message), _extensions(error), getattr(error, "retry_after", None))
    _log.error("request %s failed: %s", request_id, error, exc_info=error)
    return Failure(Code.INTERNAL, "Internal error. Quote the request id when you report it.")


def execution_failure(error: GraphQLError, request_id: str) -> Failure:
    """The failure of an error of execution: the exception of the resolver, with its location in the document."""
    cause = error.original_error
    if cause is None or (isinstance(cause, GraphQLError) and cause.nodes):
        # Errors about arguments have nodes of the document. An error about a value of ours that does not fit its type
        # never has.
        failure = document_failure(error, Code.BAD_USER_INPUT)
    else:
        failure = failure_of(cause, request_id)
    path = None if error.path is None else tuple(error.path)
    return replace(failure, locations=_locations(error), path=path)


def document_failure(error: GraphQLError, code: Code) -> Failure:
    """The failure of an error in the document of the client, with its whole message."""
    message = mask_card_numbers(remove_python_terms(error.message))
    return Failure(code, message, locations=_locations(error))


def limit_exceeded(limit: str, maximum: int, actual: int | None) -> Failure:
    """The failure of an operation above a limit. ``actual`` is None if counting stopped at the limit."""
    # The figure stops at a million: larger ones add nothing, and an integer of thousands of digits cannot be written.
    if actual is None:
        shown = ""
    else:
        shown = f"{actual:,}, " if actual < 1_000_000 else "over a million, "
        actual = min(actual, 1_000_000)
    message = f"The operation exceeds the limit of {limit}: {shown}at most {maximum:,} allowed."
    return Failure(Code.LIMIT_EXCEEDED, message, {"limit": limit, "maximum": maximum, "actual": actual})


def _locations(error: GraphQLError) -> tuple[tuple[int, int], ...]:
    return tuple((location.line, location.column) for location in (error.locations or ())[:SHOWN_PROBLEMS])


def _extensions(error: DomainError) -> dict[str, Any]:
    extensions: dict[str, Any] = {}
    if isinstance(error, LimitExceeded):
        extensions |= {"limit": error.limit, "maximum": error.maximum, "actual": error.actual}
    if isinstance(error, Forbidden) and error.missing_scope is not None:
        extensions["missingScope"] = error.missing_scope
    if error.problems:
        extensions["problems"] = [
            {"code": problem.code, "message": _shown_message(problem.message), "field": client_field(problem)}
            for problem in error.problems[:SHOWN_PROBLEMS]
        ]
    return extensions


def _shown_message(message: str) -> str:
    return _printable(client_message(message))


def _printable(text: str) -> str:
    """``text`` with bounded length and without lone surrogates, which JSON can escape but UTF-8 cannot encode."""
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
    return shown.encode(errors="replace").decode()
