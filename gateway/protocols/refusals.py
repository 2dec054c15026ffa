"""Answers to what never becomes a request of the application."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException

from domain.kernel.ids import new_id
from rest_compat.errors import render


def refusal(status: HTTPStatus, message: str, **headers: str) -> bytes:
    """The bytes of an answer like any other error's (contract.md, 4), after which the connection is closed."""
    request_id = new_id("req")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = render(HTTPException(status, message, {**named, "X-Request-Id": request_id}), request_id)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), b"connection: close"]
    lines += [b"%s: %s" % each for each in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
