"""What an API key is limited to: when it expires, how many requests it may make, and from where."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, select

from domain.access.model import ApiKey
from domain.access.networks import is_within
from domain.kernel.errors import ErrorCode, Problem, Unauthenticated, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.serialization import format_instant
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork

L = TypeVar("L", int, datetime)
_key = ApiKey.__table__.c
_CREATOR = Statement(
    "find_creating_key",
    select(_key.expires_at, _key.revoked_at, _key.hourly_limit, _key.daily_limit, _key.allowed_addresses)
    .where(_key.store_id == STORE, _key.id == bindparam("id", type_=KEY_TEXT))
    .with_for_update(read=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTerms:
    """The limits of a key, which no key that it creates goes beyond."""

    expires_at: datetime | None = None
    hourly_limit: int | None = None
    daily_limit: int | None = None
    allowed_addresses: tuple[str, ...] = ()
    """Networks (CIDR) from which it works; from everywhere if there are none."""

    @classmethod
    def of(cls, key: Any) -> KeyTerms:
        """Those of a stored key."""
        return cls(
            expires_at=key.expires_at,
            hourly_limit=key.hourly_limit,
            daily_limit=key.daily_limit,
            allowed_addresses=tuple(key.allowed_addresses),
        )

    def within(self, other: KeyTerms) -> KeyTerms:
        """The narrower of both; networks are those of ``other`` only if there are none here."""
        return KeyTerms(
            expires_at=_least(self.expires_at, other.expires_at),
            hourly_limit=_least(self.hourly_limit, other.hourly_limit),
            daily_limit=_least(self.daily_limit, other.daily_limit),
            allowed_addresses=self.allowed_addresses or other.allowed_addresses,
        )

    def columns(self) -> dict[str, Any]:
        """By the columns of a stored key."""
        return {**asdict(self), "allowed_addresses": list(self.allowed_addresses)}

    def shown(self) -> dict[str, Any]:
        """For the audit log."""
        return {**self.columns(), "expires_at": None if self.expires_at is None else format_instant(self.expires_at)}


async def terms_of(work: UnitOfWork, principal: Principal) -> KeyTerms:
    """What the caller's key is limited to. It is locked against revocation until the transaction ends.

    Raises Unauthenticated if it was revoked or has expired since the caller was authenticated.
    """
    for row in await _CREATOR.rows(work.reader, id=principal.credential):
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= work.now):
            raise Unauthenticated("The API key is invalid, revoked or expired.")
        return KeyTerms.of(row)
    return KeyTerms(expires_at=principal.expires_at)


def require_within(asked: KeyTerms, own: KeyTerms) -> None:
    """Raises ValidationFailed for what goes beyond the caller's key."""
    if asked.expires_at is not None and own.expires_at is not None and asked.expires_at > own.expires_at:
        message = f"Must not be later than {format_instant(own.expires_at)}, when your API key expires."
        raise ValidationFailed.of(("expires_at",), ErrorCode.TOO_LARGE, message)
    for field in ("hourly_limit", "daily_limit"):
        value, most = getattr(asked, field), getattr(own, field)
        if value is not None and most is not None and value > most:
            message = f"Must not be more than {most:,}, the limit of your API key."
            raise ValidationFailed.of((field,), ErrorCode.TOO_LARGE, message)
    outside = [
        index
        for index, each in enumerate(asked.allowed_addresses)
        if own.allowed_addresses and not is_within(each, own.allowed_addresses)
    ]
    if outside:
        message = f"Must be within {', '.join(own.allowed_addresses)}, from where your API key works."
        raise ValidationFailed([Problem(("allowed_addresses", each), ErrorCode.INVALID, message) for each in outside])


def _least(one: L | None, other: L | None) -> L | None:
    known = [each for each in (one, other) if each is not None]
    return min(known, default=None)
