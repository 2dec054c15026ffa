"""``gateway users`` and ``gateway clients``: what operators do for OAuth."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest

from domain.access import oauth
from domain.kernel.database import Database
from tests.conftest import Shop
from tests.contract.oauth_fixtures import authorize
from tests.gateway.command import gateway_here
from tests.gateway.conftest import Serving
from tests.gateway.oauth.conftest import Application, Browser, add_user, works

Run = Callable[..., subprocess.CompletedProcess[str]]
NOBODY = "cli_00000000000000000000000000"


@pytest.fixture
def command(database_url: str, shop: Shop) -> Run:
    """Runs a command for the account of this test."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        arguments = (*words, "--account", shop.live.store.name)
        return gateway_here(*arguments, GATEWAY_DATABASE_URL=database_url, **settings)

    return run


def printed(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


async def test_an_invitation_prints_a_link_that_works(
    command: Run, database: Database, shop: Shop, gateway: Serving
) -> None:
    email = f"jane-{shop.live.store.number}@example.com"
    invited = ("users", "invite", email, "--name", "Jane Doe", "--role", "support")
    first, link = printed(command(*invited))
    assert re.match(r"usr_\w{26}  valid until 20\d\d-\d\d-\d\d \d\d:\d\d UTC", first)
    assert link.startswith("http://127.0.0.1:8000/account/invitation?token=")
    again, link = printed(command(*invited, GATEWAY_PUBLIC_URL="https://api.shop.example"))
    assert link.startswith("https://api.shop.example/account/invitation?token=")
    assert first[:30] == again[:30]
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        page = await client.get(link.removeprefix("https://api.shop.example"))
    assert (page.status_code, "Welcome, Jane Doe" in page.text) == (200, True)
    (line,) = printed(command("users", "list"))
    assert line.split() == [first[:30], "support", "invited", email, "Jane", "Doe"]
    secret = parse_qs(urlsplit(link).query)["token"][0]
    async with database.admin_transaction() as administration:
        await oauth.accept_invitation(administration, database.clock(), secret, "a hash")
    assert "  active " in printed(command("users", "list"))[0]
    taken = command(*invited)
    assert (taken.returncode, f"The address {email} already has a user." in taken.stderr) == (1, True)
    assert printed(command("users", "remove", email.upper())) == [f"{first[:30]} is removed."]
    assert printed(command("users", "list")) == []
    gone = command("users", "remove", email)
    assert (gone.returncode, "User not found." in gone.stderr) == (1, True)


async def test_a_client_is_created_listed_and_revoked(
    command: Run, database: Database, shop: Shop, gateway: Serving
) -> None:
    made = ("clients", "create", "--mode", "test", "--name", "Desk", "--scopes", "orders:read, products:read")
    id, secret = printed(command(*made, "--type", "confidential", "--quiet"))
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        given = {"grant_type": "client_credentials"}
        token = (await client.post("/oauth/token", data=given, headers=Application(id, secret).basic)).json()
        assert token["scope"] == "products:read orders:read"
        (line,) = printed(command("clients", "list"))
        assert line.split() == [id, "test", "confidential", "Desk", "1", "grants"]
        assert await works(client, token["access_token"])
        assert printed(command("clients", "revoke", id)) == [f"{id} is revoked."]
        async with asyncio.timeout(3):
            while await works(client, token["access_token"]):
                await asyncio.sleep(0.1)
    assert printed(command("clients", "list"))[0].split()[-1] == "revoked"


def test_a_public_client_has_redirect_uris_and_no_secret(command: Run) -> None:
    made = ("clients", "create", "--mode", "live", "--name", "App", "--type", "public", "--scopes", "all")
    refused = command(*made)
    assert (refused.returncode, "A public client needs a redirect URI." in refused.stderr) == (1, True)
    refused = command(*made, "--redirect-uri", "http://app.example/")
    assert (refused.returncode, "https" in refused.stderr) == (1, True)
    uris = ("https://app.example/callback", "com.example.app:/callback")
    (line,) = printed(command(*made, "--redirect-uri", uris[0], "--redirect-uri", uris[1]))
    assert line.split()[1] == "public"
    (line,) = printed(command("clients", "list"))
    assert line.split()[-2:] == list(uris)


async def test_clients_of_other_accounts_are_not_found(
    command: Run, database: Database, other_shop: Shop, shop: Shop
) -> None:
    theirs = await authorize(database, other_shop.live)
    for id in (theirs["cli"], NOBODY):
        refused = command("clients", "revoke", id)
        assert (refused.returncode, f"has no OAuth client {id}" in refused.stderr) == (2, True)
    unknown = command("clients", "create", "--mode", "live", "--name", "x", "--type", "confidential", "--scopes", "x")
    assert (unknown.returncode, "lacks the scope x" in unknown.stderr) == (1, True)


async def test_a_forgotten_password_is_set_anew_by_a_link(
    command: Run, database: Database, shop: Shop, gateway: Serving
) -> None:
    """The old one works until then; the new one ends all sessions. Taken out to see it fail: the end of the sessions in
    ``accept_invitation``."""
    user = await add_user(database, shop.live.store.account_id)
    missing = command("users", "reset-password", "nobody@example.com")
    assert (missing.returncode, "User not found." in missing.stderr) == (1, True)
    _, link = printed(command("users", "reset-password", user.email))
    path = link.removeprefix("http://127.0.0.1:8000")
    async with httpx.AsyncClient(base_url=gateway.url) as first, httpx.AsyncClient(base_url=gateway.url) as second:
        assert (await Browser(first).sign_in(user)).status_code == 303
        new = "another horse in the battery"
        assert (await Browser(second).submit(path, password=new, repeated=new)).status_code == 303
        assert (await first.get("/account/sessions")).status_code == 303, "signed out"
        assert (await second.get(path)).status_code == 404, "used up"
        third = Browser(httpx.AsyncClient(base_url=gateway.url))
        assert (await third.sign_in(user)).status_code != 303
        assert (await third.sign_in(user, new)).status_code == 303
        await third.http.aclose()


async def test_a_role_is_changed_and_tokens_follow(
    command: Run, database: Database, shop: Shop, gateway: Serving
) -> None:
    """Taken out to see it fail: ``user.role`` in ``set_user_role``."""
    user = await add_user(database, shop.live.store.account_id)
    granted = await authorize(database, shop.live, "orders:read", "products:write")
    async with database.system_connection() as connection:
        email = await connection.fetchval(
            "SELECT u.email FROM account_user u JOIN oauth_grant g ON g.user_id = u.id WHERE g.id = $1",
            granted["grant"],
        )
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        headers = {"Authorization": f"Bearer {granted['token']}"}
        assert (await client.get("/v2/viewer", headers=headers)).json()["scopes"] == ["orders:read", "products:write"]
        (line,) = printed(command("users", "set-role", email, "--role", "read_only"))
        assert line.endswith("has the role read_only.")
        async with asyncio.timeout(5):
            while (await client.get("/v2/viewer", headers=headers)).json()["scopes"] != ["orders:read"]:
                await asyncio.sleep(0.1)
    assert [row.split()[1] for row in printed(command("users", "list")) if user.email in row] == ["owner"]
    async with database.system_connection() as connection:
        details = await connection.fetchval(
            "SELECT details FROM audit_entry WHERE action = 'user.role_changed' AND store_id = $1",
            shop.live.store.number,
        )
    assert orjson.loads(details) == {"role": "read_only", "before": "owner"}
