"""The lists of OAuth clients and grants of the small shop; ``listed_areas.py`` has the others."""

from __future__ import annotations

import random

from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from tests.contract.listed_areas import connection
from tests.contract.listed_shop import START, Area, facts, flag, moment_of, several

CREATORS = ("key_a", "key_b", "system")
_USER = """
INSERT INTO account_user (id, account_id, email, email_key, name, role, created_at, updated_at)
VALUES ($1, $2, $1 || '@a.example', $1 || '@a.example', 'Jane', 'owner', now(), now())
"""
_CLIENT = """
INSERT INTO oauth_client
    (store_id, id, name, type, redirect_uris, scopes, version, created_by, revoked_at, created_at, updated_at)
VALUES ($1, $2, 'Desk', 'public', '{}', '{}', 1, $3, $4, $5, $5)
"""
_GRANT = """
INSERT INTO oauth_grant (store_id, id, client_id, user_id, scopes, revoked_at, end_reason, created_at)
VALUES ($1, $2, $3, $4, '{}', $5, CASE WHEN $5::timestamptz IS NOT NULL THEN 'revoked' END, $6)
"""


async def fill_oauth(database: Database, principal: Principal, chance: random.Random) -> None:
    """Fill a store with users, clients and grants, of which some have ended, and one of a client's own."""
    store = principal.store
    people = [new_id("user") for _ in range(4)]
    async with database.system_connection() as connection:
        for id in people:
            await connection.execute(_USER, id, store.account_id)
        clients = [new_id("cli") for _ in range(20)]
        for id in clients:
            revoked = chance.choice([None, None, START])
            created = moment_of(chance)
            await connection.execute(_CLIENT, store.number, id, chance.choice(CREATORS), revoked, created)
        for _ in range(60):
            revoked = chance.choice([None, START])
            given = (chance.choice(clients[:6]), chance.choice(people), revoked, moment_of(chance))
            await connection.execute(_GRANT, store.number, new_id("grant"), *given)
        await connection.execute(_GRANT, store.number, new_id("grant"), clients[0], None, None, moment_of(chance))


async def oauth_clients(database: Database, principal: Principal) -> Area:
    """The list of OAuth clients."""
    return Area(
        "/v2/access/clients",
        connection("oauthClients", "OAuthClientFilter"),
        await facts(database, principal, "oauth_client"),
        [
            several("created_by", ["key_a"], lambda fact: fact["created_by"] == "key_a"),
            several("created_by", ["system", "key_b", "key_c"], lambda fact: fact["created_by"] in ("system", "key_b")),
            flag("revoked", True, lambda fact: fact["revoked_at"] is not None),
            flag("revoked", False, lambda fact: fact["revoked_at"] is None),
        ],
    )


async def grants(database: Database, principal: Principal) -> Area:
    """The list of OAuth grants."""
    rows = await facts(database, principal, "oauth_grant")
    first, *others = sorted({row["client_id"] for row in rows})
    jane, *_ = sorted({row["user_id"] for row in rows if row["user_id"] is not None})
    return Area(
        "/v2/access/grants",
        connection("grants", "OAuthGrantFilter"),
        rows,
        [
            several("client_id", [first], lambda fact: fact["client_id"] == first),
            several("client_id", [*others, "cli_nobody"], lambda fact: fact["client_id"] in others),
            several("user_id", [jane], lambda fact: fact["user_id"] == jane),
            flag("revoked", True, lambda fact: fact["revoked_at"] is not None),
            flag("revoked", False, lambda fact: fact["revoked_at"] is None),
        ],
    )


OAUTH_AREAS = (oauth_clients, grants)
