"""Use cases of API keys: create, roll, revoke. ``key_updates.py``: rename and narrow."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select, update

from domain.access.commands import CreateApiKey, RevokeApiKey, RollApiKey
from domain.access.model import ApiKey, KeyType, LeftWebhooks
from domain.access.networks import networks_of
from domain.access.service.authentication import hash_secret
from domain.access.service.key_terms import KeyTerms, require_within, terms_of
from domain.access.service.storefront_terms import StorefrontTerms, requested_scopes, storefront_terms
from domain.access.signals import KeyInvalidated, KeyRolled, KeysRevoked
from domain.kernel.errors import Conflict, ErrorCode, Problem, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.principal import SCOPES, Mode, Principal
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

ALL = "all"
SECRET_BYTES = 32
ROTATION = timedelta(days=90)
"""After this time a key should be rolled."""

_key = ApiKey.__table__.c
_REASSIGN = Statement(
    "reassign_keys",
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
    """A created key, with its secret."""

    key: ApiKey
    secret: str

    @property
    def id(self) -> str:
        """The key's id."""
        return self.key.id


@dataclass(frozen=True, slots=True)
class RevokedKey:
    """A revoked key, and what is affected by it."""

    key: ApiKey
    key_count: int
    """Descendants that were revoked with it."""
    webhook_count: int
    """Active webhooks that the key and its descendants created."""

    @property
    def id(self) -> str:
        """The key's id."""
        return self.key.id


@use_case("access:write")
async def create_key(work: UnitOfWork, principal: Principal, command: CreateApiKey) -> IssuedKey:
    """Create a key, which expires no later than the caller's key and has no larger limits.

    Raises Forbidden (a scope the caller lacks; addresses on a plan without them), ValidationFailed (an unknown scope;
    an expiry in the past or later than the caller's; limits or addresses beyond the caller's; what a key of its type
    cannot have), Unauthenticated (the caller's key has been revoked or has expired meanwhile).
    """
    scopes = granted_scopes(principal, requested_scopes(command))
    storefront = storefront_terms(command.type, work.store.mode, command, StorefrontTerms())
    asked = KeyTerms(
        expires_at=command.expires_at or None,
        hourly_limit=command.hourly_limit or None,
        daily_limit=command.daily_limit or None,
        allowed_addresses=networks_of(principal.store.plan, command.allowed_addresses),
    )
    if asked.expires_at is not None and asked.expires_at <= work.now:
        raise ValidationFailed.of(("expires_at",), ErrorCode.TOO_SMALL, "Must be in the future.")
    own = await terms_of(work, principal)
    require_within(asked, own)
    issued = _issue(work, command.name, scopes, principal.credential, terms=asked.within(own), storefront=storefront)
    shown = storefront.shown() if storefront.origins else {}
    audit(work, "key.created", issued.id, name=command.name, scopes=scopes, **shown)
    await work.flush()
    return issued


