"""Users of an account: invitations, removal, roles, passwords, and what is deleted once it has expired."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import timedelta
from typing import Any

import pytest

from domain.access import oauth
from domain.access.service.expired_rows import KEPT_AFTER_EXPIRY
from domain.access.tokens import is_access_token, new_access_token, new_client_secret, new_refresh_token
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.principal import SCOPES, Mode, Principal
from tests.conftest import Shop
from tests.contract.oauth_fixtures import authorize


async def invite(database: Database, principal: Principal, email: str, **changed: Any) -> oauth.Invitation:
    given = {"name": "Jane Doe", "role": oauth.UserRole.OWNER, **changed}
    async with database.admin_transaction() as administration:
        account = principal.store.account_id
        return await oauth.invite_user(administration, database.clock(), account, email=email, **given)


async def audited(database: Database, principal: Principal, object_id: str) -> list[tuple[str, str]]:
    """What the audit log of a store says of an object: action and actor."""
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT action, actor FROM audit_entry WHERE store_id = $1 AND object_id = $2 ORDER BY id",
            principal.store.number,
            object_id,
        )
    return [(row["action"], row["actor"]) for row in rows]


def unique() -> str:
    return f"{secrets.token_hex(6)}@example.com"


async def test_an_address_has_one_user_over_all_accounts(database: Database, shop: Shop, other_shop: Shop) -> None:
    email = unique()
    first = await invite(database, shop.live, email)
    with pytest.raises(Conflict) as refused:
        await invite(database, other_shop.live, email.upper())
    assert refused.value.code == ErrorCode.TAKEN
    again = await invite(database, shop.live, email, role=oauth.UserRole.SUPPORT, name="New name")
    assert (again.user_id, again.secret != first.secret) == (first.user_id, True)
    async with database.admin_transaction() as administration:
        (user,) = await oauth.users_of_account(administration, shop.live.store.account_id)
        assert (user.role, user.name, user.password_hash) == ("support", "New name", None)
        assert await oauth.accept_invitation(administration, database.clock(), again.secret, "hash") == user.id
    with pytest.raises(Conflict):
        await invite(database, shop.live, email)


async def test_invitations_at_once_make_one_user(database: Database, shop: Shop) -> None:
    """Each replaces the one before. Taken out to see it fail: the lock (a unique key is violated)."""
    email = unique()
    found = await asyncio.gather(*(invite(database, shop.live, email) for _ in range(8)))
    assert len({each.user_id for each in found}) == 1
    async with database.admin_transaction() as administration:
        (user,) = await oauth.users_of_account(administration, shop.live.store.account_id)
        works = [await oauth.accept_invitation(administration, database.clock(), each.secret, "x") for each in found]
    assert [each for each in works if each is not None] == [user.id]


@pytest.mark.parametrize(
    ("email", "name", "paths"),
    [("nobody", "Jane", ["email"]), ("", "", ["email", "name"]), ("a@b.example", "x" * 101, ["name"])],
)
async def test_wrong_fields_are_all_named(
    database: Database, shop: Shop, email: str, name: str, paths: list[str]
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await invite(database, shop.live, email, name=name)
    assert [problem.path for problem in refused.value.problems] == [(path,) for path in paths]
    async with database.admin_transaction() as administration:
        assert await oauth.users_of_account(administration, shop.live.store.account_id) == []


async def test_a_removed_user_frees_the_address_and_is_audited_in_both_stores(database: Database, shop: Shop) -> None:
    email, account = unique(), shop.live.store.account_id
    first = await invite(database, shop.live, email)
    async with database.admin_transaction() as administration:
        await oauth.remove_user(administration, database.clock(), account, f" {email}".upper())
        with pytest.raises(NotFound):
            await oauth.remove_user(administration, database.clock(), account, email)
    async with database.system_connection() as connection:
        assert await oauth.find_invitation(connection, first.secret, database.clock()) is None
    assert (await invite(database, shop.live, email)).user_id != first.user_id
    for principal in (shop.live, shop.test):
        assert await audited(database, principal, first.user_id) == [
            ("user.invited", "system"),
            ("user.removed", "system"),
        ]


async def test_a_user_of_another_account_is_not_found(database: Database, shop: Shop, other_shop: Shop) -> None:
    email = unique()
    await invite(database, shop.live, email)
    async with database.admin_transaction() as administration:
        with pytest.raises(NotFound):
            await oauth.remove_user(administration, database.clock(), other_shop.live.store.account_id, email)


def test_roles_grow() -> None:
    roles = oauth.ROLE_SCOPES
    assert roles[oauth.UserRole.OWNER] == set(SCOPES)
    assert roles[oauth.UserRole.OWNER] - roles[oauth.UserRole.DEVELOPER] == {"access:write"}
    assert {"orders:write", "customers:write", "shipping:write"} < roles[oauth.UserRole.SUPPORT]
    assert not {"payments:write", "products:write", "access:read"} & roles[oauth.UserRole.SUPPORT]
    assert all(scope.endswith(":read") for scope in roles[oauth.UserRole.READ_ONLY])
    assert set(roles) == set(oauth.UserRole)


async def test_passwords_are_verified_and_an_absent_one_takes_as_long() -> None:
    passwords = oauth.Passwords()
    stored = await passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(stored, "correct horse battery")
    assert not await passwords.verify(stored, "correct horse batterx")
    assert not await passwords.verify(stored, "x" * 129)
    assert not await passwords.verify("no hash", "correct horse battery")

    async def seconds(hash: str | None) -> float:
        begun = time.perf_counter()
        assert not await passwords.verify(hash, "wrong")
        return time.perf_counter() - begun

    assert min([await seconds(None) for _ in range(5)]) > 0.5 * min([await seconds(stored) for _ in range(5)])


async def test_hashing_leaves_the_event_loop_free_and_runs_two_at_a_time() -> None:
    passwords = oauth.Passwords()
    work = [asyncio.create_task(passwords.hash("correct horse battery")) for _ in range(6)]
    beats, busy = 0, 0
    while not all(task.done() for task in work):
        await asyncio.sleep(0.002)
        beats += 1
        busy = max(busy, 2 - passwords._slots._value)
    assert beats > 6
    assert busy == 2


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 129])
async def test_passwords_have_a_length(password: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await oauth.Passwords().hash(password)
    assert refused.value.problems[0].path == ("password",)


def test_secrets_say_what_they_are() -> None:
    made = {new_access_token(Mode.LIVE), new_refresh_token(Mode.LIVE), new_client_secret(Mode.TEST)}
    assert sorted(secret[:8] for secret in made) == ["live_at_", "live_rt_", "test_cs_"]
    assert [is_access_token(secret) for secret in sorted(made)] == [True, False, False]
    assert all(len(secret) == 51 for secret in made)


async def test_what_has_expired_is_deleted_in_batches_and_grants_stay(database: Database, shop: Shop) -> None:
    found = await authorize(database, shop.live)
    number = shop.live.store.number

    async def left() -> list[int]:
        async with database.system_connection() as connection:
            return [
                await connection.fetchval(f"SELECT count(*) FROM {table} WHERE store_id = $1", number)
                for table in ("oauth_grant", "oauth_code", "oauth_token")
            ]

    async def age(by: timedelta) -> None:
        async with database.system_connection() as connection:
            for table in ("oauth_code", "oauth_token"):
                expires_at = database.clock() - by
                await connection.execute(f"UPDATE {table} SET expires_at = $2 WHERE store_id = $1", number, expires_at)

    async def delete(most: int) -> bool:
        async with database.system_connection() as connection:
            return await oauth.delete_expired_rows(connection, database.clock(), most)

    assert found["grant"].startswith("grant_")
    await age(KEPT_AFTER_EXPIRY - timedelta(minutes=1))
    assert await delete(10) is False
    assert await left() == [1, 1, 2]
    await age(KEPT_AFTER_EXPIRY + timedelta(minutes=1))
    assert await delete(1) is True
    while await delete(1):
        pass
    assert await left() == [1, 0, 0]
