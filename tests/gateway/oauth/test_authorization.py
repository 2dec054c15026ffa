"""The authorization endpoint: what users are asked, and where they are sent, and where never."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain import access
from domain.access import oauth
from domain.access.commands import RevokeOAuthClient
from domain.kernel.database import Database
from tests.conftest import Shop
from tests.gateway.conftest import Serving
from tests.gateway.oauth.conftest import (
    CALLBACK,
    Account,
    Application,
    Browser,
    MakeClient,
    MakeUser,
    Proof,
    authorization_path,
    challenge_of,
    redirected,
)

CHALLENGE = challenge_of(Proof())


def stays(answer: httpx.Response, status: int = 400) -> None:
    """Nothing is redirected, and nothing can be framed, run or kept."""
    assert answer.status_code == status, answer.text
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_a_user_who_is_not_signed_in_signs_in_first_and_comes_back(
    browser: Browser, user: Account, public: Application, gateway: Serving
) -> None:
    path = authorization_path(public, **CHALLENGE)
    answer = await browser.http.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
    location = urlsplit(answer.headers["location"])
    assert (location.path, parse_qs(location.query)["next"]) == ("/account/sign-in", [path])
    answer = await browser.sign_in(user, next=path)
    assert (answer.status_code, answer.headers["location"]) == (303, gateway.url + path)
    page = await browser.http.get(answer.headers["location"])
    stays(page, 200)
    assert "Allow Order desk to use your account?" in page.text
    assert "https://app.example" in page.headers["content-security-policy"]


async def test_allowing_and_refusing_redirect_with_the_state_and_the_issuer(
    browser: Browser, user: Account, public: Application, gateway: Serving
) -> None:
    await browser.sign_in(user)
    for decision, found in (("allow", "code"), ("deny", "error")):
        answer = await browser.decide(public, decision, **CHALLENGE)
        assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
        assert answer.headers["referrer-policy"] == "no-referrer"
        told = redirected(answer)
        assert (told["state"], told["iss"]) == ("the state", gateway.url)
        assert found in told
    assert told["error"] == "access_denied"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"scope": "orders:delete"}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
async def test_wrong_requests_of_a_known_client_are_told_to_it_with_the_issuer(
    web: httpx.AsyncClient, public: Application, gateway: Serving, changed: dict[str, str | None], error: str
) -> None:
    """Before anybody is asked to sign in."""
    answer = await web.get(authorization_path(public, **{**CHALLENGE, **changed}))
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
    told = redirected(answer)
    assert (told["error"], told["state"], told["iss"]) == (error, "the state", gateway.url)
    assert "code" not in told


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback/",
        "https://app.example/callback?a=1",
        "https://app.example/callback/../callback",
        "https://app.example/Callback",
        "https://APP.example/callback",
        "https://app.example:443/callback",
        "https://app.example/callback#",
        "http://app.example/callback",
        "https://app.example.evil.example/callback",
        "https://app.example@evil.example/callback",
        "https://evil.example/callback",
        "//evil.example/callback",
        "javascript:alert(1)",
        'https://app.example/callback"',
        "https://app.example/callb\u00e4ck",
        "https://app.example/callback\r\nX: y",
    ],
)
async def test_only_a_registered_redirect_uri_is_ever_redirected_to(
    browser: Browser, user: Account, public: Application, uri: str
) -> None:
    await browser.sign_in(user)
    stays(await browser.http.get(authorization_path(public, **CHALLENGE, redirect_uri=uri)))
    stays(await browser.http.get(authorization_path(public, redirect_uri=uri, response_type="token")))
    stays(await browser.http.get(authorization_path(public, redirect_uri=uri, scope="nonsense")))


@pytest.mark.parametrize("client_id", ["cli_00000000000000000000000000", "%00", "\u00e4", "' OR 1=1", None])
async def test_an_unknown_client_gets_no_redirect(web: httpx.AsyncClient, client_id: str | None) -> None:
    stays(await web.get(authorization_path(Application("", None), **CHALLENGE, client_id=client_id)))


async def test_a_revoked_client_gets_no_redirect(
    browser: Browser, user: Account, public: Application, database: Database, shop: Shop
) -> None:
    await browser.sign_in(user)
    async with database.transaction(shop.live) as work:
        await oauth.revoke_oauth_client(work, shop.live, RevokeOAuthClient(id=public.id))
    stays(await browser.http.get(authorization_path(public, **CHALLENGE)))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "response_type", "code_challenge"])
async def test_repeated_parameters_are_refused_without_a_redirect(
    browser: Browser, user: Account, public: Application, name: str
) -> None:
    await browser.sign_in(user)
    path = authorization_path(public, **CHALLENGE)
    again = parse_qs(urlsplit(path).query)[name][0]
    stays(await browser.http.get(f"{path}&{name}={again}"))


async def test_a_redirect_uri_may_be_left_out_where_one_is_registered(
    browser: Browser, user: Account, public: Application, make_client: MakeClient
) -> None:
    await browser.sign_in(user)
    assert "code" in redirected(await browser.decide(public, **CHALLENGE, redirect_uri=None))
    two = await make_client(redirect_uris=(CALLBACK, "https://other.example/"))
    stays(await browser.http.get(authorization_path(two, **CHALLENGE, redirect_uri=None)))


async def test_the_query_of_a_redirect_uri_stays_and_an_app_may_have_a_scheme_of_its_own(
    browser: Browser, user: Account, make_client: MakeClient
) -> None:
    await browser.sign_in(user)
    uris = ("https://app.example/callback?shop=1", "com.example.app:/callback")
    client = await make_client(redirect_uris=uris)
    told = redirected(await browser.decide(client, **CHALLENGE, redirect_uri=uris[0]))
    assert told["shop"] == "1"
    assert "code" in told
    page = await browser.http.get(authorization_path(client, **CHALLENGE, redirect_uri=uris[1]))
    assert page.headers["content-security-policy"].endswith("form-action 'self' com.example.app:")
    answer = await browser.decide(client, **CHALLENGE, redirect_uri=uris[1])
    assert answer.headers["location"].startswith("com.example.app:/callback?code=")


async def test_a_client_belongs_to_one_account(
    browser: Browser, make_user: MakeUser, public: Application, other_shop: Shop
) -> None:
    await browser.sign_in(await make_user(other_shop.live))
    page = await browser.http.get(authorization_path(public, **CHALLENGE))
    stays(page, 403)
    assert "another account" in page.text
    answer = await browser.submit("/account/sign-in", email="a@b.example", password="wrong password")
    assert answer.status_code == 400


async def test_the_decision_of_a_user_of_another_account_is_refused(
    browser: Browser, user: Account, make_user: MakeUser, public: Application, other_shop: Shop
) -> None:
    await browser.sign_in(await make_user(other_shop.live))
    path = authorization_path(public, **CHALLENGE)
    page = await browser.http.get(path)
    token = page.text.partition('name="csrf" value="')[2][:64]
    stays(await browser.http.post(path, data={"csrf": token, "decision": "allow"}), 403)


async def test_a_user_without_any_of_the_scopes_cannot_allow_them(
    browser: Browser, make_user: MakeUser, public: Application
) -> None:
    await browser.sign_in(await make_user(role=oauth.UserRole.READ_ONLY))
    answer = await browser.http.get(authorization_path(public, **CHALLENGE, scope="orders:write access:write"))
    assert redirected(answer)["error"] == "access_denied"


async def test_the_consent_page_shows_only_what_the_user_can_allow(
    browser: Browser, make_user: MakeUser, public: Application
) -> None:
    await browser.sign_in(await make_user(role=oauth.UserRole.READ_ONLY))
    page = await browser.http.get(authorization_path(public, **CHALLENGE, scope="orders:read orders:write"))
    assert "<strong>Orders and returns</strong>: see<" in page.text


async def test_what_a_client_calls_itself_is_escaped(browser: Browser, user: Account, make_client: MakeClient) -> None:
    client = await make_client(name="<script>alert(1)</script>\"'")
    await browser.sign_in(user)
    page = await browser.http.get(authorization_path(client, **CHALLENGE))
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_a_decision_needs_the_form_of_the_page(browser: Browser, user: Account, public: Application) -> None:
    """Cross-site request forgery: no token, another browser's, that of before signing in, another origin."""
    path = authorization_path(public, **CHALLENGE)
    before = (await browser.http.get("/account/sign-in")).text.partition('name="csrf" value="')[2][:64]
    await browser.sign_in(user)
    stays(await browser.http.post(path, data={"decision": "allow"}), 403)
    for token in ("", "0" * 64, "\u00e4", before):
        stays(await browser.http.post(path, data={"decision": "allow", "csrf": token}), 403)
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        stays(await browser.submit(path, headers, decision="allow"), 403)
    ours = str(browser.http.base_url).rstrip("/")
    for headers in ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": ours}):
        assert (await browser.submit(path, headers, decision="allow")).status_code == 303


