"""Error responses: the one place that maps a domain error to an HTTP status.

The body is always ``{"error": {"code", "message", "details": [{"field", "message", "code"}], "request_id"}}``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.kernel.card_numbers import mask_card_numbers
from domain.kernel.documents import Document, TextMember
from domain.kernel.errors import (
    Conflict,
    DomainError,
    ErrorCode,
    Forbidden,
    LimitExceeded,
    MalformedRequest,
    NotFound,
    Overloaded,
    Problem,
    RateLimited,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
    with_names,
)

AUTHENTICATION = "authentication_error"
AUTHORIZATION = "authorization_error"
VALIDATION = "validation_error"
NOT_FOUND = "not_found"
CONFLICT = "conflict"
RATE_LIMIT = "rate_limit_exceeded"
SERVER = "server_error"
CODES = (AUTHENTICATION, AUTHORIZATION, VALIDATION, NOT_FOUND, RATE_LIMIT, CONFLICT, SERVER)
"""Every code of an error response, in the order of the platform document."""

SHOWN_PROBLEMS = 100
"""Problems in one response. A body of a megabyte can contain a hundred thousand invalid fields."""
SHOWN_CHARACTERS = 500

FieldName = Callable[[str], str]
"""Converts the Python name of a field to its name on the surface."""

_STATUSES: tuple[tuple[type[DomainError], int, str], ...] = (
    (MalformedRequest, 400, VALIDATION),
    (LimitExceeded, 400, VALIDATION),
    (Unauthenticated, 401, AUTHENTICATION),
    (Forbidden, 403, AUTHORIZATION),
    (NotFound, 404, NOT_FOUND),
    (Conflict, 409, CONFLICT),
    (ValidationFailed, 422, VALIDATION),
    (RateLimited, 429, RATE_LIMIT),
    (Unavailable, 503, SERVER),
)
_HTTP_CODES = {401: AUTHENTICATION, 403: AUTHORIZATION, 404: NOT_FOUND, 409: CONFLICT, 410: NOT_FOUND, 429: RATE_LIMIT}
_PHRASES = {404: "No such path.", 405: "Method not allowed. See the `Allow` header."}

_log = logging.getLogger("gateway.requests")


class ProblemDocument(Document):
    """A problem with one field."""

    field = TextMember("The path of the field, such as `variants.0.price`.", example="input.3.price")
    message = TextMember("The error message.", example="Must not be negative.")
    code = TextMember("The error code, such as `TOO_LONG`.", example="TOO_SMALL")


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """The response to a failure."""

    status: int
    code: str
    message: str
    problems: tuple[Problem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def render_error(error: Exception, request_id: str, field_name: FieldName = str) -> Response:
    """Build the response to any exception. An unexpected one is logged with its traceback and shows no details."""
    refusal = refusal_of(error)
    if refusal.status >= 500 and not isinstance(error, Overloaded):  # of which there are many at once; they are counted
        expected = isinstance(error, DomainError | HTTPException)
        _log.log(
            logging.WARNING if expected else logging.ERROR,
            "request %s failed: %s",
            request_id,
            error,
            exc_info=None if expected else error,
        )
    body = orjson.dumps({"error": _body(refusal, request_id, field_name)})
    headers = {"Cache-Control": "no-store", **refusal.headers}
    return Response(body, refusal.status, headers, media_type="application/json")


def error_codes(error: Exception) -> tuple[str, ...]:
    """The code of a failure and the codes of its problems, without duplicates."""
    refusal = refusal_of(error)
    return tuple(dict.fromkeys((refusal.code, *(problem.code.value for problem in refusal.problems))))


def example_of(error: Exception, request_id: str, field_name: FieldName = str) -> dict[str, object]:
    """Build the body of the response to an exception, without logging it."""
    return _body(refusal_of(error), request_id, field_name)


def refusal_of(error: Exception) -> ErrorResponse:
    """Status, code and headers of a failure."""
    if isinstance(error, HTTPException):
        return _http(error)
    for kind, status, code in _STATUSES:
        if isinstance(error, kind):
            return ErrorResponse(status, code, error.message, error.problems, _headers(error))
    return ErrorResponse(500, SERVER, "Internal error. Quote the request id when you report it.")


def _http(error: HTTPException) -> ErrorResponse:
    """Errors that only HTTP has: unknown paths, methods, media types, sizes."""
    code = SERVER if error.status_code >= 500 else _HTTP_CODES.get(error.status_code, VALIDATION)
    message = _PHRASES.get(error.status_code, error.detail) if _is_bare(error) else error.detail
    return ErrorResponse(error.status_code, code, message, headers=error.headers or {})


def _is_bare(error: HTTPException) -> bool:
    """Whether the error was raised without a message."""
    return error.detail == HTTPStatus(error.status_code).phrase


def _headers(error: DomainError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, Conflict | RateLimited | Unavailable) and error.retry_after is not None:
        return {"Retry-After": str(error.retry_after)}
    return {}


def _body(refusal: ErrorResponse, request_id: str, field_name: FieldName) -> dict[str, object]:
    return {
        "code": refusal.code,
        "message": _printable(with_names(refusal.message, field_name)),
        "details": [detail_of(problem, field_name) for problem in refusal.problems[:SHOWN_PROBLEMS]],
        "request_id": request_id,
    }


def detail_of(problem: Problem, field_name: FieldName) -> dict[str, str]:
    """Describe what is wrong with one field."""
    *above, last = problem.path or ("",)
    # The name of an unknown field is already as the client wrote it.
    name = last if problem.code is ErrorCode.UNKNOWN_FIELD else field_name(str(last))
    field = ".".join([*(field_name(str(part)) for part in above), str(name)])
    message = _printable(with_names(problem.message, field_name))
    return {"field": _printable(field), "message": message, "code": problem.code.value}


def _printable(text: str) -> str:
    """``text`` with bounded length, without lone surrogates and card numbers: quoted input may have all of them."""
    return mask_card_numbers(text)[:SHOWN_CHARACTERS].encode("utf-8", "replace").decode()
