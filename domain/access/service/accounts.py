"""Opening and finding accounts and their stores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.access.model import Account, StoreRow
from domain.access.networks import networks_of
from domain.access.quotas import MAX_REQUESTS, store_quota
from domain.access.signals import StoreOpened
from domain.kernel.database import AdminTransaction
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.money import EXPONENTS
from domain.kernel.principal import SCOPES, Mode, Plan, Principal, Store
from domain.kernel.use_cases.audit import audit
from domain.kernel.validation import InvalidValueError, clean_text, fold

MAX_ACCOUNT_NAME_LENGTH = 100
"""Characters."""


async def create_account(
    administration: AdminTransaction, now: datetime, *, name: str, plan: Plan, currency: str
) -> dict[Mode, Store]:
    """Open an account with a live and a test store, both in ``currency`` (ISO 4217, upper case).

    Raises ValidationFailed (unknown currency, invalid name), Conflict (the name is taken).
    """
    session = administration.session
    try:
        name = clean_text(name, 1, MAX_ACCOUNT_NAME_LENGTH, None)
    except InvalidValueError as refused:
        raise ValidationFailed.of(("name",), refused.code, refused.message) from None
    if currency not in EXPONENTS:
        raise ValidationFailed.of(("currency",), ErrorCode.INVALID, f"{currency} is not an ISO 4217 currency.")
    values = {"id": new_id("acct"), "name": name, "name_key": fold(name), "plan": plan, "allowed_addresses": []}
    new = upsert(Account).values(**values, created_at=now, updated_at=now).on_conflict_do_nothing().returning(Account)
    account = await session.scalar(new)
    if account is None:
        raise Conflict(f"An account named {name!r} already exists. Choose another name.", ErrorCode.TAKEN, ("name",))
    rows = [
        StoreRow(id=new_id("store"), account_id=account.id, mode=mode, currency=currency, created_at=now)
        for mode in Mode
    ]
    session.add_all(rows)
    await session.flush()
    stores = {Mode(row.mode): _store(row, account) for row in rows}
    for store in stores.values():
        work = administration.work(store)
        audit(work, "account.created", account.id, name=name, plan=plan.value)
        await work.emit(StoreOpened())
    return stores


async def find_stores(administration: AdminTransaction, name: str) -> dict[Mode, Store] | None:
    """Find the two stores of the account with this name, ignoring case. None if there is no such account."""
    account = await administration.session.scalar(select(Account).where(Account.name_key == fold(name)))
    if account is None:
        return None
    rows = await administration.session.scalars(select(StoreRow).where(StoreRow.account_id == account.id))
    return {Mode(row.mode): _store(row, account) for row in rows}


async def stores_of_account(administration: AdminTransaction, account_id: str) -> list[Store]:
    """List the two stores of an account by its id."""
    account = await administration.session.get_one(Account, account_id)
    rows = await administration.session.scalars(select(StoreRow).where(StoreRow.account_id == account_id))
    return [_store(row, account) for row in rows]


async def allow_introspection(administration: AdminTransaction, name: str, *, allowed: bool) -> bool:
    """Set whether live keys of the account may introspect. Returns False if there is no account with this name."""
    account = await administration.session.scalar(select(Account).where(Account.name_key == fold(name)))
    if account is None:
        return False
    account.introspection = allowed
    return True


async def set_account_limits(
    administration: AdminTransaction, name: str, *, hourly: int | None, daily: int | None
) -> bool:
    """Set the rate limits of an account on the enterprise plan; None: those of the plan.

    Returns False if there is no account with this name. Raises ValidationFailed (out of range), Conflict (a plan whose
    limits are fixed).
    """
    account = await administration.session.scalar(select(Account).where(Account.name_key == fold(name)))
    if account is None:
        return False
    for field, value in (("hourly_limit", hourly), ("daily_limit", daily)):
        if value is not None and not 1 <= value <= MAX_REQUESTS:
            raise ValidationFailed.of((field,), ErrorCode.INVALID, f"Must be from 1 to {MAX_REQUESTS:,}.")
    if Plan(account.plan) is not Plan.ENTERPRISE:
        message = f"The account is on the plan {account.plan}, whose limits are fixed. Only enterprise has its own."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("plan",))
    account.hourly_limit, account.daily_limit = hourly, daily
    rows = await administration.session.scalars(select(StoreRow).where(StoreRow.account_id == account.id))
    for row in rows:
        work = administration.work(_store(row, account))
        audit(work, "account.limits_changed", account.id, hourly_limit=hourly, daily_limit=daily)
    return True


async def set_account_addresses(administration: AdminTransaction, name: str, networks: Sequence[str]) -> bool:
    """Set the networks from which the keys of an account on the enterprise plan work; from everywhere if none.

    Returns False if there is no account with this name. Raises ValidationFailed (not a network), Forbidden (the plan).
    """
    account = await administration.session.scalar(select(Account).where(Account.name_key == fold(name)))
    if account is None:
        return False
    rows = list(await administration.session.scalars(select(StoreRow).where(StoreRow.account_id == account.id)))
    account.allowed_addresses = list(networks_of(Plan(account.plan), networks))
    for row in rows:
        work = administration.work(_store(row, account))
        audit(work, "account.addresses_changed", account.id, allowed_addresses=account.allowed_addresses)
    return True


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """An account with its two stores."""

    id: str
    name: str
    plan: Plan
    created_at: datetime
    stores: dict[Mode, Store]


async def every_account(administration: AdminTransaction) -> list[OpenedAccount]:
    """List all accounts, by name."""
    session = administration.session
    stores: dict[str, list[StoreRow]] = {}
    for row in await session.scalars(select(StoreRow)):
        stores.setdefault(row.account_id, []).append(row)
    accounts = await session.scalars(select(Account).order_by(Account.name_key))
    return [
        OpenedAccount(
            account.id,
            account.name,
            Plan(account.plan),
            account.created_at,
            {Mode(row.mode): _store(row, account) for row in stores.get(account.id, ())},
        )
        for account in accounts
    ]


def system_principal(store: Store) -> Principal:
    """Return the principal of the gateway's operator: all scopes in a store, ``system`` in the audit log."""
    return Principal(store, frozenset(SCOPES), "system")


