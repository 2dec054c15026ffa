"""The authorization endpoint (RFC 6749, 3.1): GET shows what a client asks for, POST is the user's decision.

Nothing is redirected to a client that is unknown, or to a redirect URI that it has not registered. All redirects are
303, so that no form is sent on, and name the issuer (RFC 9207).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.access.oauth import (
    ROLE_SCOPES,
    OAuthParty,
    OAuthRecords,
    SignedInUser,
    find_oauth_party,
    in_order,
    with_oauth_records,
)
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from gateway.oauth.browser import Browser
from gateway.oauth.issuer import Issuer
from gateway.oauth.library import LibraryRequest, OAuth2Error
from gateway.oauth.library_grants import build_server
from gateway.oauth.page_templates import REDIRECT_HEADERS, PageTemplates
from gateway.oauth.parameters import OAuthRequestError, parse_parameters
from gateway.oauth.scope_texts import scope_lines
from gateway.oauth.user_forms import read_user_form, sign_in_location


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A valid request: what a client asks a user for."""

    client: str
    redirect_uri: str
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class AuthorizationOutcome:
    """How a request ended: an error, or a user's decision. ``location``: where the browser goes; None if nowhere."""

    description: str
    location: str | None


class Authorization:
    """Asks users."""

    def __init__(self, database: Database, issuer: Issuer, browser: Browser, pages: PageTemplates) -> None:
        self._database = database
        self._issuer = issuer
        self._browser = browser
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """The consent page; the sign-in page for a user who is not signed in; an error of the client."""
        checked = await self._check(request)
        if isinstance(checked, Response):
            return checked
        party, asked = checked
        user = await self._browser.user(request)
        if user is None:
            return RedirectResponse(self._issuer.of(request) + sign_in_location(request), 303, REDIRECT_HEADERS)
        if user.account_id != party.store.account_id:
            return self._wrong_account(request, user)
        allowed = in_order(ROLE_SCOPES[user.role].intersection(asked.scopes))
        if not allowed:
            return await self._decide(request, party, user, allows=True)
        return self._form(
            request,
            "consent",
            form_target=_source(asked.redirect_uri),
            user=user,
            client=asked.client,
            mode=party.store.mode.value,
            target=_shown_target(asked.redirect_uri),
            lines=scope_lines(allowed),
            back=_here(request),
        )

    async def decide(self, request: Request) -> Response:
        """What the user's button says, told to the client. Raises HTTPException 403."""
        form = await read_user_form(request)
        self._browser.check_form(request, form.get("csrf", ""))
        checked = await self._check(request)
        if isinstance(checked, Response):
            return checked
        party, _ = checked
        user = await self._browser.user(request)
        if user is None:
            return RedirectResponse(self._issuer.of(request) + sign_in_location(request), 303, REDIRECT_HEADERS)
        if user.account_id != party.store.account_id:
            return self._wrong_account(request, user)
        return await self._decide(request, party, user, allows=form.get("decision") == "allow")

    async def _check(self, request: Request) -> Response | tuple[OAuthParty, AuthorizationRequest]:
        """The request and the store of its client, or the response that ends it."""
        try:
            parameters = parse_parameters(request.url.query)
        except OAuthRequestError as refused:
            return self._error(refused.description)
        async with self._database.identifying() as connection:
            party = await find_oauth_party(connection, parameters.get("client_id", ""))
        if party is None:
            return self._error("The application is unknown.")
        given = LibraryRequest("GET", {}, parameters)
        caller = Principal(party.store, frozenset(), parameters["client_id"])
        async with self._database.transaction(caller, request.state.request_id) as work:
            asked = await with_oauth_records(work, None, partial(_checked, given))
        if isinstance(asked, AuthorizationOutcome):
            return self._redirect(request, asked)
        return party, asked

    async def _decide(self, request: Request, party: OAuthParty, user: SignedInUser, *, allows: bool) -> Response:
        given = LibraryRequest("GET", {}, parse_parameters(request.url.query))
        caller = Principal(party.store, frozenset(), user.id)
        async with self._database.transaction(caller, request.state.request_id) as work:
            run = partial(_decided, given, user.id if allows else None)
            decided = await with_oauth_records(work, user.role, run)
        return self._redirect(request, decided)

    def _redirect(self, request: Request, refused: AuthorizationOutcome) -> Response:
        if refused.location is None:
            return self._error(refused.description)
        location = _with_issuer(refused.location, self._issuer.of(request))
        return RedirectResponse(location, 303, REDIRECT_HEADERS)

    def _error(self, description: str) -> Response:
        return self._pages.render("error", 400, title="This link does not work", text=description)

    def _wrong_account(self, request: Request, user: SignedInUser) -> Response:
        return self._form(request, "wrong_account", 403, user=user, back=_here(request))

    def _form(self, request: Request, name: str, status: int = 200, form_target: str = "", **values: Any) -> Response:
        token, new_key = self._browser.form_token(request)
        page = self._pages.render(name, status, form_target=form_target, token=token, **values)
        if new_key is not None:
            self._browser.set_form_key(request, page, new_key)
        return page


def _checked(given: LibraryRequest, records: OAuthRecords) -> AuthorizationRequest | AuthorizationOutcome:
    try:
        grant = build_server(records).get_consent_grant(given)
    except OAuth2Error as error:
        return _outcome_of(error)
    return AuthorizationRequest(grant.client.row.name, grant.redirect_uri, given.scope.split())


def _decided(given: LibraryRequest, user_id: str | None, records: OAuthRecords) -> AuthorizationOutcome:
    server = build_server(records)
    try:
        grant = server.get_consent_grant(given)
    except OAuth2Error as error:  # the client was revoked meanwhile
        return _outcome_of(error)
    answer = server.create_authorization_response(given, user_id, grant)
    return AuthorizationOutcome("", answer.headers["Location"])


def _outcome_of(error: OAuth2Error) -> AuthorizationOutcome:
    description = error.get_error_description() or error.error
    location = dict(error()[2]).get("Location") if error.redirect_uri else None
    return AuthorizationOutcome(description, location)


def _here(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}"


def _with_issuer(location: str, issuer: str) -> str:
    parts = urlsplit(location)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("iss", issuer)])
    return parts._replace(query=query).geturl()


def _source(redirect_uri: str) -> str:
    """A redirect URI as a content security policy names it: browsers apply ``form-action`` to redirects too."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _shown_target(redirect_uri: str) -> str:
    parts = urlsplit(redirect_uri)
    return parts.netloc or f"an app on this device ({parts.scheme})"
