"""The whole flow by a client library that is not ours: requests-oauthlib."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from oauthlib.oauth2 import BackendApplicationClient, InvalidGrantError
from requests_oauthlib import OAuth2Session

from tests.gateway.conftest import Serving
from tests.gateway.oauth.conftest import CALLBACK, Account, Application, Browser

R = TypeVar("R")


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library insists on TLS, which a loopback address does without."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


async def off_loop(call: Callable[..., R], *arguments: Any, **options: Any) -> R:
    """The library is synchronous, and the server runs in this loop."""
    return await asyncio.to_thread(call, *arguments, **options)


async def test_a_web_application_signs_a_user_in_refreshes_and_revokes(
    gateway: Serving, browser: Browser, user: Account, confidential: Application
) -> None:
    token_url, secret = f"{gateway.url}/oauth/token", confidential.secret
    session = OAuth2Session(confidential.id, redirect_uri=CALLBACK, scope=["orders:read", "products:read"], pkce="S256")
    url, state = session.authorization_url(f"{gateway.url}/oauth/authorize")
    await browser.sign_in(user)
    answer = await browser.submit(url, decision="allow")
    location = answer.headers["location"]
    assert f"state={state}" in location
    # In the order of the server, which the library would otherwise take for a change.
    session.scope = ["products:read", "orders:read"]
    token = await off_loop(session.fetch_token, token_url, authorization_response=location, client_secret=secret)
    assert token["scope"] == ["products:read", "orders:read"]
    orders = await off_loop(session.get, f"{gateway.url}/v2/orders")
    assert (orders.status_code, orders.json()["data"]) == (200, [])
    old = token["refresh_token"]
    fresh = await off_loop(session.refresh_token, token_url, auth=(confidential.id, secret))
    assert fresh["refresh_token"] != old
    assert (await off_loop(session.get, f"{gateway.url}/v2/orders")).status_code == 200
    with pytest.raises(InvalidGrantError):
        await off_loop(session.refresh_token, token_url, refresh_token=old, auth=(confidential.id, secret))
    assert (await off_loop(session.get, f"{gateway.url}/v2/orders")).status_code == 401


async def test_a_single_page_application_does_so_without_a_secret(
    gateway: Serving, browser: Browser, user: Account, public: Application
) -> None:
    session = OAuth2Session(public.id, redirect_uri=CALLBACK, scope=["orders:read"], pkce="S256")
    url, _ = session.authorization_url(f"{gateway.url}/oauth/authorize")
    await browser.sign_in(user)
    location = (await browser.submit(url, decision="allow")).headers["location"]
    token = await off_loop(
        session.fetch_token,
        f"{gateway.url}/oauth/token",
        authorization_response=location,
        include_client_id=True,
    )
    assert token["access_token"].startswith("live_at_")
    assert (await off_loop(session.get, f"{gateway.url}/v2/orders")).status_code == 200


async def test_a_server_uses_its_own_credentials(gateway: Serving, confidential: Application) -> None:
    session = OAuth2Session(client=BackendApplicationClient(confidential.id, scope=["products:read"]))
    await off_loop(session.fetch_token, f"{gateway.url}/oauth/token", auth=(confidential.id, confidential.secret))
    assert (await off_loop(session.get, f"{gateway.url}/v2/products")).status_code == 200
    assert (await off_loop(session.get, f"{gateway.url}/v2/orders")).status_code == 403
