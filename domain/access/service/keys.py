"""Keys: how they are made, rolled and revoked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access.commands import CreateApiKey, RevokeApiKey, RollApiKey
from domain.access.events import KeyEnded
from domain.access.model import ApiKey
from domain.access.service.identifying import hash_secret
from domain.kernel.audit import audit
from domain.kernel.errors import Conflict, ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.use_cases import use_case
from domain.kernel.work import Work

ALL = "all"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made, with the secret that is shown once."""

    key: ApiKey
    secret: str

    @property
    def id(self) -> str:
        """The key's id."""
        return self.key.id


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
