"""The forms of users' pages, and where a user goes after signing in."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.oauth.issuer import AUTHORIZE_PATH

SIGN_IN_PATH = "/account/sign-in"
SIGN_OUT_PATH = "/account/sign-out"
INVITATION_PATH = "/account/invitation"
PASSWORD_PATH = "/account/password"  # noqa: S105 - a path
SESSIONS_PATH = "/account/sessions"
MAX_FORM_BYTES = 16 * 1024
MAX_FIELDS = 20
_TARGETS = (AUTHORIZE_PATH, PASSWORD_PATH, SESSIONS_PATH)


async def read_user_form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises HTTPException 400, 413."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS))
    except ValueError:
        raise HTTPException(400, "The form is invalid.") from None


def sign_in_location(request: Request) -> str:
    """The sign-in page, which leads back to the page that was requested."""
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return f"{SIGN_IN_PATH}?{urlencode({'next': here})}"


def safe_target(given: str) -> str:
    """Where a user goes after signing in: a page of ours that needs it. Anything else, such as another site, is not."""
    try:
        parts = urlsplit(given)
    except ValueError:
        return SESSIONS_PATH
    is_ours = not parts.scheme and not parts.netloc and parts.path in _TARGETS
    return given if is_ours and given.isascii() and given.startswith(parts.path) else SESSIONS_PATH
