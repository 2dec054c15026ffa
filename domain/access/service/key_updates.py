"""Renaming API keys, and narrowing what they may do."""

from __future__ import annotations

from typing import Any, TypeVar

from domain.access.commands import UpdateApiKey
from domain.access.model import ApiKey
from domain.access.networks import networks_of
from domain.access.service.key_terms import KeyTerms, require_within, terms_of
from domain.access.service.keys import ALL, count_key_change, descendants_of
from domain.access.service.storefront_terms import StorefrontTerms, storefront_terms
from domain.access.signals import KeyInvalidated
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.serialization import format_instant
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

T = TypeVar("T", KeyTerms, StorefrontTerms)


@use_case("access:write")
async def update_key(work: UnitOfWork, principal: Principal, command: UpdateApiKey) -> ApiKey:
    """Rename a key, or narrow what it may do. The keys that it created are narrowed with it.

    Scopes can only be taken away, and the expiry only be brought forward. Limits and addresses may be anything within
    those of the caller's key; origins, members of metadata and the limit per address of a publishable key anything. A
    created key without any scope left is revoked.

    Raises NotFound, Forbidden (addresses on a plan without them), Conflict (stale version, the key is revoked or
    expired), ValidationFailed (more scopes, a later expiry; limits or addresses beyond the caller's), Unauthenticated
    as ``create_key``.
    """
    key = await work.lock(ApiKey, command.id, noun="API key", version=command.expected_version)
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= work.now):
        raise Conflict("The key is revoked or expired and cannot be changed.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    own = await terms_of(work, principal)
    before, lost = KeyTerms.of(key), _lost_scopes(key, command)
    terms = _changed_terms(work, before, command)
    require_within(terms, own)
    terms = terms.within(own)
    shown_before = StorefrontTerms.of(key)
    storefront = storefront_terms(key.type, work.store.mode, command, shown_before)
    name = key.name if command.name is UNSET else command.name
    if (name, terms, storefront, lost) == (key.name, before, shown_before, set()):
        return key
    key.name = name
    key.origins, key.metadata_keys = list(storefront.origins), list(storefront.metadata_keys)
    key.address_limit = storefront.address_limit
    await _narrow(work, key, terms, lost)
    changes = _difference(before, terms) | _difference(shown_before, storefront)
    audit(work, "key.updated", key.id, **changes, **({"scopes": key.scopes} if lost else {}))
    await _narrow_descendants(work, key, lost)
    await work.flush()
    return key


async def _narrow_descendants(work: UnitOfWork, key: ApiKey, lost: set[str]) -> None:
    """Take the lost scopes of a key from the keys that it created, and let none of them outlive it."""
    for each in await descendants_of(work, key):
        within = KeyTerms.of(each).within(KeyTerms(expires_at=key.expires_at))
        if each.revoked_at is None and (within != KeyTerms.of(each) or lost & set(each.scopes)):
            await _narrow(work, each, within, lost)
            audit(work, "key.updated", each.id, **{"with": key.id})


def _lost_scopes(key: ApiKey, command: UpdateApiKey) -> set[str]:
    if command.scopes is UNSET:
        return set()
    for index, scope in enumerate(command.scopes):
        if scope != ALL and scope not in key.scopes:
            message = "The key does not have this scope. Scopes can only be taken away; create another key."
            raise ValidationFailed.of(("scopes", index), ErrorCode.INVALID, message)
    return set() if ALL in command.scopes else set(key.scopes) - set(command.scopes)


def _changed_terms(work: UnitOfWork, before: KeyTerms, command: UpdateApiKey) -> KeyTerms:
    """What a command says. Raises ValidationFailed for an expiry in the past, or later than the present one."""
    ends = before.expires_at if command.expires_at is UNSET else command.expires_at
    if ends != before.expires_at and ends is not None and ends <= work.now:
        raise ValidationFailed.of(
            ("expires_at",), ErrorCode.TOO_SMALL, "Must be in the future. Revoke the key instead."
        )
    if before.expires_at is not None and (ends is None or ends > before.expires_at):
        message = f"Must not be later than {format_instant(before.expires_at)}. Roll the key, or create another one."
        raise ValidationFailed.of(("expires_at",), ErrorCode.TOO_LARGE, message)
    allowed = before.allowed_addresses
    if command.allowed_addresses is not UNSET:
        allowed = networks_of(work.store.plan, command.allowed_addresses)
    return KeyTerms(
        expires_at=ends,
        hourly_limit=before.hourly_limit if command.hourly_limit is UNSET else command.hourly_limit,
        daily_limit=before.daily_limit if command.daily_limit is UNSET else command.daily_limit,
        allowed_addresses=allowed,
    )


async def _narrow(work: UnitOfWork, key: ApiKey, terms: KeyTerms, lost: set[str]) -> None:
    key.scopes = [scope for scope in key.scopes if scope not in lost]
    key.expires_at, key.hourly_limit, key.daily_limit = terms.expires_at, terms.hourly_limit, terms.daily_limit
    key.allowed_addresses = list(terms.allowed_addresses)
    if not key.scopes:
        key.revoked_at = work.now
    count_key_change(work, key)
    await work.emit(KeyInvalidated(key.id))


def _difference(before: T, after: T) -> dict[str, Any]:
    """What has changed, for the audit log."""
    old, new = before.shown(), after.shown()
    return {name: new[name] for name in new if new[name] != old[name]}