async def test_a_decision_without_a_session_leads_to_the_sign_in_page(
    browser: Browser, public: Application, gateway: Serving
) -> None:
    path = authorization_path(public, **CHALLENGE)
    token = (await browser.http.get("/account/sign-in")).text.partition('name="csrf" value="')[2][:64]
    answer = await browser.http.post(path, data={"decision": "allow", "csrf": token})
    assert answer.headers["location"].startswith(f"{gateway.url}/account/sign-in?next=%2Foauth%2Fauthorize")


async def test_the_metadata_names_the_issuer_and_endpoints_that_exist(web: httpx.AsyncClient, gateway: Serving) -> None:
    answer = await web.get("/.well-known/oauth-authorization-server")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = answer.json()
    assert found["issuer"] == gateway.url
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    for name, url in found.items():
        if name.endswith("_endpoint"):
            method = "GET" if name == "authorization_endpoint" else "POST"
            assert (await web.request(method, url)).status_code in (400, 415), name


async def test_the_issuer_is_the_public_url_or_this_machine(
    serve: Callable[..., AbstractAsyncContextManager[Serving]], gateway: Serving, web: httpx.AsyncClient
) -> None:
    path = "/.well-known/oauth-authorization-server"
    async with serve(public_url="https://api.shop.example") as own, httpx.AsyncClient(base_url=own.url) as client:
        assert (await client.get(path)).json()["issuer"] == "https://api.shop.example"
        assert (await client.get(path, headers={"Host": "evil.example"})).json()["issuer"] == "https://api.shop.example"
        page = await client.get("/account/sign-in")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-gateway_csrf=")
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= {part.strip() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()
    assert (await web.get(path, headers={"Host": "evil.example"})).status_code == 503
    assert (await web.get(path, headers={"Host": "localhost:1"})).json()["issuer"] == "http://localhost:1"
    cookie = (await web.get("/account/sign-in")).headers["set-cookie"]
    assert cookie.startswith("gateway_csrf=")
    assert "Secure" not in cookie


async def test_codes_and_tokens_are_audited_with_who_caused_them(
    browser: Browser, user: Account, public: Application, database: Database, shop: Shop
) -> None:
    await browser.sign_in(user)
    await browser.code(public, Proof())
    async with database.read_connection(access.system_principal(shop.live.store).store) as db:
        rows = await db._connection.fetch("SELECT action, actor, object_id FROM audit_entry ORDER BY id")
    assert ("client.authorized", user.id, public.id) in {tuple(row) for row in rows}
    assert ("client.created", "system", public.id) in {tuple(row) for row in rows}
