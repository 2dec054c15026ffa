"""The pages of users: signing in, invitations, passwords, sessions; and what is tried with them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from ipaddress import ip_network

import httpx
import pytest

from domain.access import oauth
from domain.access.service.authentication import hash_secret
from domain.kernel.database import Database
from gateway.oauth.page_templates import describe_browser
from tests.conftest import Shop
from tests.gateway.conftest import Serving
from tests.gateway.oauth.conftest import (
    PASSWORD,
    Account,
    Application,
    Browser,
    MakeUser,
    Proof,
    authorization_path,
    challenge_of,
)

SESSION = "gateway_session"
NEW = "another long password"


@pytest.fixture
async def fresh(serve: Callable[..., AbstractAsyncContextManager[Serving]]) -> AsyncGenerator[Browser]:
    """A browser of a gateway that has counted no failed log-in yet, and trusts a proxy on this machine."""
    async with serve(trusted_proxies=(ip_network("127.0.0.0/8"),)) as own:
        headers = {"X-Forwarded-Proto": "https"}
        async with httpx.AsyncClient(base_url=own.url, timeout=20, headers=headers) as client:
            yield Browser(client)


async def signed_in(browser: Browser) -> bool:
    """Whether the browser's session still works."""
    return (await browser.http.get("/account/sessions")).status_code == 200


async def test_signing_in_sets_a_cookie_of_which_only_the_hash_is_stored(
    browser: Browser, user: Account, database: Database
) -> None:
    answer = await browser.sign_in(user)
    (cookie,) = [value for value in answer.headers.get_list("set-cookie") if value.startswith(SESSION)]
    parts = {part.strip() for part in cookie.split(";")}
    assert {"HttpOnly", "Path=/", "SameSite=lax"} < parts
    secret = browser.http.cookies[SESSION]
    async with database.system_connection() as connection:
        rows = await connection.fetch("SELECT * FROM user_session WHERE user_id = $1", user.id)
    assert [row["cookie_hash"] for row in rows] == [hash_secret(secret)]
    assert secret not in str(rows)
    assert await signed_in(browser)


async def test_a_session_is_never_the_one_of_before(browser: Browser, user: Account) -> None:
    """Session fixation: a cookie that was there before is replaced, and its session ends."""
    browser.http.cookies.set(SESSION, "A" * 43)
    await browser.sign_in(user)
    first = [cookie.value for cookie in browser.http.cookies.jar if cookie.name == SESSION][-1]
    assert first != "A" * 43
    browser.http.cookies.clear()
    browser.http.cookies.set(SESSION, str(first))
    await browser.sign_in(user)
    browser.http.cookies.clear()
    browser.http.cookies.set(SESSION, str(first))
    assert not await signed_in(browser)


@pytest.mark.parametrize("password", ["", "wrong password", PASSWORD.upper(), PASSWORD + " ", "x" * 200])
async def test_a_wrong_password_and_an_unknown_user_look_the_same(fresh: Browser, user: Account, password: str) -> None:
    wrong = await fresh.sign_in(user, password)
    unknown = await fresh.sign_in(Account("", "nobody@example.com"), PASSWORD)
    assert (wrong.status_code, unknown.status_code) == (400, 400)
    assert "The e-mail address or the password is wrong." in wrong.text
    blank = re.compile(r'value="[^"]*"|nonce="[^"]*"')
    assert blank.sub("", wrong.text) == blank.sub("", unknown.text)
    assert not await signed_in(fresh)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/account/sessions",
        "/\\evil.example",
        "\\\\evil.example",
        "/account/sign-in",
        "/v2/products",
        "javascript:alert(1)",
        "/oauth/authorize\r\nX: y",
        " //evil.example",
        "http:///oauth/authorize",
    ],
)
async def test_signing_in_leads_to_our_own_pages_only(
    browser: Browser, user: Account, gateway: Serving, target: str
) -> None:
    answer = await browser.sign_in(user, next=target)
    location = answer.headers["location"]
    assert location == f"{gateway.url}/account/sessions" or location.startswith(f"{gateway.url}/oauth/authorize")
    assert "\r" not in location


async def test_failed_log_ins_are_limited_per_user_and_per_address(fresh: Browser, make_user: MakeUser) -> None:
    target, other = await make_user(), await make_user()
    for number in range(10):
        fresh.http.headers["X-Forwarded-For"] = f"198.51.100.{number}"
        assert (await fresh.sign_in(target, "wrong password")).status_code == 400
    fresh.http.headers["X-Forwarded-For"] = "198.51.100.99"
    refused = await fresh.sign_in(target)  # the right password does not help any more
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 900
    assert (await fresh.sign_in(other)).status_code == 303
    fresh.http.headers["X-Forwarded-For"] = "2001:db8::1"
    for number in range(10):
        fresh.http.headers["X-Forwarded-For"] = f"2001:db8::{number}"  # one network of 64 bits
        assert (await fresh.sign_in(Account("", f"{number}@example.com"), "wrong password")).status_code == 400
    assert (await fresh.sign_in(other)).status_code == 429
    fresh.http.headers["X-Forwarded-For"] = "203.0.113.7"
    assert (await fresh.sign_in(other)).status_code == 303


