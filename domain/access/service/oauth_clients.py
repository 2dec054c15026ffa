"""OAuth clients: registering and revoking them, and finding the store of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import asyncpg
from sqlalchemy import Select, and_, func, select, text, update

from domain.access.commands import CreateOAuthClient, RevokeGrant, RevokeOAuthClient
from domain.access.model import ApiKey
from domain.access.oauth_model import ClientType, GrantEnd, OAuthClient, OAuthGrant
from domain.access.redirect_uris import redirect_uri_problem
from domain.access.roles import UserRole, in_order
from domain.access.service.accounts import store_from_row
from domain.access.service.authentication import hash_secret
from domain.access.signals import KeyInvalidated
from domain.access.tokens import new_client_secret
from domain.kernel.database import AdminTransaction
from domain.kernel.errors import ErrorCode, Problem, Unauthenticated, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal, Store
from domain.kernel.sql.tables import StoreOwned
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

E = TypeVar("E", bound=StoreOwned)


@dataclass(frozen=True, slots=True)
class IssuedClient:
    """A registered client, with its secret if it is confidential."""

    client: OAuthClient
    secret: str | None

    @property
    def id(self) -> str:
        """The client's id."""
        return self.client.id


@dataclass(frozen=True, slots=True)
class OAuthParty:
    """Who stands behind a request of a client: its store, and the role of the user whose code or token it presents."""

    store: Store
    role: UserRole | None
    """None if there is no such user, or it was removed."""


@use_case("access:write")
async def create_oauth_client(work: UnitOfWork, principal: Principal, command: CreateOAuthClient) -> IssuedClient:
    """Register a client of the caller's store, which lasts no longer than the caller's credential.

    Raises Forbidden (a scope the caller lacks), ValidationFailed (redirect URIs), Unauthenticated (the caller's
    credential has ended meanwhile).
    """
    scopes = principal.scopes if "all" in command.scopes else frozenset(command.scopes)
    for scope in sorted(scopes):
        principal.require(scope)
    _check_redirect_uris(command)
    secret = new_client_secret(work.store.mode) if command.type == ClientType.CONFIDENTIAL else None
    client = OAuthClient(
        store_id=work.store.number,
        id=new_id("cli"),
        name=command.name,
        type=command.type,
        secret_hash=None if secret is None else hash_secret(secret),
        redirect_uris=list(command.redirect_uris),
        scopes=in_order(scopes),
        version=1,
        expires_at=await _end_of_creator(work, principal),
        created_by=principal.credential,
        created_at=work.now,
        updated_at=work.now,
        revoked_at=None,
    )
    work.add(client)
    audit(work, "client.created", client.id, name=client.name, type=client.type.value, scopes=client.scopes)
    await work.flush()
    return IssuedClient(client, secret)


@use_case("access:write")
async def revoke_oauth_client(work: UnitOfWork, principal: Principal, command: RevokeOAuthClient) -> OAuthClient:
    """Revoke a client and all its grants. Repeating it changes nothing. Raises NotFound."""
    client = await work.lock(OAuthClient, command.id, noun="OAuth client")
    if client.revoked_at is None:
        await _end_client(work, client)
        await work.flush()
    return client


async def end_clients_of(work: UnitOfWork, credentials: Collection[str]) -> None:
    """End the clients that these API keys or grants have registered."""
    made = select(OAuthClient).where(
        OAuthClient.store_id == work.store.number,
        OAuthClient.created_by.in_(credentials),
        OAuthClient.revoked_at.is_(None),
    )
    for client in await work.session.scalars(made.order_by(OAuthClient.id).with_for_update(key_share=True)):
        await _end_client(work, client)
    await work.flush()


async def reassign_clients(work: UnitOfWork, key_id: str, successor_id: str) -> None:
    """Move the clients of a rolled key to its successor."""
    mine = update(OAuthClient).where(OAuthClient.store_id == work.store.number, OAuthClient.created_by == key_id)
    await work.session.execute(mine.values(created_by=successor_id).execution_options(synchronize_session=False))


async def _end_client(work: UnitOfWork, client: OAuthClient) -> None:
    client.revoked_at = client.updated_at = work.now
    client.version += 1
    grants = select(OAuthGrant).where(
        OAuthGrant.store_id == work.store.number, OAuthGrant.client_id == client.id, OAuthGrant.revoked_at.is_(None)
    )
    for grant in await work.session.scalars(grants.order_by(OAuthGrant.id).with_for_update()):
        await end_grant(work, grant, GrantEnd.CLIENT_REVOKED)
    audit(work, "client.revoked", client.id)


