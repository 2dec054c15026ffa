"""The routes of OAuth and of the pages of users."""

from __future__ import annotations

import logging
import math

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.kernel.database import Database
from domain.kernel.errors import DomainError, RateLimited, Unavailable
from gateway.oauth.account_pages import AccountPages
from gateway.oauth.authorization import Authorization
from gateway.oauth.browser import Browser
from gateway.oauth.endpoints import ClientEndpoints, Enter
from gateway.oauth.issuer import (
    AUTHORIZE_PATH,
    INTROSPECT_PATH,
    METADATA_PATH,
    REVOKE_PATH,
    TOKEN_PATH,
    Issuer,
)
from gateway.oauth.page_templates import PageTemplates
from gateway.oauth.user_forms import INVITATION_PATH, PASSWORD_PATH, SESSIONS_PATH, SIGN_IN_PATH, SIGN_OUT_PATH
from gateway.settings import Settings
from transport.errors import error_codes
from transport.resource import Handler, Resource


def oauth_routes(database: Database, settings: Settings, enter: Enter) -> list[BaseRoute]:
    """The authorization server and the pages of its users. ``enter``: see ``ClientEndpoints``."""
    logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it logs the tokens that it issues
    issuer, pages = Issuer(settings.public_url), PageTemplates()
    browser = Browser(database, issuer)
    clients = ClientEndpoints(database, issuer, enter)
    authorization = Authorization(database, issuer, browser, pages)
    account = AccountPages(database, issuer, browser, pages, settings.trusted_proxies)

    def page(path: str, post: Handler, get: Handler | None = None) -> Route:
        handlers = {"POST": post} if get is None else {"GET": get, "POST": post}
        return Route(path, Resource({method: _as_page(each, pages) for method, each in handlers.items()}))

    return [
        Route(METADATA_PATH, Resource({"GET": clients.metadata})),
        Route(TOKEN_PATH, Resource({"POST": clients.token})),
        Route(REVOKE_PATH, Resource({"POST": clients.revoke})),
        Route(INTROSPECT_PATH, Resource({"POST": clients.introspect})),
        page(AUTHORIZE_PATH, authorization.decide, authorization.show),
        page(SIGN_IN_PATH, account.sign_in, account.show_sign_in),
        page(SIGN_OUT_PATH, account.sign_out),
        page(INVITATION_PATH, account.accept_invitation, account.show_invitation),
        page(PASSWORD_PATH, account.set_password, account.show_password),
        page(SESSIONS_PATH, account.end_sessions, account.show_sessions),
    ]


def _as_page(handler: Handler, pages: PageTemplates) -> Handler:
    """The handler, with a page for what it refuses."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except (HTTPException, DomainError) as refused:
            request.state.error_codes = error_codes(refused)
            return _refusal(refused, pages)

    return handle


def _refusal(refused: HTTPException | DomainError, pages: PageTemplates) -> Response:
    title = "The request failed"
    if isinstance(refused, HTTPException):
        return pages.render("error", refused.status_code, title=title, text=refused.detail)
    if not isinstance(refused, RateLimited | Unavailable):
        raise refused
    minutes = math.ceil(refused.retry_after / 60)
    text = f"{refused.message} Retry in {minutes} minute{'s' if minutes > 1 else ''}."
    page = pages.render("error", 429 if isinstance(refused, RateLimited) else 503, title=title, text=text)
    page.headers["Retry-After"] = str(refused.retry_after)
    return page
