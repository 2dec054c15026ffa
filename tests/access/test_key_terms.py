"""What keys are limited to: they are renamed and narrowed, work from listed addresses, and signal unusual use."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Scope

from domain import access
from domain.access.commands import CreateApiKey, RevokeApiKey
from domain.access.service.key_signals import MAX_KNOWN_ADDRESSES, REJECTIONS
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden, Unauthenticated
from domain.kernel.principal import Plan, Principal
from domain.kernel.serialization import format_instant
from gateway.authentication import Authenticator
from gateway.client_address import client_address
from gateway.settings import Settings
from tests.conftest import Client, MakeKey, Shop
from tests.gateway.command import gateway_here

KEYS = "/v2/access/keys"


async def make(rest: Client, **given: Any) -> dict[str, Any]:
    """A key of two scopes, unless it is given others."""
    answer = await rest("POST", KEYS, json={"name": "x", "scopes": ["products:read", "orders:read"], **given})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def change(rest: Client, key: dict[str, Any], **given: Any) -> httpx.Response:
    """The answer to a change."""
    return await rest("PUT", f"{KEYS}/{key['id']}", json=given)


async def test_a_key_is_renamed_and_narrowed(rest: Client) -> None:
    ends = format_instant(system_clock().replace(microsecond=0) + timedelta(days=5))
    key = await make(rest)
    answer = await change(
        rest,
        key,
        name="Shop",
        scopes=["products:read"],
        expires_at=ends,
        hourly_limit=10,
        allowed_addresses=["203.0.113.9/24", "2001:DB8::1"],
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["version"] == key["version"] + 1
    assert (found["name"], found["scopes"], found["expires_at"]) == ("Shop", ["products:read"], ends)
    assert (found["hourly_limit"], found["daily_limit"]) == (10, None)
    assert found["allowed_addresses"] == ["203.0.113.0/24", "2001:db8::1/128"]
    assert "secret" not in found
    again = await change(rest, key, name="Shop")
    assert again.json()["version"] == found["version"]
    entries = (await rest("GET", "/v2/access/audit?action=key.updated")).json()["data"]
    assert [(each["object_id"], each["details"]["scopes"]) for each in entries] == [(key["id"], ["products:read"])]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"scopes": ["products:write"]}, "scopes.0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"allowed_addresses": ["nowhere"]}, "allowed_addresses.0"),
        ({"hourly_limit": 0}, "hourly_limit"),
    ],
)
async def test_a_key_is_not_widened(rest: Client, given: dict[str, Any], field: str) -> None:
    answer = await change(rest, await make(rest), **given)
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, field)


async def test_an_expiry_is_only_brought_forward(rest: Client) -> None:
    now = system_clock()
    key = await make(rest, expires_at=format_instant(now + timedelta(days=5)))
    for later in (format_instant(now + timedelta(days=6)), None):
        assert (await change(rest, key, expires_at=later)).status_code == 422
    assert (await change(rest, key, expires_at=format_instant(now + timedelta(days=4)))).status_code == 200


async def test_what_a_key_has_made_is_narrowed_with_it(rest: Client, http: httpx.AsyncClient) -> None:
    """It loses the same scopes, and expires no later; without any scope it is revoked. Unrelated keys stay."""
    parent = await make(rest, scopes=["access:write", "access:read", "products:read", "orders:read"])
    maker = Client(http, parent["secret"])
    child, bare = await make(maker), await make(maker, scopes=["orders:read"])
    other = await make(rest)
    ends = format_instant(system_clock().replace(microsecond=0) + timedelta(days=5))
    kept = ["access:write", "access:read", "products:read"]
    assert (await change(rest, parent, scopes=kept, expires_at=ends)).status_code == 200
    found = [(await rest("GET", f"{KEYS}/{each['id']}")).json() for each in (child, bare, other)]
    assert [each["scopes"] for each in found] == [["products:read"], [], ["products:read", "orders:read"]]
    assert [each["expires_at"] for each in found] == [ends, ends, None]
    assert [each["revoked_at"] is None for each in found] == [True, False, True]
    assert (await Client(http, child["secret"])("GET", "/v2/orders")).status_code == 403
    assert (await Client(http, bare["secret"])("GET", "/v2/orders")).status_code == 401


async def test_nobody_gives_more_than_they_have(rest: Client, http: httpx.AsyncClient) -> None:
    """Addresses within those of one's own key; what is not given is inherited."""
    own = await make(rest, scopes=["access:write", "access:read"], allowed_addresses=["127.0.0.0/8"], hourly_limit=50)
    maker = Client(http, own["secret"])
    answer = await maker("POST", KEYS, json={"name": "x", "scopes": ["all"], "allowed_addresses": ["10.0.0.0/8"]})
    assert answer.json()["error"]["details"][0]["field"] == "allowed_addresses.0"
    child = await make(maker, scopes=["all"])
    assert (child["allowed_addresses"], child["hourly_limit"]) == (["127.0.0.0/8"], 50)
    narrow = await make(maker, scopes=["all"], allowed_addresses=["127.0.0.1"])
    assert narrow["allowed_addresses"] == ["127.0.0.1/32"]
    other = await make(rest, scopes=["products:read"])
    assert (await change(maker, other, hourly_limit=51)).status_code == 422
    limited = await change(maker, other, name="narrowed")
    assert limited.json()["hourly_limit"] == 50


