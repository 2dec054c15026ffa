"""Large bodies, sent as fast as the client reads them."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PART_BYTES = 262_144
"""Bytes passed to the server at once; the next part waits until the client has read this one."""


def parts_of(body: bytes) -> Iterator[bytes]:
    """The body in parts, as they are passed to the server."""
    if len(body) <= PART_BYTES:
        yield body
        return
    view = memoryview(body)
    for begin in range(0, len(view), PART_BYTES):
        yield bytes(view[begin : begin + PART_BYTES])


async def send_in_parts(body: bytes, send: Send) -> None:
    """Send a body whose head was sent."""
    sent = 0
    for part in parts_of(body):
        sent += len(part)
        await send({"type": "http.response.body", "body": part, "more_body": sent < len(body)})


async def send_as_taken(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response; a large one part by part."""
    if len(response.body) <= PART_BYTES or type(response) is not Response:
        await response(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send_in_parts(bytes(response.body), send)
