"""Accounts and keys: how they are made, rolled, revoked, and recognised."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.access.commands import CreateApiKey, RevokeApiKey, RollApiKey
from domain.access.events import KeyEnded, StoreOpened
from domain.access.model import Account, ApiKey, StoreRow
from domain.kernel.audit import audit
from domain.kernel.checks import Refused, clean_text, fold
from domain.kernel.database import Administration
from domain.kernel.errors import Conflict, ErrorCode, Problem, Unauthenticated, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.money import EXPONENTS
from domain.kernel.principal import SCOPES, Mode, Plan, Principal, Store
from domain.kernel.use_cases import use_case
from domain.kernel.watching import watched
from domain.kernel.work import Work

ALL = "all"
SECRET_BYTES = 32
ACCOUNT_NAME_MAX = 100
"""Characters."""
USE_RECORDED_EVERY = timedelta(minutes=1)
"""``last_used_at`` is told to the minute, so that a busy key does not cost a write a request."""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made, with the secret that is shown once."""

    key: ApiKey
    secret: str

    @property
    def id(self) -> str:
        """The key's id."""
        return self.key.id


async def create_account(
    administration: Administration, now: datetime, *, name: str, plan: Plan, currency: str
) -> dict[Mode, Store]:
    """Open an account with its live and its test store, both speaking ``currency`` (ISO 4217, upper case).

    Raises ValidationFailed for an unknown currency or an unusable name, Conflict when the name is taken.
    """
    session = administration.session
    try:
        name = clean_text(name, 1, ACCOUNT_NAME_MAX, None)
    except Refused as refused:
        raise ValidationFailed.of(("name",), refused.code, refused.message) from None
    if currency not in EXPONENTS:
        raise ValidationFailed.of(("currency",), ErrorCode.INVALID, f"{currency} is not an ISO 4217 currency.")
    values = {"id": new_id("acct"), "name": name, "name_key": fold(name), "plan": plan}
    new = upsert(Account).values(**values, created_at=now, updated_at=now).on_conflict_do_nothing().returning(Account)
    account = await session.scalar(new)
    if account is None:
        raise Conflict(f"There is an account named {name!r} already.", ErrorCode.TAKEN, ("name",))
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
        await work.react(StoreOpened())
    return stores


async def find_stores(administration: Administration, name: str) -> dict[Mode, Store] | None:
    """The two stores of the account with this name, whatever its case; None when there is no such account."""
    account = await administration.session.scalar(select(Account).where(Account.name_key == fold(name)))
    if account is None:
        return None
    rows = await administration.session.scalars(select(StoreRow).where(StoreRow.account_id == account.id))
    return {Mode(row.mode): _store(row, account) for row in rows}


def operator(store: Store) -> Principal:
    """Whoever runs the gateway: every scope in a store, known in the audit log as ``system``."""
    return Principal(store, frozenset(SCOPES), "system")


@use_case("access:write")
async def create_key(work: Work, principal: Principal, command: CreateApiKey) -> IssuedKey:
    """Make a key. Raises Forbidden when it would hold a scope the caller lacks, ValidationFailed for an unknown one."""
    scopes = _granted(principal, command.scopes)
    expires_at = None if command.expires_at is UNSET else command.expires_at
    if expires_at is not None and expires_at <= work.now:
        raise ValidationFailed.of(("expires_at",), ErrorCode.TOO_SMALL, "Must be in the future.")
    issued = _issue(work, command.name, scopes, expires_at)
    audit(work, "key.created", issued.id, name=command.name, scopes=scopes)
    await work.flush()
    return issued


