"""Registering OAuth clients, and revoking them and their grants."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import access
from domain.access import oauth
from domain.access.commands import (
    CreateApiKey,
    CreateOAuthClient,
    RevokeApiKey,
    RevokeGrant,
    RevokeOAuthClient,
    RollApiKey,
)
from domain.access.redirect_uris import redirect_uri_problem
from domain.access.service.authentication import hash_secret
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kernel.principal import SCOPES, Principal
from tests.access.test_users import audited, invite, unique
from tests.conftest import Shop
from tests.contract.oauth_fixtures import REDIRECT_URI, authorize

PUBLIC, CONFIDENTIAL = oauth.ClientType.PUBLIC, oauth.ClientType.CONFIDENTIAL


async def create(database: Database, caller: Principal, **changed: Any) -> oauth.IssuedClient:
    given = {"name": "Desk", "type": CONFIDENTIAL, "redirect_uris": (REDIRECT_URI,), "scopes": ("all",), **changed}
    async with database.transaction(caller) as work:
        return await oauth.create_oauth_client(work, caller, CreateOAuthClient(**given))


async def test_a_confidential_client_gets_a_secret_of_which_the_hash_is_stored(database: Database, shop: Shop) -> None:
    issued = await create(database, shop.test)
    assert issued.secret is not None
    assert issued.secret.startswith("test_cs_")
    assert issued.client.secret_hash == hash_secret(issued.secret)
    assert issued.client.scopes == list(SCOPES)
    assert (await create(database, shop.live, type=PUBLIC)).secret is None
    assert await audited(database, shop.test, issued.id) == [("client.created", "system")]


async def test_a_client_cannot_have_scopes_that_its_creator_lacks(database: Database, shop: Shop) -> None:
    narrow = Principal(shop.live.store, frozenset({"access:write", "orders:read"}), "key_1")
    assert (await create(database, narrow)).client.scopes == ["orders:read", "access:write"]
    with pytest.raises(Forbidden) as refused:
        await create(database, narrow, scopes=("orders:read", "orders:write"))
    assert refused.value.missing_scope == "orders:write"
    reader = Principal(shop.live.store, frozenset(SCOPES) - {"access:write"}, "key_1")
    with pytest.raises(Forbidden) as refused:
        await create(database, reader, scopes=("orders:read",))
    assert refused.value.missing_scope == "access:write"


@pytest.mark.parametrize(
    ("uri", "types"),
    [
        ("https://app.example/callback", {PUBLIC, CONFIDENTIAL}),
        ("https://app.example:8443/callback?a=1", {PUBLIC, CONFIDENTIAL}),
        ("http://127.0.0.1:3000/callback", {PUBLIC, CONFIDENTIAL}),
        ("http://[::1]/callback", {PUBLIC, CONFIDENTIAL}),
        ("http://localhost:3000/callback", {PUBLIC, CONFIDENTIAL}),
        ("com.example.app:/callback", {PUBLIC}),
        ("http://app.example/callback", set()),
        ("http://localhost.evil.example/", set()),
        ("http://127.0.0.1.evil.example/", set()),
        ("https://app.example/#fragment", set()),
        ("https://user@app.example/", set()),
        ("https://user:word@app.example/", set()),
        ("https:///callback", set()),
        ("https:callback", set()),
        ("https://app.example:x/", set()),
        ("https://app.example/*", {PUBLIC, CONFIDENTIAL}),  # an ordinary character: nothing is a pattern
        ("//app.example/", set()),
        ("/callback", set()),
        ("javascript:alert(1)", set()),
        ("data:text/html,x", set()),
        ("myapp:/callback", set()),
        ("https://app.example/a b", set()),
        ('https://app.example/"', set()),
        ("https://app.example/\\evil", set()),
        ("https://app.example/\u00e4", set()),
        ("https://app.example/\r\nX: y", set()),
        ("urn:ietf:wg:oauth:2.0:oob", set()),
        ("", set()),
    ],
)
def test_redirect_uris(uri: str, types: set[oauth.ClientType]) -> None:
    assert {each for each in oauth.ClientType if redirect_uri_problem(uri, each) is None} == types


async def test_every_wrong_redirect_uri_is_named(database: Database, shop: Shop) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await create(database, shop.live, redirect_uris=("http://a.example/", REDIRECT_URI, "x"))
    assert [problem.path for problem in refused.value.problems] == [("redirect_uris", 0), ("redirect_uris", 2)]
    with pytest.raises(ValidationFailed) as refused:
        await create(database, shop.live, type=PUBLIC, redirect_uris=())
    assert [problem.path for problem in refused.value.problems] == [("redirect_uris",)]
    assert (await create(database, shop.live, redirect_uris=())).client.redirect_uris == []


async def test_revoking_a_client_ends_its_grants_once(database: Database, shop: Shop) -> None:
    found = await authorize(database, shop.live)
    for _ in range(2):
        async with database.transaction(shop.live) as work:
            client = await oauth.revoke_oauth_client(work, shop.live, RevokeOAuthClient(id=found["cli"]))
    assert client.version == 2
    assert [action for action, _ in await audited(database, shop.live, found["cli"])] == [
        "client.created",
        "client.authorized",
        "client.revoked",
    ]
    assert [action for action, _ in await audited(database, shop.live, found["grant"])] == [
        "grant.created",
        "grant.revoked",
    ]


async def test_clients_and_grants_of_other_stores_are_not_found(
    database: Database, shop: Shop, other_shop: Shop
) -> None:
    found = await authorize(database, shop.live)
    for stranger in (shop.test, other_shop.live):
        async with database.transaction(stranger) as work:
            with pytest.raises(NotFound):
                await oauth.revoke_oauth_client(work, stranger, RevokeOAuthClient(id=found["cli"]))
            with pytest.raises(NotFound):
                await oauth.revoke_grant(work, stranger, RevokeGrant(id=found["grant"]))
    async with database.system_connection() as connection:
        assert await connection.fetchval("SELECT revoked_at FROM oauth_grant WHERE id = $1", found["grant"]) is None


async def test_revoking_needs_its_scope(database: Database, shop: Shop) -> None:
    found = await authorize(database, shop.live)
    reader = Principal(shop.live.store, frozenset({"access:read"}), "key_1")
    async with database.transaction(reader) as work:
        for revoke, command in (
            (oauth.revoke_oauth_client, RevokeOAuthClient(id=found["cli"])),
            (oauth.revoke_grant, RevokeGrant(id=found["grant"])),
        ):
            with pytest.raises(Forbidden):
                await revoke(work, reader, command)  # type: ignore[operator]


async def key_of(database: Database, caller: Principal, name: str = "maker") -> tuple[Principal, str]:
    """A key of every scope; answers its principal and secret."""
    async with database.transaction(caller) as work:
        issued = await access.create_key(work, caller, CreateApiKey(name=name, scopes=("all",)))
    return replace(caller, credential=issued.id), issued.secret


async def state_of(database: Database, id: str) -> tuple[bool, str]:
    """Whether a client is revoked, and who registered it."""
    async with database.system_connection() as connection:
        row = await connection.fetchrow("SELECT revoked_at, created_by FROM oauth_client WHERE id = $1", id)
    return row["revoked_at"] is not None, row["created_by"]


async def test_a_client_ends_with_the_key_that_registered_it_or_its_successor(database: Database, shop: Shop) -> None:
    """Taken out: the handlers of KeyRolled and of KeysRevoked."""
    maker, _ = await key_of(database, shop.live)
    client = (await create(database, maker)).client
    async with database.transaction(shop.live) as work:
        rolled = await access.roll_key(work, shop.live, RollApiKey(id=maker.credential, overlap_seconds=0))
    assert await state_of(database, client.id) == (False, rolled.id)
    other, _ = await key_of(database, shop.live)
    async with database.transaction(shop.live) as work:
        await access.revoke_key(work, shop.live, RevokeApiKey(id=other.credential))
    assert await state_of(database, client.id) == (False, rolled.id)
    async with database.transaction(shop.live) as work:
        await access.revoke_key(work, shop.live, RevokeApiKey(id=rolled.id))
    assert await state_of(database, client.id) == (True, rolled.id)


async def test_a_client_lasts_no_longer_than_the_key_that_registered_it(database: Database, shop: Shop) -> None:
    maker, _ = await key_of(database, shop.live)
    assert (await create(database, maker)).client.expires_at is None
    end = database.clock() + timedelta(hours=1)
    async with database.system_connection() as connection:
        await connection.execute("UPDATE api_key SET expires_at = $2 WHERE id = $1", maker.credential, end)
    assert (await create(database, maker)).client.expires_at == end


async def test_a_revoked_key_registers_nothing_any_more(database: Database, shop: Shop) -> None:
    maker, _ = await key_of(database, shop.live)
    async with database.transaction(shop.live) as work:
        await access.revoke_key(work, shop.live, RevokeApiKey(id=maker.credential))
    with pytest.raises(Unauthenticated):
        await create(database, maker)


async def test_a_client_that_a_grant_registered_ends_with_it(database: Database, shop: Shop) -> None:
    found = await authorize(database, shop.live)
    end = database.clock() + timedelta(minutes=30)
    maker = replace(shop.live, credential=found["grant"], expires_at=end)
    client = (await create(database, maker)).client
    assert client.expires_at == end
    async with database.transaction(shop.live) as work:
        await oauth.revoke_grant(work, shop.live, RevokeGrant(id=found["grant"]))
    assert await state_of(database, client.id) == (True, found["grant"])


async def test_an_expired_client_and_its_tokens_open_nothing(database: Database, shop: Shop) -> None:
    found = await authorize(database, shop.live)
    now, credential = database.clock(), (shop.live.store.number, found["grant"])

    async def works() -> tuple[bool, bool, bool]:
        async with database.system_connection() as connection:
            party = await oauth.find_oauth_party(connection, found["cli"])
            valid = await access.valid_credentials(connection, {credential}, database.clock())
            try:
                await access.authenticate(connection, found["token"], database.clock())
            except Unauthenticated:
                return party is not None, bool(valid), False
        return party is not None, bool(valid), True

    assert await works() == (True, True, True)
    async with database.system_connection() as connection:
        await connection.execute("UPDATE oauth_client SET expires_at = $2 WHERE id = $1", found["cli"], now)
    assert await works() == (False, False, False)
    async with database.transaction(shop.live) as work:
        assert await oauth.with_oauth_records(work, None, lambda records: records.client(found["cli"])) is None


async def test_a_grant_of_credentials_is_one_at_a_time(database: Database, shop: Shop) -> None:
    client = (await create(database, shop.live)).client

    async def grant() -> str:
        async with database.transaction(shop.live) as work:

            def issue(records: oauth.OAuthRecords) -> str:
                row = records.client(client.id)
                assert row is not None
                found = records.find_token(records.client_credentials(row, row.scopes).access)
                assert found is not None
                return found.grant.id

            return await oauth.with_oauth_records(work, None, issue)

    first = set(await asyncio.gather(*(grant() for _ in range(4))))
    assert len(first) == 1
    async with database.transaction(shop.live) as work:
        await oauth.revoke_grant(work, shop.live, RevokeGrant(id=next(iter(first))))
    assert {await grant()} != first


async def test_a_refresh_that_waited_for_another_sees_that_the_token_is_used_up(database: Database, shop: Shop) -> None:
    """Taken out: the second look at the token, after its grant was locked."""
    client = (await create(database, shop.live, type=PUBLIC)).client
    user = (await invite(database, shop.live, unique())).user_id
    owner = oauth.UserRole.OWNER

    def begin(records: oauth.OAuthRecords) -> str:
        code = records.find_code(records.add_code(client, user, ["orders:read"], None, None), client)
        assert code is not None
        return str(records.exchange_code(code).refresh)

    async with database.transaction(shop.live) as work:
        token = await oauth.with_oauth_records(work, owner, begin)

    def refresh(records: oauth.OAuthRecords) -> bool:
        found = records.find_refresh_token(token, client)
        return found is not None and records.rotate(found, ["orders:read"]).refresh is not None

    async def later() -> bool:
        async with database.transaction(shop.live) as work:
            return await oauth.with_oauth_records(work, owner, refresh)

    async with database.transaction(shop.live) as work:
        assert await oauth.with_oauth_records(work, owner, refresh)
        second = asyncio.create_task(later())
        await asyncio.sleep(0.3)  # it has read the token, and waits for the grant
        assert not second.done()
    assert await second is False
