"""What an operator does with accounts, keys and webhooks from the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from domain.kernel.database import Database
from tests.conftest import Client, Shop
from tests.gateway.command import gateway_here

Run = Callable[..., subprocess.CompletedProcess[str]]
HOOK = {"url": "https://hooks.example.com/", "events": ["product.created"]}


@pytest.fixture
def command(database_url: str, shop: Shop) -> Run:
    """Runs ``gateway`` for the account of this test."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return gateway_here(*words, "--account", shop.live.store.name, GATEWAY_DATABASE_URL=database_url)

    return run


def printed(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


async def test_accounts_are_listed_with_their_stores(database_url: str, shop: Shop, other_shop: Shop) -> None:
    done = gateway_here("accounts", "list", GATEWAY_DATABASE_URL=database_url)
    lines = {line.split("  ")[1]: line.split("  ") for line in printed(done)}
    for each in (shop, other_shop):
        line = lines[each.live.store.name]
        assert line[0] == each.live.store.account_id
        assert line[2:4] == ["enterprise", "gbp"]
        assert line[5:] == [f"live {each.live.store.id}", f"test {each.test.store.id}"]


def test_a_key_for_an_account_that_is_not_there_opens_it_only_when_told(database_url: str) -> None:
    """Taken out: the refusal; a slip of the pen opens an account."""
    words = ("keys", "create", "--account", "No Such Shop", "--mode", "test", "--scopes", "products:read", "--quiet")
    refused = gateway_here(*words, GATEWAY_DATABASE_URL=database_url)
    assert refused.returncode != 0
    assert "--create-account" in refused.stderr
    listed = gateway_here("accounts", "list", GATEWAY_DATABASE_URL=database_url)
    assert "No Such Shop" not in [line.split("  ")[1] for line in printed(listed)]
    (key,) = printed(gateway_here(*words, "--create-account", GATEWAY_DATABASE_URL=database_url))
    assert key.startswith("test_")


async def test_keys_are_rolled_and_revoked_with_their_webhooks(rest: Client, command: Run) -> None:
    made = (await rest("POST", "/v2/access/keys", json={"name": "k", "scopes": ["all"]})).json()
    hook = (await Client(rest.http, made["secret"])("POST", "/v2/webhooks", json=HOOK)).json()
    first, secret = printed(command("keys", "roll", made["id"], "--overlap", "0"))
    successor = first.split()[0]
    assert (await Client(rest.http, secret)("GET", "/v2/viewer")).json()["credential"] == successor
    (line,) = printed(command("webhooks", "list", "--credential", successor))
    assert line.split("  ") == [hook["id"], "live", "active", HOOK["url"], "product.created", successor]
    told = printed(command("keys", "revoke", successor, "--webhooks", "disable"))
    assert told == [f"{successor} is revoked.", "Keys revoked with it: 0; webhooks disabled: 1."]
    assert " inactive " in printed(command("webhooks", "list"))[0]
    assert command("keys", "roll", "key_00000000000000000000000000").returncode != 0


async def test_deliveries_are_listed_and_sent_again(rest: Client, command: Run, database: Database) -> None:
    hook = (await rest("POST", "/v2/webhooks", json=HOOK)).json()
    ids = [(await rest("POST", f"/v2/webhooks/{hook['id']}/test")).json()["id"] for _ in range(3)]
    attempt = """[{"number": 1, "at": "2026-01-15T10:30:00+00:00", "duration_ms": 7, "status": 500, "error": null,
        "response": "no"}]"""
    failed = "UPDATE webhook_delivery SET status = 'failed', due_at = NULL, attempts = $2 WHERE id = ANY ($1)"
    async with database.system_connection() as connection:
        await connection.execute(failed, ids[:2], attempt)
    lines = [line.split("  ") for line in printed(command("webhooks", "deliveries", hook["id"]))]
    assert [line[0] for line in lines] == ids[::-1]
    assert lines[0][2:5] == ["webhook.test", "pending", "attempts 0"]
    assert lines[1][2:] == ["webhook.test", "failed", "attempts 1", "500"]
    assert len(printed(command("webhooks", "deliveries", hook["id"], "--status", "failed", "--limit", "1"))) == 1
    assert printed(command("webhooks", "redeliver", hook["id"], "--delivery", ids[0])) == ["Sent again: 1"]
    assert printed(command("webhooks", "redeliver", hook["id"])) == ["Sent again: 1"]
    assert printed(command("webhooks", "redeliver", hook["id"], "--pending")) == ["Sent again: 3"]
    assert command("webhooks", "deliveries", "whk_00000000000000000000000000").returncode != 0
