"""Accounts and keys: who may make them, what is stored of them, and when they stop working."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from domain import access
from domain.access.service import LAST_USE_INTERVAL
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode, Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kernel.principal import SCOPES, Principal
from tests.conftest import Do, Shop


async def create(do: Do, caller: Principal, *scopes: str, **given: Any) -> access.IssuedKey:
    issued: access.IssuedKey = await do(access.create_key, caller, name="Storefront", scopes=scopes, **given)
    return issued


async def identified(database: Database, secret: str, now: datetime | None = None) -> Principal:
    async with database.system_connection() as connection:
        return await access.authenticate(connection, secret, now or database.clock())


async def works(database: Database, secret: str, now: datetime | None = None) -> bool:
    try:
        await identified(database, secret, now)
    except Unauthenticated:
        return False
    return True


async def stored(database: Database, table: str, caller: Principal) -> list[dict[str, Any]]:
    async with database.system_connection() as connection:
        rows = await connection.fetch(f"SELECT * FROM {table} WHERE store_id = $1 ORDER BY id", caller.store.number)
    return [dict(row) for row in rows]


async def audited(database: Database, caller: Principal) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Action, actor, object and details of every entry since the account was made."""
    entries = await stored(database, "audit_entry", caller)
    told = [(row["action"], row["actor"], row["object_id"], orjson.loads(row["details"])) for row in entries]
    return [entry for entry in told if entry[0] != "account.created"]


def with_scopes(caller: Principal, *scopes: str, credential: str = "key_caller") -> Principal:
    return Principal(caller.store, frozenset(scopes), credential)


async def test_only_the_hash_of_a_key_is_stored(database: Database, shop: Shop, do: Do) -> None:
    issued = await create(do, shop.live, "products:read")
    mode, _, random_part = issued.secret.partition("_")
    assert (mode, len(random_part)) == ("live", 43)  # 32 bytes in base64
    (row,) = await stored(database, "api_key", shop.live)
    assert row["secret_hash"] == hashlib.sha256(issued.secret.encode()).digest()
    assert row["hint"] == f"{issued.secret[:8]}…{issued.secret[-4:]}"
    assert (row["name"], row["scopes"], row["version"], row["expires_at"]) == ("Storefront", ["products:read"], 1, None)
    everything = repr([await stored(database, table, shop.live) for table in ("api_key", "audit_entry")])
    assert random_part not in everything


async def test_a_key_opens_its_own_store_with_its_own_scopes(database: Database, shop: Shop, do: Do) -> None:
    for caller, prefix in ((shop.live, "live_"), (shop.test, "test_")):
        issued = await create(do, caller, "orders:write", "products:read")
        assert issued.secret.startswith(prefix)
        principal = await identified(database, issued.secret)
        assert principal == Principal(caller.store, frozenset({"products:read", "orders:write"}), issued.id, None)


async def test_no_two_keys_are_alike(shop: Shop, do: Do) -> None:
    issued = [await create(do, shop.live, "all") for _ in range(5)]
    assert len({key.secret for key in issued} | {key.id for key in issued}) == 10


async def test_a_key_never_has_more_scopes_than_the_one_that_makes_it(database: Database, shop: Shop, do: Do) -> None:
    caller = with_scopes(shop.live, "access:write", "products:read")
    with pytest.raises(Forbidden) as refusal:
        await create(do, caller, "products:read", "products:write")
    assert refusal.value.missing_scope == "products:write"
    assert await stored(database, "api_key", shop.live) == []
    assert await audited(database, shop.live) == []
    granted = await create(do, caller, "all")
    assert granted.key.scopes == ["products:read", "access:write"]
    assert (await create(do, caller, "products:read", "all")).key.scopes == granted.key.scopes