async def test_many_attempts_at_once_are_not_more_than_the_limit(fresh: Browser, user: Account) -> None:
    page = await fresh.http.get("/account/sign-in")
    token = page.text.partition('name="csrf" value="')[2][:64]
    form = {"csrf": token, "email": user.email, "password": "wrong password"}
    answers = await asyncio.gather(*(fresh.http.post("/account/sign-in", data=form) for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [400] * 10 + [429] * 20


async def test_success_is_not_counted(fresh: Browser, user: Account) -> None:
    for _ in range(12):
        assert (await fresh.sign_in(user)).status_code == 303


async def test_forms_are_refused_without_their_token(browser: Browser, user: Account) -> None:
    await browser.sign_in(user)
    for path in ("/account/sign-in", "/account/sign-out", "/account/password", "/account/sessions"):
        answer = await browser.http.post(path, data={"all": "1", "email": user.email, "password": PASSWORD})
        assert answer.status_code == 403, path
        assert answer.headers["content-type"].startswith("text/html")
    answer = await browser.http.post("/account/invitation?token=x", data={"password": NEW, "repeated": NEW})
    assert answer.status_code == 403
    assert await signed_in(browser)


@pytest.mark.parametrize("body", [b"\xff", b"a=%FF", b"&".join(b"a=1" for _ in range(30)), b"a=" + b"x" * 20_000])
async def test_malformed_forms_are_refused(browser: Browser, body: bytes) -> None:
    answer = await browser.http.post("/account/sign-in", content=body)
    assert answer.status_code in (400, 413)


async def test_pages_need_a_session_and_lead_back(browser: Browser, user: Account, gateway: Serving) -> None:
    for path in ("/account/sessions", "/account/password"):
        answer = await browser.http.get(path)
        assert answer.headers["location"] == f"{gateway.url}/account/sign-in?next={path.replace('/', '%2F')}"


async def test_one_session_or_all_are_ended(
    browser: Browser, user: Account, gateway: Serving, make_user: MakeUser
) -> None:
    async with (
        httpx.AsyncClient(base_url=gateway.url) as second,
        httpx.AsyncClient(base_url=gateway.url, headers={"User-Agent": "Tablet <b>"}) as third,
    ):
        others = [Browser(second), Browser(third)]
        for each in (browser, *others):
            await each.sign_in(user)
        page = (await browser.http.get("/account/sessions")).text
        ids = re.findall(r'name="session" value="(ses_\w+)"', page)
        assert len(ids) == 3
        assert "Tablet &lt;b&gt;" in page
        await browser.submit("/account/sessions", session=ids[0])  # newest first
        assert [await signed_in(each) for each in (browser, *others)] == [True, True, False]
        stranger = others[1]
        await stranger.sign_in(await make_user())
        await stranger.submit("/account/sessions", session=ids[1])  # another user's
        assert await signed_in(others[0])
        answer = await browser.submit("/account/sessions", all="1")
        assert answer.headers["location"].endswith("/account/sign-in?notice=out")
        assert [await signed_in(each) for each in (browser, *others)] == [False, False, True]


async def test_signing_out_ends_the_session_on_the_server(browser: Browser, user: Account) -> None:
    await browser.sign_in(user)
    secret = browser.http.cookies[SESSION]
    page = await browser.http.get("/account/sessions")
    token = page.text.partition('name="csrf" value="')[2][:64]
    assert (await browser.http.post("/account/sign-out", data={"csrf": token})).status_code == 303
    assert SESSION not in browser.http.cookies
    browser.http.cookies.set(SESSION, secret)
    assert not await signed_in(browser)


async def test_sessions_expire(browser: Browser, user: Account, database: Database) -> None:
    await browser.sign_in(user)
    async with database.system_connection() as connection:
        await connection.execute(
            "UPDATE user_session SET expires_at = created_at - $2::interval WHERE user_id = $1",
            user.id,
            timedelta(seconds=1),
        )
    assert not await signed_in(browser)


async def test_a_password_is_changed_by_who_knows_it_and_ends_the_other_sessions(fresh: Browser, user: Account) -> None:
    await fresh.sign_in(user)
    async with httpx.AsyncClient(base_url=fresh.http.base_url, headers=fresh.http.headers) as second:
        other = Browser(second)
        await other.sign_in(user)
        for fields, problem in (
            ({"current": "wrong password", "password": NEW, "repeated": NEW}, "The current password is wrong."),
            ({"current": PASSWORD, "password": NEW, "repeated": "different"}, "The two passwords differ."),
            ({"current": PASSWORD, "password": "short", "repeated": "short"}, "12 to 128 characters"),
        ):
            refused = await fresh.submit("/account/password", **fields)
            assert refused.status_code == 400
            assert problem in refused.text
        done = await fresh.submit("/account/password", current=PASSWORD, password=NEW, repeated=NEW)
        assert done.headers["location"].endswith("/account/sessions?notice=changed")
        assert await signed_in(fresh)
        assert not await signed_in(other)
        assert (await other.sign_in(user)).status_code == 400
        assert (await other.sign_in(user, NEW)).status_code == 303


async def test_an_invitation_sets_the_first_password_once(browser: Browser, database: Database, shop: Shop) -> None:
    account = shop.live.store.account_id

    async def invite() -> oauth.Invitation:
        async with database.admin_transaction() as administration:
            return await oauth.invite_user(
                administration,
                database.clock(),
                account,
                email="New@Example.com",
                name="New",
                role=oauth.UserRole.SUPPORT,
            )

    replaced, invited = await invite(), await invite()
    assert replaced.user_id == invited.user_id
    path = f"/account/invitation?token={invited.secret}"
    assert (await browser.http.get(f"/account/invitation?token={replaced.secret}")).status_code == 404
    short = await browser.submit(path, password="short", repeated="short")
    assert (short.status_code, "12 to 128 characters" in short.text) == (400, True)
    assert (await browser.sign_in(Account("", "new@example.com"), "short")).status_code == 400
    done = await browser.submit(path, password=NEW, repeated=NEW)
    assert done.headers["location"].endswith("/account/sign-in?notice=joined")
    used = await browser.http.get(path)
    assert (used.status_code, "This invitation does not work" in used.text) == (404, True)
    assert (await browser.sign_in(Account("", " NEW@example.com"), NEW)).status_code == 303
    async with database.system_connection() as connection:
        row = await connection.fetchrow("SELECT * FROM account_user WHERE id = $1", invited.user_id)
        stored = await connection.fetch("SELECT * FROM user_invitation WHERE user_id = $1", invited.user_id)
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert invited.secret not in str(stored)
    async with database.admin_transaction() as administration:
        await oauth.remove_user(administration, database.clock(), account, "new@example.com")


async def test_an_invitation_expires(browser: Browser, database: Database, shop: Shop) -> None:
    async with database.admin_transaction() as administration:
        invited = await oauth.invite_user(
            administration,
            database.clock() - timedelta(days=7),
            shop.live.store.account_id,
            email=f"late-{shop.live.store.number}@example.com",
            name="Late",
            role=oauth.UserRole.OWNER,
        )
    assert (await browser.http.get(f"/account/invitation?token={invited.secret}")).status_code == 404
    assert (await browser.http.get("/account/invitation?token=%C3%A4")).status_code == 404
    assert (await browser.http.get("/account/invitation")).status_code == 404


async def test_pages_are_served_as_they_are_protected(browser: Browser) -> None:
    page = await browser.http.get("/account/sign-in")
    policy = page.headers["content-security-policy"]
    nonce = re.search(r"style-src 'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert f'<style nonce="{nonce[1]}">' in page.text
    assert policy == (
        f"default-src 'none'; style-src 'nonce-{nonce[1]}'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    assert "style=" not in page.text
    answer = await browser.http.put("/account/sign-in")
    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD", "POST"})


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11) Gecko/20100101 Firefox/140.0", "Firefox"),
        ("curl/8", "curl/8"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_described_in_words(user_agent: str, shown: str) -> None:
    assert describe_browser(user_agent) == shown


async def test_somebody_else_can_sign_in_on_the_consent_page(
    browser: Browser, user: Account, make_user: MakeUser, public: Application, gateway: Serving
) -> None:
    path = authorization_path(public, **challenge_of(Proof()))
    await browser.sign_in(user)
    page = (await browser.http.get(path)).text
    token = page.partition('name="csrf" value="')[2][:64]
    answer = await browser.http.post("/account/sign-out", data={"csrf": token, "next": path})
    assert answer.headers["location"] == gateway.url + path
    assert not await signed_in(browser)
    other = await make_user()
    assert (await browser.sign_in(other, next=path)).headers["location"] == gateway.url + path
    assert other.email in (await browser.http.get(path)).text
