"""How the database reads the keys, the audit log, OAuth clients and grants of a store that has many: by index, and no
more than it must."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from domain import access
from domain.access import KeyState
from domain.kernel.database import OWNER_ROLE, Database
from domain.kernel.listing import Listing, Query
from domain.kernel.listing.counted_filters import MAX_COUNTED_MATCHES
from domain.kernel.listing.paging import Window
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, deep_cursor, explain, explaining, looks_of, page_of

KEYS, AUDIT = access.reads.keys, access.reads.audit_log
CLIENTS, GRANTS = access.reads.clients, access.reads.grants
MANY = 40_000
_FILL = (
    f"""
INSERT INTO api_key
    (store_id, id, name, type, secret_hash, hint, scopes, allowed_addresses, origins, metadata_keys, rotation_due_at,
     rejections, version, expires_at, revoked_at, created_at, updated_at)
SELECT $1, 'key_' || lpad(n::text, 26, '0'), 'old', 'secret', decode(md5(n::text), 'hex'), 'x', '{{}}', '{{}}', '{{}}',
    '{{}}', at, 0, 1,
    CASE WHEN n % 10 > 0 THEN timestamptz '2026-01-01Z' WHEN n % 1000 = 0 THEN timestamptz '2090-01-01Z' END,
    CASE WHEN n % 500 = 3 THEN timestamptz '2026-01-01Z' END, at, at
FROM generate_series(1, {MANY}) AS n, LATERAL (SELECT timestamptz '2026-01-01Z' + n * interval '1 second' AS at) AS made
""",
    f"""
INSERT INTO audit_entry (store_id, id, action, actor, object_id, details, created_at)
SELECT $1, 'aud_' || lpad(n::text, 26, '0'), CASE WHEN n % 1000 = 7 THEN 'key.revoked' ELSE 'webhook.updated' END,
    CASE WHEN n < 200 THEN 'key_early' WHEN n % 2 = 0 THEN 'key_busy' ELSE 'system' END,
    CASE WHEN n < 100 THEN 'cust_early' WHEN n % 2 = 0 THEN 'whk_busy' ELSE 'key_' || n END, '{{}}',
    timestamptz '2026-01-01Z' + n * interval '1 second'
FROM generate_series(1, {MANY}) AS n
""",
    """
INSERT INTO account_user (id, account_id, email, email_key, name, role, created_at, updated_at)
SELECT 'user_' || name, account_id, name, name, 'Jane', 'owner', now(), now()
FROM store, unnest('{many_early,many_busy,many_other}'::text[]) AS name WHERE number = $1
""",
    f"""
INSERT INTO oauth_client
    (store_id, id, name, type, redirect_uris, scopes, version, created_by, revoked_at, created_at, updated_at)
SELECT $1, 'cli_' || lpad(n::text, 26, '0'), 'old', 'public', '{{}}', '{{}}', 1,
    CASE WHEN n < 100 THEN 'key_early' WHEN n % 2 = 0 THEN 'key_busy' ELSE 'system' END,
    CASE WHEN n > 60 THEN at END, at, at
FROM generate_series(1, {MANY}) AS n, LATERAL (SELECT timestamptz '2026-01-01Z' + n * interval '1 second' AS at) AS made
""",
    f"""
INSERT INTO oauth_grant (store_id, id, client_id, user_id, scopes, revoked_at, end_reason, created_at)
SELECT $1, 'grant_' || lpad(n::text, 26, '0'),
    'cli_' || lpad((CASE WHEN n < 100 THEN 1 ELSE 2 + n % 2 END)::text, 26, '0'),
    CASE WHEN n < 100 THEN 'user_many_early' WHEN n % 2 = 0 THEN 'user_many_busy' ELSE 'user_many_other' END, '{{}}',
    CASE WHEN n > 60 THEN at END, CASE WHEN n > 60 THEN 'revoked' END, at