async def test_addresses_need_the_plan(
    make_shop: Callable[..., Awaitable[Shop]], make_key: MakeKey, http: httpx.AsyncClient, database_url: str
) -> None:
    shop = await make_shop(plan=Plan.PROFESSIONAL)
    rest = Client(http, await make_key(shop.live))
    body = {"name": "x", "scopes": ["all"], "allowed_addresses": ["127.0.0.1"]}
    assert (await rest("POST", KEYS, json=body)).status_code == 403
    done = gateway_here(
        "accounts", "addresses", shop.live.store.name, "--allow", "127.0.0.1", GATEWAY_DATABASE_URL=database_url
    )
    assert done.returncode != 0
    assert "enterprise" in done.stderr


def at(address: str | None, forwarded: str | None = None, key: str = "") -> Request:
    """A request from an address."""
    headers = [(b"authorization", f"Bearer {key}".encode())]
    headers += [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    scope: Scope = {"type": "http", "headers": headers, "client": None if address is None else (address, 1)}
    return Request(scope)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.5", None, "203.0.113.5"),
        ("::ffff:203.0.113.5", None, "203.0.113.5"),
        ("203.0.113.5", "192.0.2.1", "203.0.113.5"),
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("10.0.0.1", "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", "unknown", "None"),
        ("10.0.0.1", None, "10.0.0.1"),
        (None, "192.0.2.1", "None"),
    ],
)
def test_the_address_is_that_of_the_peer_or_what_a_trusted_proxy_says(
    settings: Settings, peer: str | None, forwarded: str | None, found: str
) -> None:
    """Whoever is no trusted proxy may write what they like. Taken out to see it fail: ``is_trusted``."""
    proxies = settings.model_validate({**settings.model_dump(), "trusted_proxies": "10.0.0.0/8"}).trusted_proxies
    assert str(client_address(at(peer, forwarded).scope, proxies)) == found


async def test_a_key_works_from_its_addresses_and_those_of_its_account(
    rest: Client, shop: Shop, database: Database, database_url: str
) -> None:
    """Both lists must have it, of IPv4 and IPv6; an address that is not known is on none."""
    key = await make(rest, allowed_addresses=["203.0.113.0/24", "2001:db8::/32"])
    identify = Authenticator(database)

    async def works(*addresses: str | None) -> list[bool]:
        found = []
        for each in addresses:
            try:
                await identify(at(each, key=key["secret"]))
                found.append(True)
            except Forbidden:
                found.append(False)
        return found

    assert await works("203.0.113.5", "2001:db8::9", "203.0.114.5", "::1", None) == [True, True, False, False, False]
    gateway_here(
        "accounts", "addresses", shop.live.store.name, "--allow", "203.0.113.5", GATEWAY_DATABASE_URL=database_url
    )
    identify.forget_all()
    assert await works("203.0.113.5", "203.0.113.6") == [True, False]
    gateway_here("accounts", "addresses", shop.live.store.name, GATEWAY_DATABASE_URL=database_url)
    identify.forget_all()
    assert await works("203.0.113.6") == [True]


