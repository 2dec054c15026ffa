"""Large bodies, sent as fast as they are taken."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PART_BYTES = 262_144
"""Of a body that is handed to the server at once; the next part waits until the client has taken this one."""


async def send_in_parts(body: bytes, send: Send) -> None:
    """Send a body whose head was sent."""
    view = memoryview(body)
    for begin in range(0, len(view), PART_BYTES):
        end = begin + PART_BYTES
        part = bytes(view[begin:end])
        await send({"type": "http.response.body", "body": part, "more_body": end < len(view)})


async def send_as_taken(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response; a large one part by part."""
    if len(response.body) <= PART_BYTES or type(response) is not Response:
        await response(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send_in_parts(bytes(response.body), send)