FROM generate_series(1, {MANY}) AS n, LATERAL (SELECT timestamptz '2026-01-01Z' + n * interval '1 second' AS at) AS made
""",
)
_EMPTY = (
    *(
        f"DELETE FROM {table} WHERE store_id = $1"
        for table in ("api_key", "audit_entry", "oauth_grant", "oauth_client")
    ),
    "DELETE FROM account_user AS u USING store AS s WHERE u.account_id = s.account_id AND s.number = $1",
)
SECONDS = datetime(2026, 1, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, 0, 9, tzinfo=UTC)
CASES: dict[Listing, dict[str, Mapping[str, Any]]] = {
    KEYS: {
        "active": {"state": (KeyState.ACTIVE,)},
        "expired": {"state": (KeyState.EXPIRED,)},
        "revoked": {"state": (KeyState.REVOKED,)},
        "ended": {"state": (KeyState.EXPIRED, KeyState.REVOKED)},
        "valid_or_revoked": {"state": (KeyState.ACTIVE, KeyState.REVOKED)},
        "all": {"state": tuple(KeyState)},
    },
    AUDIT: {
        "busy_actor": {"actor": ("key_busy",)},
        "early_actor": {"actor": ("key_early",)},
        "two_actors": {"actor": ("key_early", "system")},
        "unknown_actor": {"actor": ("nobody",)},
        "common_action": {"action": ("webhook.updated",)},
        "rare_action": {"action": ("key.revoked",)},
        "two_actions": {"action": ("key.revoked", "key.created")},
        "busy_object": {"object_id": ("whk_busy",)},
        "early_object": {"object_id": ("cust_early",)},
        "two_objects": {"object_id": ("cust_early", "whk_busy")},
        "one_object": {"object_id": ("key_777",)},
        "from": {"created_from": SECONDS[0]},
        "to": {"created_to": SECONDS[1]},
        "within": {"created_from": SECONDS[0], "created_to": SECONDS[1]},
        "actor_within": {"actor": ("key_busy",), "created_from": SECONDS[0], "created_to": SECONDS[1]},
    },
    CLIENTS: {
        "busy_creator": {"created_by": ("key_busy",)},
        "early_creator": {"created_by": ("key_early",)},
        "two_creators": {"created_by": ("key_early", "system")},
        "revoked": {"revoked": True},
        "valid": {"revoked": False},
    },
    GRANTS: {
        "busy_client": {"client_id": (f"cli_{2:026}",)},
        "early_client": {"client_id": (f"cli_{1:026}",)},
        "two_clients": {"client_id": (f"cli_{1:026}", f"cli_{3:026}")},
        "busy_user": {"user_id": ("user_many_busy",)},
        "early_user": {"user_id": ("user_many_early",)},
        "revoked": {"revoked": True},
        "valid": {"revoked": False},
    },
}
EACH = [(listing, name) for listing, cases in CASES.items() for name in cases]


@pytest.fixture(scope="module")
async def many(database_url: str, big_shop: BigShop) -> AsyncGenerator[BigShop]:
    """The large shop, with keys and entries; they are gone again for whoever looks at the whole tables."""
    owner = await asyncpg.connect(database_url, server_settings={"role": OWNER_ROLE})
    try:
        for statement in (*_EMPTY, *_FILL):
            await owner.execute(statement, big_shop.principal.store.number)
        await owner.execute("VACUUM ANALYZE api_key, audit_entry, oauth_client, oauth_grant")
        yield big_shop
        for statement in _EMPTY:
            await owner.execute(statement, big_shop.principal.store.number)
        await owner.execute("VACUUM ANALYZE api_key, audit_entry, oauth_client, oauth_grant")
    finally:
        await owner.close()


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("listing", "name"), EACH, ids=[f"{listing.name}-{name}" for listing, name in EACH])
async def test_every_filter_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, many: BigShop, listing: Listing, name: str, plan: str
) -> None:
    """Most keys have run out: those that work are few, and are not looked for among all of them."""
    filters = CASES[listing][name]
    query = Query(filters=filters)
    cursor = await deep_cursor(database, many, query, listing)
    windows = [Window()] if cursor is None else [Window(), Window(cursor=cursor), Window(cursor=cursor, backwards=True)]
    looks = await looks_of(database, many, query, listing)
    async with explaining(database_url, many, plan) as connection:
        looked = [await explain(connection, compiled, values) for compiled, values in looks]
        pages = [await page_of(database, connection, many, Query(each, filters), listing) for each in windows]
    for measured in (*looked, *pages):
        assert measured.scanned_tables == [], measured
        assert measured.rows_read <= 4 * (MAX_COUNTED_MATCHES + 1) + 100, measured


def test_every_filter_of_these_lists_is_explained() -> None:
    for listing, cases in CASES.items():
        assert {name for filters in cases.values() for name in filters} == set(listing.filters)