@use_case("access:write")
async def revoke_grant(work: UnitOfWork, principal: Principal, command: RevokeGrant) -> OAuthGrant:
    """Revoke a grant and so all its tokens. Repeating it changes nothing. Raises NotFound."""
    grant = await work.lock(OAuthGrant, command.id, noun="grant")
    if grant.revoked_at is None:
        await end_grant(work, grant, GrantEnd.REVOKED)
        await work.flush()
    return grant


async def clients_of_store(administration: AdminTransaction, store: Store) -> list[tuple[OAuthClient, int]]:
    """List the clients of a store, newest first, each with the number of its grants that have not ended."""
    active = and_(
        OAuthGrant.store_id == OAuthClient.store_id,
        OAuthGrant.client_id == OAuthClient.id,
        OAuthGrant.revoked_at.is_(None),
    )
    found = (
        select(OAuthClient, func.count(OAuthGrant.id))
        .outerjoin(OAuthGrant, active)
        .where(OAuthClient.store_id == store.number)
        .group_by(*OAuthClient.__table__.c)
        .order_by(OAuthClient.created_at.desc(), OAuthClient.id.desc())
    )
    return [(client, count) for client, count in await administration.session.execute(found)]


_MADE = text(
    """
    WITH RECURSIVE made AS (
        SELECT id FROM api_key WHERE store_id = :store AND created_by = :grant
        UNION
        SELECT k.id FROM api_key k JOIN made ON k.created_by = made.id WHERE k.store_id = :store
    )
    UPDATE api_key SET revoked_at = :now, updated_at = :now, version = version + 1
    WHERE store_id = :store AND id IN (SELECT id FROM made) AND revoked_at IS NULL RETURNING id
    """
)


async def end_grant(work: UnitOfWork, grant: OAuthGrant, reason: GrantEnd) -> None:
    """End a locked grant, and the API keys and clients that were made with it: nothing outlives what made it."""
    grant.revoked_at, grant.end_reason = work.now, reason
    audit(work, "grant.revoked", grant.id, client_id=grant.client_id, reason=reason.value)
    await work.emit(KeyInvalidated(grant.id))
    values = {"store": work.store.number, "grant": grant.id, "now": work.now}
    keys = list(await work.session.scalars(_MADE, values))
    for key_id in keys:
        audit(work, "key.revoked", key_id, grant_id=grant.id)
        await work.emit(KeyInvalidated(key_id))
    await end_clients_of(work, [grant.id, *keys])


_PARTY = """
SELECT s.number, s.id AS store, s.account_id, s.mode, s.currency, a.name, a.plan, a.introspection, a.hourly_limit,
    a.daily_limit, (
    SELECT u.role FROM account_user u
    WHERE u.removed_at IS NULL AND u.account_id = s.account_id AND u.id = COALESCE(
        (SELECT code.user_id FROM oauth_code code WHERE code.code_hash = $2),
        (SELECT g.user_id FROM oauth_token t JOIN oauth_grant g ON g.store_id = t.store_id AND g.id = t.grant_id
         WHERE t.token_hash = $2)
    )
) AS role
FROM oauth_client c JOIN store s ON s.number = c.store_id JOIN account a ON a.id = s.account_id
WHERE c.id = $1 AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())
"""


async def find_oauth_party(connection: asyncpg.Connection, client_id: str, credential: str = "") -> OAuthParty | None:
    """Find the store of a client that has not ended. ``credential``: the code or token that is presented.

    ``connection``: of ``gateway_system``.
    """
    row = await connection.fetchrow(_PARTY, client_id, hash_secret(credential))
    if row is None:
        return None
    return OAuthParty(store_from_row(row), None if row["role"] is None else UserRole(row["role"]))


async def _end_of_creator(work: UnitOfWork, principal: Principal) -> datetime | None:
    """When the caller's credential ends; an API key is locked against revocation until the transaction ends."""
    key = await work.session.scalar(_locked(ApiKey, work, principal.credential))
    grant = None if key else await work.session.scalar(_locked(OAuthGrant, work, principal.credential))
    creator = key or grant
    if creator is not None and creator.revoked_at is not None:
        raise Unauthenticated("The credential of the request has been revoked.")
    return principal.expires_at if key is None else key.expires_at


def _locked(kind: type[E], work: UnitOfWork, id: str) -> Select[E]:
    return select(kind).where(kind.store_id == work.store.number, kind.id == id).with_for_update(read=True)


def _check_redirect_uris(command: CreateOAuthClient) -> None:
    problems = [
        Problem(("redirect_uris", index), ErrorCode.INVALID, problem)
        for index, uri in enumerate(command.redirect_uris)
        if (problem := redirect_uri_problem(uri, command.type)) is not None
    ]
    if command.type == ClientType.PUBLIC and not command.redirect_uris:
        problems.append(Problem(("redirect_uris",), ErrorCode.REQUIRED, "A public client needs a redirect URI."))
    if problems:
        raise ValidationFailed(problems)