@asynccontextmanager
async def signals(database: Database, shop: Shop) -> AsyncGenerator[Callable[[], Awaitable[list[Any]]]]:
    """Finds the signals of the live store."""

    async def find() -> list[Any]:
        async with database.system_connection() as connection:
            query = """SELECT action, object_id, actor, details FROM audit_entry
                WHERE store_id = $1 AND action IN ('key.new_address', 'key.rejected') ORDER BY id"""
            return [tuple(row) for row in await connection.fetch(query, shop.live.store.number)]

    yield find


async def issue(database: Database, owner: Principal) -> access.IssuedKey:
    """A key of one scope."""
    async with database.transaction(owner) as work:
        return await access.create_key(work, owner, CreateApiKey(name="x", scopes=("products:read",)))


async def test_a_new_address_is_in_the_audit_log(database: Database, shop: Shop) -> None:
    """Not the first one, and each once, whichever process sees it; of a key with a hundred none is unusual."""
    key = await issue(database, shop.live)
    async with signals(database, shop) as found:
        for identify in (Authenticator(database), Authenticator(database)):
            for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2", "2001:db8::1"):
                await identify(at(address, key=key.secret))
        assert [(action, id, actor) for action, id, actor, _ in await found()] == [
            ("key.new_address", key.id, "system"),
            ("key.new_address", key.id, "system"),
        ]
        assert [details for *_, details in await found()] == [
            '{"address": "203.0.113.2"}',
            '{"address": "2001:db8::1"}',
        ]
        for number in range(MAX_KNOWN_ADDRESSES + 5):
            await identify(at(f"198.51.100.{number}", key=key.secret))
        assert len(await found()) == MAX_KNOWN_ADDRESSES - 1


async def test_many_rejections_are_in_the_audit_log(database: Database, shop: Shop) -> None:
    """Of a key that has ended, or from foreign addresses; once an hour. Unknown keys belong to nobody."""
    key = await issue(database, shop.live)
    async with database.transaction(shop.live) as work:
        await access.revoke_key(work, shop.live, RevokeApiKey(id=key.id))
    async with signals(database, shop) as found:
        for _ in range(REJECTIONS + 3):
            with pytest.raises(Unauthenticated):  # each in a process of its own: one remembers a key that has ended
                await Authenticator(database)(at("203.0.113.1", key=key.secret))
            with pytest.raises(Unauthenticated):
                await Authenticator(database)(at("203.0.113.1", key="live_unknown"))
        assert await found() == [("key.rejected", key.id, "system", '{"reason": "ended", "rejections": 10}')]


async def test_a_key_says_when_it_should_be_rolled(
    rest: Client, shop: Shop, database: Database, database_url: str
) -> None:
    """After 90 days, by the API and in the list; it works on. The key that replaces it begins anew."""
    key = await make(rest)
    created, due = (rest_time(key[name]) for name in ("created_at", "rotation_due_at"))
    assert due - created == timedelta(days=90)
    async with database.system_connection() as connection:
        query = """UPDATE api_key SET created_at = created_at - interval '91 days',
            rotation_due_at = rotation_due_at - interval '91 days' WHERE id = $1"""
        await connection.execute(query, key["id"])
    done = gateway_here("keys", "list", "--account", shop.live.store.name, GATEWAY_DATABASE_URL=database_url)
    lines = [line for line in done.stdout.splitlines() if "roll it" in line]
    assert [line.split()[0] for line in lines] == [key["id"]]
    assert "91 days old" in lines[0]
    rolled = await rest("POST", f"{KEYS}/{key['id']}/roll")
    assert rest_time(rolled.json()["rotation_due_at"]) > system_clock() + timedelta(days=89)


def rest_time(text: str) -> Any:
    """An instant of a document."""

    return datetime.fromisoformat(text)
