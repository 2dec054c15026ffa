"""How the database reads the deliveries of an endpoint that has many: by index, on the first page as on the last."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest

from domain import webhooks
from domain.kernel.database import OWNER_ROLE, Database
from domain.kernel.listing import JsonListing, Query
from domain.kernel.listing.paging import Window
from domain.webhooks import WebhookDeliveryStatus
from domain.webhooks.delivery.concurrency import MAX_WINDOW
from domain.webhooks.delivery.leases import _BACKLOG, _LEASE, MAX_BACKLOG_COUNT
from domain.webhooks.documents import DeliveryDocument
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, Measured, deep_cursor, explain, explaining, literal, page_of

LISTING = webhooks.reads.deliveries
DELIVERIES, DUE = 40_000, 8_000
"""Of so few as twice what is counted, the database may sort them all: which, its random statistics decide."""
BUSY, QUIET = f"whk_{1:026}", f"whk_{2:026}"
_ATTEMPTS = '[{"number": 1, "at": "2026-01-01T00:00:00Z", "duration_ms": 1, "response": "ok"}]'
_FILL = f"""
INSERT INTO webhook_delivery (
    store_id, id, webhook_id, event_id, type, object_id, status, due_at, attempt, attempts, redactions, created_at,
    updated_at
)
SELECT $1, 'dlv_' || lpad(n::text, 26, '0'), CASE WHEN n % 100 = 0 THEN '{QUIET}' ELSE '{BUSY}' END, 'evt_' || n,
    CASE WHEN n % 1000 = 7 THEN 'order.cancelled' WHEN n % 3 = 0 THEN 'order.created' ELSE 'order.updated' END,
    'ord_' || n, status, CASE status WHEN 'pending' THEN timestamptz '2026-01-01Z' + n * interval '1 second' END, 1,
    '{_ATTEMPTS}', 0, timestamptz '2026-01-01Z' + n * interval '1 second', timestamptz '2026-01-01Z'
FROM (
    SELECT n, CASE WHEN n % 500 = 3 THEN 'failed' WHEN n > {DELIVERIES - DUE} THEN 'pending' ELSE 'delivered' END
        AS status
    FROM generate_series(1, {DELIVERIES}) AS n
) AS numbered
"""

FILTERS: dict[str, Mapping[str, Any]] = {
    "none": {"webhook_id": BUSY},
    "quiet": {"webhook_id": QUIET},
    "unknown": {"webhook_id": "nobody"},
    "failed": {"webhook_id": BUSY, "status": (WebhookDeliveryStatus.FAILED,)},
    "unfinished": {"webhook_id": BUSY, "status": (WebhookDeliveryStatus.FAILED, WebhookDeliveryStatus.PENDING)},
    "rare_type": {"webhook_id": BUSY, "types": ("order.cancelled",)},
    "two_types": {"webhook_id": BUSY, "types": ("order.cancelled", "order.created")},
    "no_such_type": {"webhook_id": BUSY, "types": ("product.deleted", "webhook.test")},
    "since": {"webhook_id": BUSY, "created_from": datetime(2026, 1, 1, 11, tzinfo=UTC)},
    "until": {"webhook_id": BUSY, "created_to": datetime(2026, 1, 1, 0, 1, tzinfo=UTC)},
    "within": {
        "webhook_id": BUSY,
        "created_from": datetime(2026, 1, 1, 3, tzinfo=UTC),
        "created_to": datetime(2026, 1, 1, 3, 1, tzinfo=UTC),
    },
}


@pytest.fixture(scope="module")
async def many(database_url: str, big_shop: BigShop) -> AsyncGenerator[BigShop]:
    """The large shop, with deliveries; they are gone again for whoever looks at the whole table."""
    owner = await asyncpg.connect(database_url, server_settings={"role": OWNER_ROLE})
    store = big_shop.principal.store.number
    try:
        await owner.execute(_FILL, store)
        await owner.execute("VACUUM ANALYZE webhook_delivery")
        yield big_shop
        await owner.execute("DELETE FROM webhook_delivery WHERE store_id = $1", store)
    finally:
        await owner.close()


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", list(FILTERS))
async def test_every_filter_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, many: BigShop, filter: str, plan: str
) -> None:
    """Also where fewer are left than a page holds, and the list is walked to its end."""
    query = Query(filters=FILTERS[filter])
    cursors = [await deep_cursor(database, many, query, LISTING, left=left) for left in (None, 5)]
    turned = [Window(cursor=cursor, backwards=back) for cursor in cursors if cursor for back in (False, True)]
    async with explaining(database_url, many, plan) as connection:
        for window in (Window(), *turned):
            measured = await page_of(database, connection, many, Query(window, FILTERS[filter]), LISTING)
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= 500, measured
            assert measured.pages <= 500, measured


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", ["none", "rare_type"])
async def test_a_page_that_the_database_writes_reads_as_few(
    database: Database, database_url: str, many: BigShop, filter: str, plan: str
) -> None:
    """With the attempts and bodies that the caller may see."""
    written = JsonListing.of(LISTING, [DeliveryDocument.json_fields(frozenset())], placed=True)
    query = Query(filters=FILTERS[filter])
    async with database.read_connection(many.principal.store) as reader:
        prepared = await written.prepare(reader, query)
    async with explaining(database_url, many, plan) as connection:
        measured = await explain(connection, written._compiled(prepared, query.window), prepared.values)
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= 500, measured


STATEMENTS = {
    "lease": (_LEASE, ("2027-01-01", "lease", "2027-01-02", [BUSY], [0], [MAX_WINDOW], True, 64), 500),
    "backlog": (_BACKLOG, ("2027-01-01", MAX_BACKLOG_COUNT), MAX_BACKLOG_COUNT + 500),
}
"""Each with its values, and the rows that it may read."""


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", list(STATEMENTS))
async def test_what_is_due_is_read_as_far_as_wanted(database_url: str, many: BigShop, name: str, plan: str) -> None:
    """Thousands are due at an endpoint; sixteen are taken, or a thousand counted. Joined by the store as well, a
    lease would read all 40,000 of the store's for each."""
    statement, given, rows = STATEMENTS[name]
    settings = {"role": OWNER_ROLE, "jit": "off", "plan_cache_mode": plan}
    owner = await asyncpg.connect(database_url, server_settings=settings)
    transaction = owner.transaction()
    await transaction.start()
    try:
        store = many.principal.store.number
        await owner.execute("DELETE FROM webhook_delivery WHERE webhook_id <> ALL ($1)", [BUSY, QUIET])  # other tests'
        await owner.execute(
            "INSERT INTO webhook VALUES ($1, $2, 'https://a.example', '{*}', true, false, NULL, '', '', NULL, NULL, "
            "'key', '{}', NULL, NULL, 1, now(), now())",
            *(store, BUSY),
        )
        await owner.execute(f"PREPARE statement AS {statement}")
        arguments = ", ".join(map(literal, given))
        (row,) = await owner.fetch(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE statement({arguments})"
        )
        measured = Measured(orjson.loads(row[0])[0]["Plan"])
        assert measured.rows_read <= rows, measured
        assert measured.pages <= 2_000, measured
    finally:
        await transaction.rollback()
        await owner.close()