@use_case("access:write")
async def roll_key(work: UnitOfWork, principal: Principal, command: RollApiKey) -> IssuedKey:
    """Replace a key: its successor takes over what the old key created, which expires after the overlap (seconds).

    Raises NotFound, Conflict (stale version, the key is revoked or expired), and Forbidden and Unauthenticated like
    ``create_key``.
    """
    old = await work.lock(ApiKey, command.id, noun="API key", version=command.expected_version)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= work.now):
        raise Conflict("The key is revoked or expired and cannot be rolled.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    scopes = granted_scopes(principal, tuple(old.scopes))
    terms = KeyTerms.of(old)
    creator = old.created_by if principal.credential == old.id else principal.credential
    terms = terms.within(await terms_of(work, principal))
    issued = _issue(work, old.name, scopes, creator, terms=terms, storefront=StorefrontTerms.of(old))
    end = work.now + timedelta(seconds=command.overlap_seconds)
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    count_key_change(work, old)
    audit(work, "key.rolled", old.id, successor=issued.id, overlap_seconds=command.overlap_seconds)
    await work.flush()
    await _REASSIGN.rows(work.reader, old=old.id, new=issued.id)
    await work.emit(KeyRolled(old.id, issued.id))
    await work.emit(KeyInvalidated(old.id))
    return issued


@use_case("access:write")
async def revoke_key(work: UnitOfWork, principal: Principal, command: RevokeApiKey) -> RevokedKey:
    """Revoke a key and all its descendants: no key outlives the one that created it.

    Raises NotFound, Conflict (stale version).
    """
    key = await work.lock(ApiKey, command.id, noun="API key", version=command.expected_version)
    descendants = await descendants_of(work, key)
    revoked = [each for each in (key, *descendants) if each.revoked_at is None]
    for each in revoked:
        each.revoked_at = work.now
        count_key_change(work, each)
        audit(work, "key.revoked", each.id, **({} if each is key else {"with": key.id}))
        await work.emit(KeyInvalidated(each.id))
    await work.flush()
    ids = (key.id, *(each.id for each in descendants))
    signal = KeysRevoked(ids, command.webhooks is LeftWebhooks.DISABLE)
    await work.emit(signal)
    return RevokedKey(key, len([each for each in revoked if each is not key]), signal.webhook_count)


async def descendants_of(work: UnitOfWork, key: ApiKey) -> list[ApiKey]:
    """Find the descendants of a key: those it created, those that they created, and so on; locked."""
    found: dict[str, ApiKey] = {key.id: key}
    creators = [key.id]
    while creators:
        created = select(ApiKey).where(ApiKey.store_id == work.store.number, ApiKey.created_by.in_(creators))
        rows = await work.session.scalars(created.order_by(ApiKey.id).with_for_update(key_share=True))
        new = {row.id: row for row in rows if row.id not in found}
        found |= new
        creators = list(new)
    return [each for each in found.values() if each is not key]


def granted_scopes(principal: Principal, requested: tuple[str, ...]) -> list[str]:
    """Return the scopes of a new key, in the order of SCOPES. ``all`` means all scopes of the caller."""
    message = "Unknown scope. Must be <area>:read, <area>:write or all."
    problems = [
        Problem(("scopes", index), ErrorCode.INVALID, message)
        for index, scope in enumerate(requested)
        if scope not in (*SCOPES, ALL)
    ]
    if problems:
        raise ValidationFailed(problems)
    scopes = principal.scopes if ALL in requested else frozenset(requested)
    for scope in sorted(scopes):
        principal.require(scope)
    return [scope for scope in SCOPES if scope in scopes]


def _issue(
    work: UnitOfWork,
    name: str,
    scopes: list[str],
    created_by: str | None,
    *,
    terms: KeyTerms,
    storefront: StorefrontTerms,
) -> IssuedKey:
    """``storefront``: with origins, the key is a publishable one."""
    type = KeyType.PUBLISHABLE if storefront.origins else KeyType.SECRET
    secret, hint = _new_secret(work.store.mode, type)
    key = ApiKey(
        store_id=work.store.number,
        id=new_id("key"),
        name=name,
        type=type,
        secret_hash=hash_secret(secret),
        hint=hint,
        scopes=scopes,
        version=1,
        **terms.columns(),
        **storefront.columns(),
        rotation_due_at=work.now + ROTATION,
        rejections=0,
        rejected_since=None,
        revoked_at=None,
        last_used_at=None,
        created_by=created_by,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(key)
    return IssuedKey(key, secret)


def _new_secret(mode: Mode, type: KeyType) -> tuple[str, str]:
    """A new secret, and the part of it that is shown."""
    prefix = f"{mode.value}_pub_" if type is KeyType.PUBLISHABLE else f"{mode.value}_"
    secret = prefix + secrets.token_urlsafe(SECRET_BYTES)
    return secret, f"{secret[: len(prefix) + 3]}…{secret[-4:]}"


def count_key_change(work: UnitOfWork, key: ApiKey) -> None:
    key.version += 1
    key.updated_at = work.now
