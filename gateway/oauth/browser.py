"""A user's browser: its cookies, and whether a form comes from a page of ours.

A form is accepted with a token that only our pages contain: an HMAC over the cookie of the session, keyed with a random
cookie that no other site can read or, thanks to ``__Host-``, set. Browsers also say where a form was; with
``Referrer-Policy: no-referrer`` they send ``Origin: null`` for our own, so ``Sec-Fetch-Site`` decides then.
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.access.oauth import SESSION_LIFETIME, SignedInUser, find_session
from domain.access.tokens import random_secret
from domain.kernel.database import Database
from gateway.oauth.issuer import Issuer

MAX_COOKIE_LENGTH = 100


class Browser:
    """Reads and sets the cookies."""

    def __init__(self, database: Database, issuer: Issuer) -> None:
        self._database = database
        self._issuer = issuer

    async def user(self, request: Request) -> SignedInUser | None:
        """Who is signed in. Raises Unavailable."""
        cookie = self._cookie(request, "session")
        if not cookie:
            return None
        async with self._database.identifying() as connection:
            return await find_session(connection, cookie, self._database.clock())

    def form_token(self, request: Request) -> tuple[str, str | None]:
        """What forms of a page must contain, and the cookie to be set with it if the browser has none yet."""
        key = self._cookie(request, "csrf")
        new = None if key else random_secret()
        return _form_token(key or new or "", self._cookie(request, "session")), new

    def check_form(self, request: Request, given: str) -> None:
        """Raises HTTPException 403 for a form that no page of ours has sent."""
        key, origin = self._cookie(request, "csrf"), request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        is_ours = site == "same-origin" or (site is None and origin in (None, self._origin(request)))
        is_foreign = origin not in (None, "null", self._origin(request))
        expected = _form_token(key, self._cookie(request, "session"))
        if not key or not is_ours or is_foreign or not hmac.compare_digest(expected.encode(), given.encode()):
            raise HTTPException(403, "The form is out of date. Go back, load the page again and retry.")

    def set_form_key(self, request: Request, response: Response, key: str) -> None:
        """Set the cookie that ``form_token`` asked for."""
        self._set(request, response, "csrf", key, None)

    def sign_in(self, request: Request, response: Response, cookie: str) -> None:
        """Set the cookie of a new session."""
        self._set(request, response, "session", cookie, int(SESSION_LIFETIME.total_seconds()))

    def sign_out(self, request: Request, response: Response) -> None:
        """Let the browser forget its session."""
        self._set(request, response, "session", "", 0)

    def is_secure(self, request: Request) -> bool:
        """Whether browsers reach the gateway by TLS."""
        return self._issuer.of(request).startswith("https://")

    def _set(self, request: Request, response: Response, name: str, value: str, seconds: int | None) -> None:
        secure = self.is_secure(request)
        response.set_cookie(
            self._name(request, name), value, seconds, path="/", secure=secure, httponly=True, samesite="lax"
        )

    def _cookie(self, request: Request, name: str) -> str:
        value = request.cookies.get(self._name(request, name), "")
        return value if value.isascii() and len(value) <= MAX_COOKIE_LENGTH else ""

    def _name(self, request: Request, name: str) -> str:
        """``__Host-`` needs TLS, which a loopback address may do without."""
        return f"{'__Host-' if self.is_secure(request) else ''}gateway_{name}"

    def _origin(self, request: Request) -> str:
        scheme, _, rest = self._issuer.of(request).partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"


def _form_token(key: str, session: str) -> str:
    return hmac.new(key.encode(), session.encode(), hashlib.sha256).hexdigest()