@pytest.mark.parametrize("scopes", [("products",), ("products:delete",), ("ALL",), ("Products:read",), ("*",)])
async def test_an_unknown_scope_is_refused(database: Database, shop: Shop, do: Do, scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await create(do, shop.live, "products:read", *scopes, "orders:none")
    assert [(problem.code, problem.path) for problem in refusal.value.problems] == [
        (ErrorCode.INVALID, ("scopes", 1)),
        (ErrorCode.INVALID, ("scopes", 2)),
    ]
    assert await stored(database, "api_key", shop.live) == []


@pytest.mark.parametrize("execute", [access.create_key, access.roll_key, access.revoke_key])
async def test_keys_are_the_business_of_access_only(database: Database, shop: Shop, do: Do, execute: Any) -> None:
    issued = await create(do, shop.live, "all")
    before = await stored(database, "api_key", shop.live)
    caller = with_scopes(shop.live, *(scope for scope in SCOPES if scope != "access:write"))
    given = {"name": "x", "scopes": ("all",)} if execute is access.create_key else {"id": issued.id}
    with pytest.raises(Forbidden) as refusal:
        await do(execute, caller, **given)
    assert refusal.value.missing_scope == "access:write"
    assert await stored(database, "api_key", shop.live) == before


@pytest.mark.both_servers
async def test_a_key_works_until_it_expires(database: Database, shop: Shop, do: Do) -> None:
    end = database.clock() + timedelta(hours=1)
    issued = await create(do, shop.live, "all", expires_at=end)
    assert (await identified(database, issued.secret)).expires_at == end
    assert await works(database, issued.secret, end - timedelta(milliseconds=1))
    assert not await works(database, issued.secret, end)


async def test_a_key_cannot_be_born_expired(database: Database, shop: Shop, do: Do) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await create(do, shop.live, "all", expires_at=database.clock() - timedelta(milliseconds=1))
    assert refusal.value.problems[0].path == ("expires_at",)
    assert await stored(database, "api_key", shop.live) == []


@pytest.mark.parametrize("secret", ["", "live_", "live_unknown", "x" * 10_000, "live_\x00", "é"])
async def test_an_unknown_secret_is_nobody(database: Database, secret: str) -> None:
    assert not await works(database, secret)


@pytest.mark.both_servers
async def test_a_rolled_key_goes_on_for_the_overlap_beside_its_successor(
    database: Database, shop: Shop, do: Do
) -> None:
    old = await create(do, shop.live, "products:read")
    caller = with_scopes(shop.live, *SCOPES)
    new = await do(access.roll_key, caller, id=old.id, overlap_seconds=60, expected_version=1)
    assert (new.key.name, new.key.scopes) == ("Storefront", ["products:read"])
    assert (new.key.expires_at, new.key.version) == (None, 1)
    assert await works(database, old.secret)
    assert await works(database, new.secret)
    later = database.clock() + timedelta(seconds=61)
    assert not await works(database, old.secret, later)
    assert await works(database, new.secret, later)
    rows = {row["id"]: row for row in await stored(database, "api_key", shop.live)}
    assert (rows[old.id]["version"], rows[new.id]["version"]) == (2, 1)
    assert (await audited(database, shop.live))[1:] == [
        ("key.rolled", "key_caller", old.id, {"successor": new.id, "overlap_seconds": 60})
    ]


async def test_an_overlap_never_prolongs_a_key_and_may_be_none(database: Database, shop: Shop, do: Do) -> None:
    end = database.clock() + timedelta(seconds=30)
    short = await create(do, shop.live, "all", expires_at=end)
    successor = await do(access.roll_key, shop.live, id=short.id, overlap_seconds=3600)
    assert (await identified(database, short.secret)).expires_at == end
    assert successor.key.expires_at == end
    ended = await create(do, shop.live, "all")
    await do(access.roll_key, shop.live, id=ended.id, overlap_seconds=0)
    assert not await works(database, ended.secret)


async def test_a_key_that_works_no_more_cannot_be_rolled(database: Database, shop: Shop, do: Do) -> None:
    revoked, ended = await create(do, shop.live, "all"), await create(do, shop.live, "all")
    await do(access.revoke_key, shop.live, id=revoked.id)
    await do(access.roll_key, shop.live, id=ended.id, overlap_seconds=0)
    before = await stored(database, "api_key", shop.live)
    for key in (revoked, ended):
        with pytest.raises(Conflict) as refusal:
            await do(access.roll_key, shop.live, id=key.id)
        assert refusal.value.code is ErrorCode.ILLEGAL_TRANSITION
    assert await stored(database, "api_key", shop.live) == before


async def test_nobody_rolls_a_key_of_more_scopes_than_their_own(database: Database, shop: Shop, do: Do) -> None:
    strong = await create(do, shop.live, "all")
    before = await stored(database, "api_key", shop.live)
    with pytest.raises(Forbidden):
        await do(access.roll_key, with_scopes(shop.live, "access:write"), id=strong.id)
    assert await stored(database, "api_key", shop.live) == before


@pytest.mark.both_servers
async def test_a_revoked_key_ends_at_once_and_only_once(database: Database, shop: Shop, do: Do) -> None:
    issued = await create(do, shop.live, "all")
    ended: list[str] = []
    stop = database.on_commit(access.KeyInvalidated, lambda news: ended.append(news.key_id))
    try:
        assert (await do(access.revoke_key, shop.live, id=issued.id, expected_version=1)).key.version == 2
        assert not await works(database, issued.secret)
        before = await stored(database, "api_key", shop.live)
        assert (await do(access.revoke_key, shop.live, id=issued.id)).key.version == 2
    finally:
        stop()
    assert ended == [issued.id]
    assert await stored(database, "api_key", shop.live) == before
    assert await audited(database, shop.live) == [
        ("key.created", "system", issued.id, {"name": "Storefront", "scopes": list(SCOPES)}),
        ("key.revoked", "system", issued.id, {}),
    ]


@pytest.mark.parametrize("execute", [access.roll_key, access.revoke_key])
async def test_a_stale_version_or_another_stores_key_is_refused(
    database: Database, shop: Shop, other_shop: Shop, do: Do, execute: Any
) -> None:
    issued = await create(do, shop.live, "all")
    before = await stored(database, "api_key", shop.live)
    with pytest.raises(Conflict):
        await do(execute, shop.live, id=issued.id, expected_version=2)
    for stranger in (other_shop.live, shop.test):
        with pytest.raises(NotFound):
            await do(execute, stranger, id=issued.id)
    assert await stored(database, "api_key", shop.live) == before
    assert await works(database, issued.secret)


async def test_the_last_use_is_noted_at_most_once_a_minute(database: Database, shop: Shop, do: Do) -> None:
    issued = await create(do, shop.live, "all")
    now = database.clock()

    async def noted() -> datetime | None:
        (row,) = await stored(database, "api_key", shop.live)
        assert (row["version"], row["updated_at"]) == (1, row["created_at"])
        moment: datetime | None = row["last_used_at"]
        return moment

    assert await noted() is None
    for after, expected in (
        (timedelta(0), timedelta(0)),
        (timedelta(seconds=59), timedelta(0)),
        (LAST_USE_INTERVAL, LAST_USE_INTERVAL),
        (timedelta(seconds=90), LAST_USE_INTERVAL),
    ):
        await identified(database, issued.secret, now + after)
        assert await noted() == now + expected
    await works(database, issued.secret + "x", now + timedelta(hours=1))
    assert await noted() == now + LAST_USE_INTERVAL