@use_case("access:write")
async def roll_key(work: Work, principal: Principal, command: RollApiKey) -> IssuedKey:
    """Make a successor and let the old key run out after the overlap (seconds).

    Raises NotFound, Conflict (stale version, the key is revoked or expired), Forbidden as ``create_key``.
    """
    version = None if command.expected_version is UNSET else command.expected_version
    old = await work.lock(ApiKey, command.id, noun="API key", version=version)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= work.now):
        raise Conflict("The key does not work any more.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    scopes = _granted(principal, tuple(old.scopes))
    issued = _issue(work, old.name, scopes, old.expires_at)
    end = work.now + timedelta(seconds=command.overlap_seconds)
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    _changed(work, old)
    audit(work, "key.rolled", old.id, successor=issued.id, overlap_seconds=command.overlap_seconds)
    await work.react(KeyEnded(old.id))
    await work.flush()
    return issued


@use_case("access:write")
async def revoke_key(work: Work, principal: Principal, command: RevokeApiKey) -> ApiKey:
    """End a key at once. Raises NotFound, Conflict (stale version)."""
    version = None if command.expected_version is UNSET else command.expected_version
    key = await work.lock(ApiKey, command.id, noun="API key", version=version)
    if key.revoked_at is None:
        key.revoked_at = work.now
        _changed(work, key)
        audit(work, "key.revoked", key.id)
        await work.react(KeyEnded(key.id))
        await work.flush()
    return key


_IDENTIFY = """
SELECT k.id, k.scopes, k.expires_at, k.last_used_at, s.number, s.id AS store, s.account_id, s.mode, s.currency,
       a.name, a.plan
FROM api_key k JOIN store s ON s.number = k.store_id JOIN account a ON a.id = s.account_id
WHERE k.secret_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
"""


async def identify(connection: asyncpg.Connection, secret: str, now: datetime) -> Principal:
    """Who holds ``secret``; notes that the key was used. ``connection``: of the gateway's own role.

    Raises Unauthenticated when there is no such key, or it is revoked or expired; which of these is not told.
    """
    with watched(_IDENTIFY):
        row = await connection.fetchrow(_IDENTIFY, hash_secret(secret), now)
    if row is None:
        raise Unauthenticated("This API key is not valid.")
    if row["last_used_at"] is None or row["last_used_at"] <= now - USE_RECORDED_EVERY:
        used = "UPDATE api_key SET last_used_at = $3 WHERE store_id = $1 AND id = $2"
        with watched(used):
            await connection.execute(used, row["number"], row["id"], now)
    return Principal(_found_store(row), frozenset(row["scopes"]), row["id"], row["expires_at"])


_STORES = """
SELECT s.number, s.id AS store, s.account_id, s.mode, s.currency, a.name, a.plan
FROM store s JOIN account a ON a.id = s.account_id WHERE s.number = ANY ($1)
"""


async def stores_numbered(connection: asyncpg.Connection, numbers: Collection[int]) -> dict[int, Store]:
    """The stores with these numbers. ``connection``: of the gateway's own role."""
    return {row["number"]: _found_store(row) for row in await connection.fetch(_STORES, list(numbers))}


_STILL_WORKING = """
SELECT k.store_id, k.id
FROM unnest($1::int[], $2::text[]) AS asked(store_id, id)
JOIN api_key k ON k.store_id = asked.store_id AND k.id = asked.id
WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)
"""

Credential = tuple[int, str]
"""The number of a store and the id of one of its keys."""


async def still_working(
    connection: asyncpg.Connection, credentials: Collection[Credential], now: datetime
) -> set[Credential]:
    """Those of the credentials that would let their holders in today. ``connection``: of the gateway's own role."""
    stores, ids = [store for store, _ in credentials], [id for _, id in credentials]
    return {(row["store_id"], row["id"]) for row in await connection.fetch(_STILL_WORKING, stores, ids, now)}


def hash_secret(secret: str) -> bytes:
    """What is stored of a secret. It has 256 random bits, so one round of SHA-256 keeps it."""
    return hashlib.sha256(secret.encode()).digest()


def _granted(principal: Principal, wanted: tuple[str, ...]) -> list[str]:
    """The scopes a new key gets, in the order of SCOPES. ``all`` is all of the caller's own."""
    message = "Not a scope: <area>:read, <area>:write, or all."
    problems = [
        Problem(("scopes", index), ErrorCode.INVALID, message)
        for index, scope in enumerate(wanted)
        if scope not in (*SCOPES, ALL)
    ]
    if problems:
        raise ValidationFailed(problems)
    scopes = principal.scopes if ALL in wanted else frozenset(wanted)
    for scope in sorted(scopes):
        principal.require(scope)
    return [scope for scope in SCOPES if scope in scopes]


def _issue(work: Work, name: str, scopes: list[str], expires_at: datetime | None) -> IssuedKey:
    secret = f"{work.store.mode.value}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey(
        store_id=work.store.number,
        id=new_id("key"),
        name=name,
        secret_hash=hash_secret(secret),
        hint=f"{secret[:8]}…{secret[-4:]}",
        scopes=scopes,
        version=1,
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(key)
    return IssuedKey(key, secret)


def _changed(work: Work, key: ApiKey) -> None:
    key.version += 1
    key.updated_at = work.now


def _store(row: StoreRow, account: Account) -> Store:
    return Store(
        number=row.number,
        id=row.id,
        account_id=account.id,
        name=account.name,
        mode=Mode(row.mode),
        currency=row.currency,
        plan=Plan(account.plan),
    )


def _found_store(row: asyncpg.Record) -> Store:
    return Store(
        number=row["number"],
        id=row["store"],
        account_id=row["account_id"],
        name=row["name"],
        mode=Mode(row["mode"]),
        currency=row["currency"],
        plan=Plan(row["plan"]),
    )