_STORE = """
SELECT s.number, s.id AS store, s.account_id, s.mode, s.currency, a.name, a.plan, a.introspection, a.hourly_limit,
    a.daily_limit
FROM store s JOIN account a ON a.id = s.account_id
"""


async def stores_by_number(connection: asyncpg.Connection, numbers: Collection[int]) -> dict[int, Store]:
    """Find the stores with these numbers. ``connection``: of ``gateway_system``."""
    rows = await connection.fetch(f"{_STORE} WHERE s.number = ANY ($1)", list(numbers))
    return {row["number"]: store_from_row(row) for row in rows}


async def store_by_id(connection: asyncpg.Connection, id: str) -> Store | None:
    """Find the store with this id (``store_…``). ``connection``: of ``gateway_system``."""
    row = await connection.fetchrow(f"{_STORE} WHERE s.id = $1", id)
    return None if row is None else store_from_row(row)


def store_from_row(row: asyncpg.Record) -> Store:
    """Build the store from a row with the columns of ``stores_by_number``."""
    return Store(
        number=row["number"],
        id=row["store"],
        account_id=row["account_id"],
        name=row["name"],
        mode=Mode(row["mode"]),
        currency=row["currency"],
        plan=Plan(row["plan"]),
        quota=store_quota(Plan(row["plan"]), row["hourly_limit"], row["daily_limit"]),
        introspection=row["introspection"],
    )


def _store(row: StoreRow, account: Account) -> Store:
    return Store(
        number=row.number,
        id=row.id,
        account_id=account.id,
        name=account.name,
        mode=Mode(row.mode),
        currency=row.currency,
        plan=Plan(account.plan),
        quota=store_quota(Plan(account.plan), account.hourly_limit, account.daily_limit),
        introspection=account.introspection,
    )
