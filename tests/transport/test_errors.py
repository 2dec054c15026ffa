"""Each failure has one response, and none of them shows what is inside."""

from __future__ import annotations

import logging

import orjson
import pytest
from starlette.exceptions import HTTPException

from domain.kernel.errors import (
    Conflict,
    ErrorCode,
    Forbidden,
    MalformedRequest,
    NotFound,
    Overloaded,
    Problem,
    RateLimited,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
)
from rest_compat.wire_format import WIRE_FORMAT
from transport.errors import SHOWN_CHARACTERS, SHOWN_PROBLEMS, render_error

TABLE = [
    (MalformedRequest.of("limit", "Must be at most 200."), 400, "validation_error", {}),
    (Unauthenticated("No."), 401, "authentication_error", {"www-authenticate": "Bearer"}),
    (Forbidden("The API key lacks the scope x.", "x"), 403, "authorization_error", {}),
    (NotFound("product"), 404, "not_found", {}),
    (Conflict("Taken.", ErrorCode.TAKEN), 409, "conflict", {}),
    (Conflict("Wait.", ErrorCode.IN_FLIGHT, retry_after=1), 409, "conflict", {"retry-after": "1"}),
    (ValidationFailed.of(("a",), ErrorCode.INVALID, "No."), 422, "validation_error", {}),
    (RateLimited("Slow down.", 60), 429, "rate_limit_exceeded", {"retry-after": "60"}),
    (Unavailable("Away.", 7), 503, "server_error", {"retry-after": "7"}),
    (Overloaded("Too many.", 2), 503, "server_error", {"retry-after": "2"}),
    (HTTPException(404), 404, "not_found", {}),
    (HTTPException(405, headers={"Allow": "GET"}), 405, "validation_error", {"allow": "GET"}),
    (HTTPException(413), 413, "validation_error", {}),
    (RuntimeError("password=hunter2"), 500, "server_error", {}),
]


@pytest.mark.parametrize(("error", "status", "code", "headers"), TABLE)
def test_every_failure_has_its_status_code_and_headers(
    error: Exception, status: int, code: str, headers: dict[str, str]
) -> None:
    answer = render_error(error, "req_1", WIRE_FORMAT.name)
    body = orjson.loads(answer.body)["error"]
    assert (answer.status_code, body["code"], body["request_id"]) == (status, code, "req_1")
    assert set(body) == {"code", "message", "details", "request_id"}
    special = {"www-authenticate", "retry-after", "allow"}
    assert {name: value for name, value in answer.headers.items() if name in special} == headers


def test_a_request_that_is_shed_writes_no_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """There are thousands of them at once. Taken out to see it fail: Overloaded in ``render_error``."""
    with caplog.at_level(logging.DEBUG):
        render_error(Overloaded("Too many.", 2), "req_1", WIRE_FORMAT.name)
        assert caplog.records == []
        render_error(Unavailable("Away.", 7), "req_1", WIRE_FORMAT.name)
    assert len(caplog.records) == 1


def test_an_unforeseen_failure_is_logged_under_its_request_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "gateway.requests"):
        answer = render_error(RuntimeError("password=hunter2"), "req_1", WIRE_FORMAT.name)
    assert b"hunter2" not in answer.body
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "req_1" in record.getMessage()


def test_details_name_fields_as_rest_spells_them() -> None:
    problems = [
        Problem(("expected_version",), ErrorCode.TOO_SMALL, "Must be at least 1."),
        Problem(("variants", 0, "price"), ErrorCode.INVALID, "Must be an amount of money."),
        Problem(("expected_version",), ErrorCode.UNKNOWN_FIELD, "Unknown field."),
    ]
    details = orjson.loads(render_error(ValidationFailed(problems), "req_1", WIRE_FORMAT.name).body)["error"]["details"]
    assert [detail["field"] for detail in details] == ["version", "variants.0.price", "expected_version"]
    assert details[0] == {"field": "version", "message": "Must be at least 1.", "code": "TOO_SMALL"}


def test_what_is_quoted_back_is_short_and_printable() -> None:
    name = "\ud800" + "x" * 1_000_000
    problems = [Problem((name,), ErrorCode.UNKNOWN_FIELD, "Unknown field.")] * 1_000
    body = render_error(ValidationFailed(problems), "req_1", WIRE_FORMAT.name).body
    details = orjson.loads(body)["error"]["details"]
    assert len(details) == SHOWN_PROBLEMS
    assert details[0]["field"] == "?" + "x" * (SHOWN_CHARACTERS - 1)
