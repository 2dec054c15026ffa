"""What an operator does with accounts, keys and webhooks from the command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from domain import access
from domain.kernel.database import Database
from domain.kernel.principal import Mode, Plan
from domain.kernel.rate_limits import Quota
from gateway.cli.audit import audit_lines
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


async def test_the_audit_log_is_printed_and_followed(
    database: Database, database_url: str, shop: Shop, rest: Client
) -> None:
    """The latest entries, oldest first, of some actions if wanted; new ones each once."""
    for name in ("one", "two"):
        assert (await rest("POST", "/v2/access/keys", json={"name": name, "scopes": ["all"]})).status_code == 201
    done = gateway_here(
        "audit", "tail", "--account", shop.live.store.name, "--action", "key.created", GATEWAY_DATABASE_URL=database_url
    )
    entries = [json.loads(line) for line in printed(done)]
    assert [each["details"]["name"] for each in entries] == ["test", "one", "two"]
    following = audit_lines(database, shop.live.store, {"action": ("key.created",)}, 0, follow=True)
    async with asyncio.timeout(20), aclosing(following) as lines:
        waiting = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0.2)
        for name in ("three", "four"):
            await rest("POST", "/v2/access/keys", json={"name": name, "scopes": ["all"]})
        found = [json.loads(await waiting), json.loads(await anext(lines))]
        assert [each["details"]["name"] for each in found] == ["three", "four"]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(lines), 1.5)


async def test_the_audit_log_is_filtered_as_both_surfaces_do(database_url: str, shop: Shop, rest: Client) -> None:
    """By who did it, to what, and when. Red when an option is not handed on."""
    sent = {"name": "one", "scopes": ["all"]}
    made = [(await rest("POST", "/v2/access/keys", json=sent)).json() for _ in range(2)]
    viewer = (await rest("GET", "/v2/viewer")).json()["credential"]
    await rest("DELETE", f"/v2/access/keys/{made[0]['id']}")

    def tail(*words: str) -> subprocess.CompletedProcess[str]:
        account = shop.live.store.name
        return gateway_here("audit", "tail", "--account", account, *words, GATEWAY_DATABASE_URL=database_url)

    every = [json.loads(line) for line in printed(tail())]
    assert every[-1]["action"] == "key.revoked"
    for words, wanted in (
        (("--actor", viewer), [each for each in every if each["actor"] == viewer]),
        (("--object", made[0]["id"]), [each for each in every if each["object_id"] == made[0]["id"]]),
        (
            ("--object", made[0]["id"], "--object", made[1]["id"], "--action", "key.created"),
            [each for each in every if each["object_id"] in (made[0]["id"], made[1]["id"])][:2],
        ),
        (("--from", "2020-01-01", "--to", "2100-01-01T00:00:00Z"), every),
        (("--from", "2100-01-01"), []),
        (("--to", "2020-01-01"), []),
    ):
        assert [json.loads(line) for line in printed(tail(*words))] == wanted, words
        assert words[0] in ("--from", "--to") or 0 < len(wanted) < len(every), words
    for words, message in (
        (("--from", "yesterday"), "--from"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "--from: Must not be later than --to"),
        (("--actor", "x" * 65), "--actor"),
    ):
        refused = tail(*words)
        assert refused.returncode != 0
        assert message in " ".join(refused.stderr.replace("│", " ").split())


async def test_an_enterprise_account_gets_limits_of_its_own(
    database_url: str, database: Database, shop: Shop, make_shop: Callable[..., Awaitable[Shop]]
) -> None:
    """Of its plan again when they are left out; other plans have theirs."""
    name, here = shop.live.store.name, {"GATEWAY_DATABASE_URL": database_url}

    async def quota() -> Quota | None:
        async with database.admin_transaction() as administration:
            stores = await access.find_stores(administration, name)
        assert stores is not None
        return stores[Mode.TEST].quota

    assert await quota() == Quota(50_000, 1_000_000)
    done = gateway_here("accounts", "limits", name, "--hour", "7", "--day", "70", **here)
    assert printed(done) == ["Requests of each store per hour: 7; per day: 70."]
    assert await quota() == Quota(7, 70)
    gateway_here("accounts", "limits", name, "--day", "70", **here)
    assert await quota() == Quota(50_000, 70)
    small = await make_shop(plan=Plan.FREE)
    refused = gateway_here("accounts", "limits", small.live.store.name, "--hour", "7", **here)
    assert refused.returncode != 0
    assert "enterprise" in refused.stderr
    assert gateway_here("accounts", "limits", "No Such Shop", **here).returncode != 0


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
    assert printed(command("webhooks", "redeliver", hook["id"], "--delivery", ids[0])) == [
        "Deliveries to be redelivered: 1"
    ]
    assert printed(command("webhooks", "redeliver", hook["id"])) == ["Deliveries to be redelivered: 1"]
    assert printed(command("webhooks", "redeliver", hook["id"], "--pending")) == ["Deliveries to be redelivered: 3"]
    assert command("webhooks", "deliveries", "whk_00000000000000000000000000").returncode != 0
