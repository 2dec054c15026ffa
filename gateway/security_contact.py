"""``/.well-known/security.txt`` (RFC 9116): whom to tell of a vulnerability."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from domain.kernel.clock import Clock

PATH = "/.well-known/security.txt"
VALID_FOR = timedelta(days=180)
"""The RFC recommends less than a year."""


def security_contact_routes(contact: str | None, public_url: str | None, clock: Clock) -> list[BaseRoute]:
    """The route, if there is a contact (a ``mailto:`` or ``https:`` URI). ``public_url``: of the gateway."""
    if contact is None:
        return []

    async def respond(_: Request) -> Response:
        expires = (clock() + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
        lines = [f"Contact: {contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
        if public_url is not None:
            lines.append(f"Canonical: {public_url}{PATH}")
        return PlainTextResponse("\n".join([*lines, ""]), headers={"Cache-Control": "public, max-age=86400"})

    return [Route(PATH, respond)]
