"""Failures as GraphQL says them: the one place where a domain error meets a code of ``extensions``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from graphql import GraphQLError

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
"""A request of a megabyte can hold a hundred thousand wrong fields; the answer names the first ones, and places."""
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
    """One top-level error, fit to be shown."""

    code: Code
    message: str
    extensions: Mapping[str, Any] = field(default_factory=dict)
    retry_after: int | None = None
    """Seconds after which the same request may succeed."""
    locations: tuple[tuple[int, int], ...] = ()
    path: tuple[str | int, ...] | None = None

    def body(self, request_id: str) -> dict[str, Any]:
        """The error as it is answered."""
        body: dict[str, Any] = {"message": _printable(self.message)}
        if self.locations:
            body["locations"] = [{"line": line, "column": column} for line, column in self.locations]
        if self.path is not None:
            body["path"] = self.path
        body["extensions"] = {"code": self.code, **self.extensions, "requestId": request_id}
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
    """What is told of a failure. What nobody foresaw is logged with its traceback, and says nothing of itself."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Failure(code, client_message(error.message), _extensions(error), getattr(error, "retry_after", None))
    _log.error("request %s failed: %s", request_id, error, exc_info=error)
    return Failure(Code.INTERNAL, "Something went wrong on our side. Quote the request id when you report it.")


def execution_failure(error: GraphQLError, request_id: str) -> Failure:
    """What is told of an error of execution: of what the resolver raised, with its place in the document."""
    cause = error.original_error
    if cause is None or (isinstance(cause, GraphQLError) and cause.nodes):
        # Arguments that do not fit their types are blamed on nodes of the document; a value of ours that does not
        # fit its type never is.
        failure = document_failure(error, Code.BAD_USER_INPUT)
    else:
        failure = failure_of(cause, request_id)
    path = None if error.path is None else tuple(error.path)
    return replace(failure, locations=_locations(error), path=path)


def document_failure(error: GraphQLError, code: Code) -> Failure:
    """What is told of an error in what the client wrote: all of it."""
    return Failure(code, remove_python_terms(error.message), locations=_locations(error))


def limit_exceeded(limit: str, most: int, asked: int | None) -> Failure:
    """The refusal of what goes beyond a limit; ``asked`` where counting went on that far."""
    # Beyond a million the figure says no more, and an integer of thousands of digits would not be written at all.
    shown = f"more than {most:,}" if asked is None else f"{asked:,}" if asked < 1_000_000 else "over a million"
    extensions = {"limit": limit, "maximum": most, "asked": asked if asked is None or asked < 1_000_000 else 1_000_000}
    message = f"The limit of {limit} is {most:,}; the request asks for {shown}."
    return Failure(Code.LIMIT_EXCEEDED, message, extensions)


def _locations(error: GraphQLError) -> tuple[tuple[int, int], ...]:
    return tuple((location.line, location.column) for location in (error.locations or ())[:SHOWN_PROBLEMS])


def _extensions(error: DomainError) -> dict[str, Any]:
    extensions: dict[str, Any] = {}
    if isinstance(error, LimitExceeded):
        extensions |= {"limit": error.limit, "maximum": error.maximum, "asked": error.asked}
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
    """Of bounded length, and without the lone surrogates that JSON can escape but UTF-8 cannot write."""
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
    return shown.encode(errors="replace").decode()
