"""Accounts: two stores of one currency each, with all that a store begins with; or nothing at all."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from domain import access
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.principal import SCOPES, Mode, Plan, Store


async def open_account(
    database: Database, name: str, plan: Plan = Plan.STARTER, currency: str = "KWD"
) -> dict[Mode, Store]:
    async with database.admin_transaction() as administration:
        return await access.create_account(administration, database.clock(), name=name, plan=plan, currency=currency)


async def count(database: Database) -> tuple[int, int, int]:
    """Accounts, stores and warehouses there are."""
    async with database.system_connection() as connection:
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}") for table in ("account", "store", "warehouse")
        ]
    return counts[0], counts[1], counts[2]


def new_name() -> str:
    return f"Shop {secrets.token_hex(6)}"


@pytest.mark.both_servers
async def test_an_account_has_a_live_and_a_test_store_of_its_currency(database: Database) -> None:
    accounts, stores, warehouses = await count(database)
    name = new_name()
    made = await open_account(database, f"  {name} ")
    assert await count(database) == (accounts + 1, stores + 2, warehouses + 2)
    assert set(made) == {Mode.LIVE, Mode.TEST}
    told = {store.mode: (store.name, store.currency, store.plan) for store in made.values()}
    assert told == dict.fromkeys(Mode, (name, "KWD", Plan.STARTER))
    assert len({store.account_id for store in made.values()}) == 1
    assert len({store.number for store in made.values()} | {store.id for store in made.values()}) == 4
    async with database.admin_transaction() as administration:
        assert await access.find_stores(administration, name.upper()) == made
        assert await access.find_stores(administration, name + "x") is None


@pytest.mark.both_servers
async def test_each_store_begins_with_a_default_warehouse_and_an_entry_in_its_audit_log(database: Database) -> None:
    for store in (await open_account(database, new_name())).values():
        async with database.system_connection() as connection:
            warehouses = await connection.fetch(
                "SELECT name, is_default FROM warehouse WHERE store_id = $1", store.number
            )
            entries = await connection.fetch(
                "SELECT action, actor, object_id FROM audit_entry WHERE store_id = $1", store.number
            )
        assert [tuple(row) for row in warehouses] == [("Main warehouse", True)]
        assert [tuple(row) for row in entries] == [("account.created", "system", store.account_id)]


@pytest.mark.parametrize("change", [str, str.upper, lambda name: f" {name}  ", lambda name: name.replace(" ", "   ")])
async def test_a_name_is_taken_whatever_its_case_and_blanks(database: Database, change: object) -> None:
    name = new_name()
    await open_account(database, name)
    before = await count(database)
    with pytest.raises(Conflict) as refusal:
        await open_account(database, change(name))  # type: ignore[operator]
    assert (refusal.value.code, refusal.value.problems[0].path) == (ErrorCode.TAKEN, ("name",))
    assert await count(database) == before


@pytest.mark.both_servers
async def test_of_accounts_made_at_once_with_one_name_one_is_made(database: Database) -> None:
    accounts, _, _ = await count(database)
    name = new_name()
    made, over = asyncio.Event(), asyncio.Event()

    async def open_slowly() -> None:
        async with database.admin_transaction() as administration:
            await access.create_account(administration, database.clock(), name=name, plan=Plan.FREE, currency="GBP")
            made.set()
            await over.wait()

    first = asyncio.create_task(open_slowly())
    await made.wait()
    second = asyncio.create_task(open_account(database, name))
    await asyncio.sleep(0.1)  # it waits for the first by now
    over.set()
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict]
    assert (await count(database))[0] == accounts + 1


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " "}, "name"),
        ({"currency": "gbp"}, "currency"),
        ({"currency": "XYZ"}, "currency"),
        ({"currency": "XAU"}, "currency"),
        ({"currency": ""}, "currency"),
    ],
)
async def test_an_account_needs_a_name_and_a_currency_of_iso_4217(
    database: Database, given: dict[str, str], path: str
) -> None:
    before = await count(database)
    with pytest.raises(ValidationFailed) as refusal:
        await open_account(database, **{"name": new_name(), **given})  # type: ignore[arg-type]
    assert refusal.value.problems[0].path == (path,)
    assert await count(database) == before


async def test_an_operator_may_do_everything_in_one_store(database: Database) -> None:
    store = (await open_account(database, new_name()))[Mode.TEST]
    operator = access.system_principal(store)
    assert (operator.store, operator.credential, operator.expires_at) == (store, "system", None)
    assert all(operator.has_scope(scope) for scope in SCOPES)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b", "\ud800"])
async def test_an_unusable_name_is_refused(database: Database, name: str) -> None:
    async with database.admin_transaction() as administration:
        with pytest.raises(ValidationFailed):
            await access.create_account(administration, database.clock(), name=name, plan=Plan.FREE, currency="GBP")
