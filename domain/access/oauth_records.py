"""The OAuth rows of one store, for a library that calls synchronously: it runs inside ``AsyncSession.run_sync``.

The rules are here: codes are single use, refresh tokens rotate, and whoever presents either twice ends the grant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from domain.access.oauth_model import GrantEnd, OAuthClient, OAuthCode, OAuthGrant, OAuthToken, TokenKind
from domain.access.roles import ROLE_SCOPES, UserRole, in_order
from domain.access.service.authentication import hash_secret
from domain.access.service.oauth_clients import end_grant
from domain.access.tokens import (
    ACCESS_TOKEN_LIFETIME,
    CODE_LIFETIME,
    REFRESH_TOKEN_LIFETIME,
    new_access_token,
    new_refresh_token,
    random_secret,
)
from domain.kernel.ids import new_id
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.unit_of_work import UnitOfWork

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """New tokens of a grant, to be returned once. ``refresh`` is None for client credentials."""

    access: str
    refresh: str | None
    scopes: list[str]
    """Of the access token."""
    expires_in: int
    """Seconds until the access token expires."""


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token that was presented, with its grant."""

    token: OAuthToken
    grant: OAuthGrant
    is_active: bool
    """Whether it can still be used."""


class OAuthRecords:
    """Reads and writes OAuth rows of the store of a unit of work. ``role``: of the user whose code or token it is."""

    def __init__(self, session: Session, work: UnitOfWork, role: UserRole | None) -> None:
        self._session = session
        self._work = work
        self._role = role
        self.ending: dict[str, tuple[OAuthGrant, GrantEnd]] = {}
        """Grants to be ended after the library has returned, whatever it answers."""

    def client(self, client_id: str) -> OAuthClient | None:
        """Find a client that has not ended, and keep it from being revoked until the transaction ends."""
        lasts = or_(OAuthClient.expires_at.is_(None), OAuthClient.expires_at > self._work.now)
        found = select(OAuthClient).where(
            OAuthClient.store_id == self._store, OAuthClient.id == client_id, OAuthClient.revoked_at.is_(None), lasts
        )
        return self._session.scalar(found.with_for_update(read=True))

    def add_code(
        self, client: OAuthClient, user_id: str, scopes: list[str], redirect_uri: str | None, challenge: str | None
    ) -> str:
        """Store an authorization code for what a user allowed. Returns it; it cannot be shown again."""
        code, now = random_secret(), self._work.now
        self._session.add(
            OAuthCode(
                store_id=self._store,
                id=new_id("code"),
                client_id=client.id,
                user_id=user_id,
                code_hash=hash_secret(code),
                redirect_uri=redirect_uri,
                scopes=scopes,
                code_challenge=challenge,
                expires_at=now + CODE_LIFETIME,
                used_at=None,
                grant_id=None,
                created_at=now,
            )
        )
        self._session.flush()
        audit(self._work, "client.authorized", client.id, user_id=user_id, scopes=scopes)
        return code

    def find_code(self, code: str, client: OAuthClient) -> OAuthCode | None:
        """Find a code of a client that can be exchanged, locked. One that has been exchanged before ends the grant that
        it became (RFC 6749, 4.1.2): it was stolen, or its first use was by the thief.
        """
        found = select(OAuthCode).where(
            OAuthCode.store_id == self._store,
            OAuthCode.code_hash == hash_secret(code),
            OAuthCode.client_id == client.id,
        )
        row = self._session.scalar(found.with_for_update())
        if row is None:
            return None
        if row.grant_id is not None:
            self._end(row.grant_id, GrantEnd.CODE_REPLAYED)
            return None
        return row if row.expires_at > self._work.now and self._role is not None else None

    def exchange_code(self, code: OAuthCode) -> IssuedTokens:
        """Use up a code: a new grant with its first tokens."""
        grant = self._add_grant(code.client_id, code.user_id, code.scopes)
        code.used_at, code.grant_id = self._work.now, grant.id
        return self._issue(grant, code.scopes, refreshes=True)

    def client_credentials(self, client: OAuthClient, scopes: list[str]) -> IssuedTokens:
        """A new access token of a client's own. Its grant lasts until it is revoked, so that a client that gets a new
        token is the same caller as before: its idempotency keys and what it made stay its own.
        """
        values = {
            "store_id": self._store,
            "id": new_id("grant"),
            "client_id": client.id,
            "user_id": None,
            "scopes": client.scopes,
            "created_at": self._work.now,
        }
        unique = (OAuthGrant.user_id.is_(None)) & (OAuthGrant.revoked_at.is_(None))
        statement = upsert(OAuthGrant).values(values)
        # An update that changes nothing: unlike DO NOTHING it returns the row, and locks it.
        statement = statement.on_conflict_do_update(
            index_elements=["store_id", "client_id"], index_where=unique, set_={"client_id": client.id}
        )
        grant = self._session.scalars(statement.returning(OAuthGrant)).one()
        if grant.id == values["id"]:
            audit(self._work, "grant.created", grant.id, client_id=client.id, scopes=grant.scopes)
        return self._issue(grant, scopes, refreshes=False)

    def find_refresh_token(self, token: str, client: OAuthClient) -> FoundToken | None:
        """Find a refresh token of a client that can be used, its grant locked. One that has been rotated ends the grant
        (RFC 9700, 4.14.2): it was stolen, or its successor went to the thief.
        """
        found = self.find_token(token)
        if found is None or found.token.kind != TokenKind.REFRESH or found.grant.client_id != client.id:
            return None
        if found.token.used_at is not None:
            self._end(found.grant.id, GrantEnd.REFRESH_REPLAYED)
            return None
        return found if found.is_active and self._role is not None else None

    def rotate(self, found: FoundToken, scopes: list[str]) -> IssuedTokens:
        """Use up a refresh token: new tokens of its grant, the access token with these scopes."""
        found.token.used_at = self._work.now
        return self._issue(found.grant, scopes, refreshes=True)

    def find_token(self, token: str) -> FoundToken | None:
        """Find a token of any kind, its grant locked. Grants are locked before their tokens, here and everywhere."""
        hash = hash_secret(token)
        row = self._session.scalar(
            select(OAuthToken).where(OAuthToken.store_id == self._store, OAuthToken.token_hash == hash)
        )
        if row is None:
            return None
        grant = self._locked_grant(row.grant_id)
        self._session.refresh(row)  # another request may have rotated it while this one waited for the lock
        is_active = (
            grant.revoked_at is None
            and row.used_at is None
            and row.expires_at > self._work.now
            and (grant.user_id is None or self._role is not None)
        )
        return FoundToken(row, grant, is_active)

    def revoke(self, found: FoundToken) -> None:
        """End the grant of a token, and so every token of it (RFC 7009, 2.1)."""
        self._end(found.grant.id, GrantEnd.REVOKED)

    def allowed(self, scopes: list[str]) -> list[str]:
        """Those of the scopes that the user's role has now."""
        return scopes if self._role is None else in_order(ROLE_SCOPES[self._role].intersection(scopes))

    @property
    def _store(self) -> int:
        return self._work.store.number

    def _locked_grant(self, grant_id: str) -> OAuthGrant:
        found = select(OAuthGrant).where(OAuthGrant.store_id == self._store, OAuthGrant.id == grant_id)
        locked = found.with_for_update().execution_options(populate_existing=True)
        return self._session.scalars(locked).one()

    def _end(self, grant_id: str, reason: GrantEnd) -> None:
        grant = self._locked_grant(grant_id)
        if grant.revoked_at is None:
            self.ending.setdefault(grant.id, (grant, reason))

    def _add_grant(self, client_id: str, user_id: str, scopes: list[str]) -> OAuthGrant:
        grant = OAuthGrant(
            store_id=self._store,
            id=new_id("grant"),
            client_id=client_id,
            user_id=user_id,
            scopes=scopes,
            last_used_at=None,
            created_at=self._work.now,
            revoked_at=None,
            end_reason=None,
        )
        self._session.add(grant)
        self._session.flush()
        audit(self._work, "grant.created", grant.id, client_id=client_id, user_id=user_id, scopes=scopes)
        return grant

    def _issue(self, grant: OAuthGrant, scopes: list[str], *, refreshes: bool) -> IssuedTokens:
        """New tokens of a grant, none of which outlives the client."""
        mode, scopes = self._work.store.mode, self.allowed(scopes)
        client = self._session.get_one(OAuthClient, (self._store, grant.client_id))
        access, refresh = new_access_token(mode), new_refresh_token(mode) if refreshes else None
        end = self._add_token(grant, TokenKind.ACCESS, access, scopes, client.expires_at)
        if refresh is not None:
            self._add_token(grant, TokenKind.REFRESH, refresh, grant.scopes, client.expires_at)
        self._session.flush()
        return IssuedTokens(access, refresh, scopes, int((end - self._work.now).total_seconds()))

    def _add_token(
        self, grant: OAuthGrant, kind: TokenKind, token: str, scopes: list[str], latest: datetime | None
    ) -> datetime:
        """Store a token that expires at ``latest`` at the latest. Returns when it expires."""
        lifetime = ACCESS_TOKEN_LIFETIME if kind == TokenKind.ACCESS else REFRESH_TOKEN_LIFETIME
        end = self._work.now + lifetime
        end = end if latest is None else min(end, latest)
        self._session.add(
            OAuthToken(
                store_id=self._store,
                id=new_id("tok"),
                grant_id=grant.id,
                kind=kind,
                token_hash=hash_secret(token),
                scopes=scopes,
                expires_at=end,
                used_at=None,
                created_at=self._work.now,
            )
        )
        return end


async def with_oauth_records(work: UnitOfWork, role: UserRole | None, run: Callable[[OAuthRecords], R]) -> R:
    """Run a synchronous function over the OAuth rows of a unit of work, then end the grants that it found misused."""

    def synchronously(session: Session) -> tuple[R, OAuthRecords]:
        records = OAuthRecords(session, work, role)
        return run(records), records

    result, records = await work.session.run_sync(synchronously)
    for grant, reason in records.ending.values():
        await end_grant(work, grant, reason)
    await work.flush()
    return result
