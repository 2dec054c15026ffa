"""Answers to what never becomes a request of the application."""

from __future__ import annotations

from http import HTTPStatus

import orjson

from domain.kernel.ids import new_id

VALIDATION, SERVER = "validation_error", "server_error"
"""As in ``transport.errors``, which is not imported: a worker process must report that it is alive before it has loaded
the whole application, and its protocols are loaded first.
"""


def refusal(status: HTTPStatus, message: str, *headers: tuple[bytes, bytes]) -> bytes:
    """The bytes of an error response as any other (contract.md, 4), after which the connection is closed."""
    request_id = new_id("req")
    code = SERVER if status >= HTTPStatus.INTERNAL_SERVER_ERROR else VALIDATION
    error = {"code": code, "message": message, "details": [], "request_id": request_id}
    body = orjson.dumps({"error": error})
    lines = [
        b"HTTP/1.1 %d %s" % (status.value, status.phrase.encode()),
        b"connection: close",
        b"cache-control: no-store",
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"x-request-id: %s" % request_id.encode(),
        *(b"%s: %s" % each for each in headers),
    ]
    return b"\r\n".join([*lines, b"", body])
