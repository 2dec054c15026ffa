"""A user, a client and a grant with its code and tokens, for tests that look at every table, route and field."""

from __future__ import annotations

import secrets

from domain import access
from domain.access import oauth
from domain.access.commands import CreateOAuthClient
from domain.kernel.database import Database
from domain.kernel.principal import Principal

REDIRECT_URI = "https://app.example/callback"


async def authorize(database: Database, principal: Principal, *scopes: str) -> dict[str, str]:
    """What a user of the store allowed a client of it (``cli``, ``grant``, ``token``): these scopes, or all."""
    owner = access.system_principal(principal.store)
    async with database.admin_transaction() as administration:
        invited = await oauth.invite_user(
            administration,
            database.clock(),
            principal.store.account_id,
            email=f"{secrets.token_hex(6)}@example.com",
            name="Theirs",
            role=oauth.UserRole.OWNER,
        )
    command = CreateOAuthClient(
        name="Theirs", type=oauth.ClientType.PUBLIC, redirect_uris=(REDIRECT_URI,), scopes=("all",)
    )
    async with database.transaction(owner) as work:
        client = (await oauth.create_oauth_client(work, owner, command)).client

        def issue(records: oauth.OAuthRecords) -> tuple[str, str]:
            code = records.find_code(
                records.add_code(client, invited.user_id, list(scopes) or client.scopes, None, None), client
            )
            assert code is not None
            return records.exchange_code(code).access, str(code.grant_id)

        token, grant = await oauth.with_oauth_records(work, oauth.UserRole.OWNER, issue)
    return {"cli": client.id, "grant": grant, "token": token}


async def client_token(database: Database, principal: Principal, *scopes: str) -> str:
    """An access token of a confidential client's own, with these scopes."""
    owner = access.system_principal(principal.store)
    command = CreateOAuthClient(name="Own", type=oauth.ClientType.CONFIDENTIAL, scopes=scopes)
    async with database.transaction(owner) as work:
        client = (await oauth.create_oauth_client(work, owner, command)).client
        issued = await oauth.with_oauth_records(
            work, oauth.UserRole.OWNER, lambda records: records.client_credentials(client, list(scopes))
        )
    return issued.access
