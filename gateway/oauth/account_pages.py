"""The pages on which users sign in, accept invitations, change passwords, and end their sessions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.access.oauth import (
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    Passwords,
    SignedInUser,
    accept_invitation,
    change_password,
    end_sessions,
    find_invitation,
    find_password,
    sessions_of,
    start_session,
)
from domain.kernel.database import Database
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.validation import fold
from gateway.client_address import Networks
from gateway.oauth.browser import Browser
from gateway.oauth.issuer import Issuer
from gateway.oauth.login_limits import LoginLimits, login_address
from gateway.oauth.page_templates import REDIRECT_HEADERS, PageTemplates
from gateway.oauth.user_forms import (
    SESSIONS_PATH,
    SIGN_IN_PATH,
    read_user_form,
    safe_target,
    sign_in_location,
)

_NOTICES = {
    "joined": "Your password is set. You can sign in now.",
    "out": "You are signed out.",
    "changed": "Your password is changed. You are signed out everywhere else.",
}
"""What a page says after another one, by the value of ``notice`` in its address."""
_LENGTHS = {"min_length": MIN_PASSWORD_LENGTH, "max_length": MAX_PASSWORD_LENGTH}
_WRONG = "The e-mail address or the password is wrong."
_CLOSED = "It was used already, has expired or was replaced by a newer one. Request a new invitation."


class AccountPages:
    """Serves the pages. Every form is checked before anything else is done with it."""

    def __init__(
        self, database: Database, issuer: Issuer, browser: Browser, pages: PageTemplates, proxies: Networks
    ) -> None:
        self._database = database
        self._issuer = issuer
        self._browser = browser
        self._pages = pages
        self._proxies = proxies
        self._passwords = Passwords()
        self._limits = LoginLimits(database.clock)

    async def show_sign_in(self, request: Request) -> Response:
        """The form."""
        return self._sign_in_form(request, 200, "", "", safe_target(request.query_params.get("next", "")))

    async def sign_in(self, request: Request) -> Response:
        """A new session, and on to where the user was going. Raises HTTPException 403, RateLimited."""
        form = await self._checked_form(request)
        email, target = form.get("email", "").strip(), safe_target(form.get("next", ""))
        key, address = fold(email[:MAX_EMAIL_LENGTH]), login_address(request.scope, self._proxies)
        self._limits.begin(address, key)
        async with self._database.identifying() as connection:
            found = await find_password(connection, key.replace("\x00", ""))
        cookie = None
        if await self._passwords.verify(None if found is None else found.hash, form.get("password", "")) and found:
            before = await self._browser.user(request)
            async with self._database.admin_transaction(found.user_id, request.state.request_id) as administration:
                if before is not None:
                    await end_sessions(administration, self._database.clock(), before.id, before.session_id)
                agent = request.headers.get("user-agent", "")
                cookie = await start_session(
                    administration, self._database.clock(), found, user_agent=agent, address=address
                )
        if cookie is None:
            return self._sign_in_form(request, 400, email, _WRONG, target)
        self._limits.succeed(address, key)
        response = self._redirect(request, target)
        self._browser.sign_in(request, response, cookie)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser."""
        form = await self._checked_form(request)
        user = await self._browser.user(request)
        if user is not None:
            async with self._database.admin_transaction(user.id, request.state.request_id) as administration:
                await end_sessions(administration, self._database.clock(), user.id, user.session_id)
        back = safe_target(form.get("next", ""))
        response = self._redirect(request, back if form.get("next") else f"{SIGN_IN_PATH}?notice=out")
        self._browser.sign_out(request, response)
        return response

    async def show_sessions(self, request: Request) -> Response:
        """Where the user is signed in."""
        user = await self._browser.user(request)
        if user is None:
            return self._redirect(request, sign_in_location(request))
        async with self._database.identifying() as connection:
            found = await sessions_of(connection, user.id, self._database.clock())
        return self._form(request, "sessions", 200, user=user, sessions=found, notice=_notice(request))

    async def end_sessions(self, request: Request) -> Response:
        """End one session or all of them."""
        form = await self._checked_form(request)
        user = await self._browser.user(request)
        if user is None:
            return self._redirect(request, SIGN_IN_PATH)
        ended = None if "all" in form else form.get("session", "")
        async with self._database.admin_transaction(user.id, request.state.request_id) as administration:
            await end_sessions(administration, self._database.clock(), user.id, ended)
        if ended not in (None, user.session_id):
            return self._redirect(request, SESSIONS_PATH)
        response = self._redirect(request, f"{SIGN_IN_PATH}?notice=out")
        self._browser.sign_out(request, response)
        return response

    async def show_password(self, request: Request) -> Response:
        """The form of a new password."""
        user = await self._browser.user(request)
        if user is None:
            return self._redirect(request, sign_in_location(request))
        return self._form(request, "password", 200, user=user, problem="", **_LENGTHS)

    async def set_password(self, request: Request) -> Response:
        """Replace the password of who knows it. Raises HTTPException 403, RateLimited."""
        form = await self._checked_form(request)
        user = await self._browser.user(request)
        if user is None:
            return self._redirect(request, SIGN_IN_PATH)
        problem = await self._replace_password(request, user, form)
        if problem is not None:
            return self._form(request, "password", 400, user=user, problem=problem, **_LENGTHS)
        return self._redirect(request, f"{SESSIONS_PATH}?notice=changed")

    async def show_invitation(self, request: Request) -> Response:
        """The form of a first password, for whom the link is."""
        return await self._invitation_form(request, 200, "")

    async def accept_invitation(self, request: Request) -> Response:
        """Set the first password, once. Raises HTTPException 403."""
        form = await self._checked_form(request)
        try:
            hash = await self._passwords.hash(_new_password(form))
        except ValidationFailed as refused:
            return await self._invitation_form(request, 400, refused.message)
        secret = _secret(request)
        async with self._database.admin_transaction("system", request.state.request_id) as administration:
            accepted = await accept_invitation(administration, self._database.clock(), secret, hash)
        if accepted is None:
            return await self._invitation_form(request, 400, "")
        return self._redirect(request, f"{SIGN_IN_PATH}?notice=joined")

    async def _replace_password(self, request: Request, user: SignedInUser, form: dict[str, str]) -> str | None:
        """Returns what is wrong, or None."""
        key, address = fold(user.email), login_address(request.scope, self._proxies)
        self._limits.begin(address, key)
        if not await self._passwords.verify(user.password_hash, form.get("current", "")):
            return "The current password is wrong."
        self._limits.succeed(address, key)
        try:
            hash = await self._passwords.hash(_new_password(form))
        except ValidationFailed as refused:
            return refused.message
        async with self._database.admin_transaction(user.id, request.state.request_id) as administration:
            await change_password(administration, self._database.clock(), user.id, hash, user.session_id)
        return None

    async def _invitation_form(self, request: Request, status: int, problem: str) -> Response:
        async with self._database.identifying() as connection:
            invited = await find_invitation(connection, _secret(request), self._database.clock())
        if invited is None:
            return self._pages.render("error", 404, title="This invitation does not work", text=_CLOSED)
        return self._form(request, "invitation", status, invited=invited, problem=problem, **_LENGTHS)

    def _sign_in_form(self, request: Request, status: int, email: str, problem: str, target: str) -> Response:
        values = {"email": email, "problem": problem, "next": target, "notice": _notice(request)}
        return self._form(request, "sign_in", status, **values)

    def _form(self, request: Request, name: str, status: int, **values: Any) -> Response:
        token, new_key = self._browser.form_token(request)
        page = self._pages.render(name, status, token=token, **values)
        if new_key is not None:
            self._browser.set_form_key(request, page, new_key)
        return page

    async def _checked_form(self, request: Request) -> dict[str, str]:
        form = await read_user_form(request)
        self._browser.check_form(request, form.get("csrf", ""))
        return form

    def _redirect(self, request: Request, target: str) -> Response:
        return RedirectResponse(self._issuer.of(request) + target, 303, REDIRECT_HEADERS)


def _notice(request: Request) -> str:
    return _NOTICES.get(request.query_params.get("notice", ""), "")


def _secret(request: Request) -> str:
    secret = request.query_params.get("token", "")
    return secret if secret.isascii() else ""


def _new_password(form: dict[str, str]) -> str:
    """The new password, entered twice. Raises ValidationFailed if the two differ."""
    if form.get("password", "") != form.get("repeated", ""):
        raise ValidationFailed.of(("password",), ErrorCode.INVALID, "The two passwords differ.")
    return form.get("password", "")
