"""Keys: how they are made, rolled and revoked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import bindparam, select, update

from domain.access.commands import CreateApiKey, RevokeApiKey, RollApiKey
from domain.access.model import ApiKey, LeftWebhooks
from domain.access.service.authentication import hash_secret
from domain.access.signals import KeyInvalidated, KeyRolled, KeysRevoked
from domain.kernel.errors import Conflict, ErrorCode, Problem, Unauthenticated, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.serialization import format_instant
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

ALL = "all"
SECRET_BYTES = 32

_key = ApiKey.__table__.c
_MAKER = Statement(
    "find_key_that_makes",
    select(_key.expires_at, _key.revoked_at)
    .where(_key.store_id == STORE, _key.id == bindparam("id", type_=KEY_TEXT))
    .with_for_update(read=True),
)
_HAND_OVER = Statement(
    "hand_over_keys",
    update(ApiKey)
    .values(created_by=bindparam("new", type_=KEY_TEXT))
    .where(
        _key.store_id == STORE,
        _key.created_by == bindparam("old", type_=KEY_TEXT),
        _key.id != bindparam("new", type_=KEY_TEXT),
    ),
)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made, with the secret that is shown once."""

    key: ApiKey
    secret: str

    @property
    def id(self) -> str:
        """The key's id."""
        return self.key.id


@dataclass(frozen=True, slots=True)
class RevokedKey:
    """A key that is revoked, and what it leaves."""

    key: ApiKey
    key_count: int
    """Keys that ended with it."""
    webhook_count: int
    """Active webhooks that these keys and it made."""

    @property
    def id(self) -> str:
        """The key's id."""
        return self.key.id


@use_case("access:write")
async def create_key(work: UnitOfWork, principal: Principal, command: CreateApiKey) -> IssuedKey:
    """Make a key, which ends no later than the one that makes it.

    Raises Forbidden when it would hold a scope the caller lacks, ValidationFailed for an unknown one and for an expiry
    that is past or later than the caller's, Unauthenticated for a caller whose key has ended meanwhile.
    """
    scopes = _granted(principal, command.scopes)
    expires_at = None if command.expires_at is UNSET else command.expires_at
    if expires_at is not None and expires_at <= work.now:
        raise ValidationFailed.of(("expires_at",), ErrorCode.TOO_SMALL, "Must be in the future.")
    end = await _end_of(work, principal)
    if end is not None and expires_at is not None and expires_at > end:
        message = f"Must not be later than {format_instant(end)}, when the key that makes it stops working."
        raise ValidationFailed.of(("expires_at",), ErrorCode.TOO_LARGE, message)
    issued = _issue(work, command.name, scopes, expires_at or end, principal.credential)
    audit(work, "key.created", issued.id, name=command.name, scopes=scopes)
    await work.flush()
    return issued


@use_case("access:write")
async def roll_key(work: UnitOfWork, principal: Principal, command: RollApiKey) -> IssuedKey:
    """Make a successor, which takes over what the old key made; the old key runs out after the overlap (seconds).

    Raises NotFound, Conflict (stale version, the key is revoked or expired), Forbidden and Unauthenticated as
    ``create_key``.
    """
    version = None if command.expected_version is UNSET else command.expected_version
    old = await work.lock(ApiKey, command.id, noun="API key", version=version)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= work.now):
        raise Conflict("The key does not work any more.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    scopes = _granted(principal, tuple(old.scopes))
    ends = [each for each in (old.expires_at, await _end_of(work, principal)) if each is not None]
    maker = old.created_by if principal.credential == old.id else principal.credential
    issued = _issue(work, old.name, scopes, min(ends, default=None), maker)
    end = work.now + timedelta(seconds=command.overlap_seconds)
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    _changed(work, old)
    audit(work, "key.rolled", old.id, successor=issued.id, overlap_seconds=command.overlap_seconds)
    await work.flush()
    await _HAND_OVER.rows(work.reader, old=old.id, new=issued.id)
    await work.emit(KeyRolled(old.id, issued.id))
    await work.emit(KeyInvalidated(old.id))
    return issued


@use_case("access:write")
async def revoke_key(work: UnitOfWork, principal: Principal, command: RevokeApiKey) -> RevokedKey:
    """End a key at once, with all that descend from it: no key outlives the one that made it.

    Raises NotFound, Conflict (stale version).
    """
    version = None if command.expected_version is UNSET else command.expected_version
    key = await work.lock(ApiKey, command.id, noun="API key", version=version)
    descendants = await _descendants(work, key)
    ended = [each for each in (key, *descendants) if each.revoked_at is None]
    for each in ended:
        each.revoked_at = work.now
        _changed(work, each)
        audit(work, "key.revoked", each.id, **({} if each is key else {"with": key.id}))
        await work.emit(KeyInvalidated(each.id))
    await work.flush()
    ids = (key.id, *(each.id for each in descendants))
    news = KeysRevoked(ids, command.webhooks is LeftWebhooks.DISABLE)
    await work.emit(news)
    return RevokedKey(key, len([each for each in ended if each is not key]), news.webhook_count)


async def _end_of(work: UnitOfWork, principal: Principal) -> datetime | None:
    """When the caller's key stops working, which does not end before this transaction does.

    Raises Unauthenticated when it has ended since the caller was identified.
    """
    for row in await _MAKER.rows(work.reader, id=principal.credential):
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= work.now):
            raise Unauthenticated("This API key is not valid.")
        return cast("datetime | None", row.expires_at)
    return principal.expires_at


async def _descendants(work: UnitOfWork, key: ApiKey) -> list[ApiKey]:
    """The keys that a key made, that those made, and so on, locked."""
    found: dict[str, ApiKey] = {key.id: key}
    makers = [key.id]
    while makers:
        made = select(ApiKey).where(ApiKey.store_id == work.store.number, ApiKey.created_by.in_(makers))
        rows = await work.session.scalars(made.order_by(ApiKey.id).with_for_update(key_share=True))
        new = {row.id: row for row in rows if row.id not in found}
        found |= new
        makers = list(new)
    return [each for each in found.values() if each is not key]


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


def _issue(
    work: UnitOfWork, name: str, scopes: list[str], expires_at: datetime | None, created_by: str | None
) -> IssuedKey:
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
        created_by=created_by,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(key)
    return IssuedKey(key, secret)


def _changed(work: UnitOfWork, key: ApiKey) -> None:
    key.version += 1
    key.updated_at = work.now
