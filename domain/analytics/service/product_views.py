"""Views of products: counted in memory, and written in batches.

A view of a product that has been viewed lately costs no statement: its existence is remembered for a minute. Each
second the counts since the last one are added to the table by one statement, so that a popular product's rows are
locked once a second by each process, however often it is viewed. A process that is killed loses what it has counted
since then, and what waits while the database is away; one that stops writes it first.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from cachetools import LRUCache
from sqlalchemy import bindparam, select

from domain import catalog
from domain.analytics.commands.sales import RecordProductView
from domain.kernel.database import Database
from domain.kernel.errors import NotFound, Unavailable
from domain.kernel.principal import Principal
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import Signal, UnitOfWork

FLUSH_INTERVAL = 1.0
"""Seconds between two batches."""
FLUSH_ROWS = 5_000
"""Counts that one statement adds."""
MAX_COUNTS = 100_000
"""Counts that wait in memory, each of a product in a quarter of an hour: about 30 MB."""
MAX_KNOWN_PRODUCTS = 50_000
KNOWN_FOR = timedelta(minutes=1)
"""For so long a product that was found is not looked up again. One that shoppers may see no longer is counted until
then."""

log = logging.getLogger("gateway.analytics")

_product = catalog.Product.__table__.c
_EXISTS = Statement(
    "product_exists",
    select(_product.id).where(_product.store_id == STORE, _product.id == bindparam("id", type_=KEY_TEXT)),
)
# Sorted: processes that add to the same rows lock them in the same order.
_ADD = """
INSERT INTO product_view_count AS c (store_id, span, at, product_id, views)
SELECT seen.store_id, spans.span, spans.at, seen.product_id, sum(seen.views)
FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::bigint[]) AS seen (store_id, product_id, at, views)
CROSS JOIN LATERAL (VALUES
    ('quarter_hour', seen.at),
    ('day', date_trunc('day', seen.at, 'UTC')),
    ('month', date_trunc('month', seen.at, 'UTC'))
) AS spans (span, at)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (store_id, span, at, product_id) DO UPDATE SET views = c.views + excluded.views
"""


@dataclass(frozen=True, slots=True)
class ProductViewed(Signal):
    """A product was viewed. Counted if the transaction commits."""

    store: int
    product_id: str
    at: datetime


class _Key(NamedTuple):
    """What is counted."""

    store: int
    product_id: str
    at: datetime
    """The beginning of the quarter of an hour (UTC)."""


class ProductViews:
    """The views that one process has counted and not written yet. ``run`` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: dict[_Key, int] = {}
        self._known: LRUCache[tuple[int, bool, str], datetime] = LRUCache(MAX_KNOWN_PRODUCTS)
        database.on_commit(ProductViewed, self.count)

    async def admit(self, principal: Principal, product_id: str, now: datetime) -> None:
        """Raises NotFound if the caller sees no product with this id, Unavailable if too much waits to be written."""
        key = (principal.store.number, principal.storefront is not None, product_id)
        until = self._known.get(key)
        if until is None or until <= now:
            async with self._database.read_connection(principal.store, principal.storefront, principal.scopes) as db:
                found = await _EXISTS.rows(db, id=product_id)
            if not found:
                raise NotFound("product", ("product_id",))
            self._known[key] = now + KNOWN_FOR
        if len(self._counts) >= MAX_COUNTS:
            raise Unavailable("Too many views wait to be written. Try again in a few seconds.")

    def count(self, seen: ProductViewed) -> None:
        """Count a view."""
        at = seen.at.replace(minute=seen.at.minute // 15 * 15, second=0, microsecond=0)
        key = _Key(seen.store, seen.product_id, at)
        self._counts[key] = self._counts.get(key, 0) + 1

    async def flush(self) -> None:
        """Write what was counted. Raises Unavailable: what is not known to be written is kept then.

        If the connection ends after the commit and before its acknowledgement, that batch is written twice.
        """
        while self._counts:
            batch = [(key, self._counts.pop(key)) for key in list(self._counts)[:FLUSH_ROWS]]
            try:
                async with self._database.system_connection() as connection:
                    columns = list(zip(*((*key, views) for key, views in batch), strict=True))
                    await connection.execute(_ADD, *columns)
            except BaseException:
                for key, views in batch:
                    self._counts[key] = self._counts.get(key, 0) + views
                raise

    async def run(self) -> None:
        """Write each second until cancelled, and once more then: a batch that is on its way is not interrupted."""
        flushing: asyncio.Future[None] | None = None
        try:
            while True:
                await asyncio.sleep(FLUSH_INTERVAL)
                flushing = asyncio.ensure_future(self._try_flush())
                await asyncio.shield(flushing)
        finally:
            if flushing is not None:
                await flushing
            await self._try_flush()

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except Unavailable as away:
            log.warning("%d counts of views wait for the database: %s", len(self._counts), away)
        except Exception:  # the next round tries again
            log.exception("writing views failed")


@use_case("products:read", buffered=True)
async def record_product_view(work: UnitOfWork, principal: Principal, command: RecordProductView) -> None:
    """Count a view of a product. Raises NotFound (no product that the caller sees), Unavailable."""
    await work.dependency(ProductViews).admit(principal, command.product_id, work.now)
    await work.emit(ProductViewed(work.store.number, command.product_id, work.now))
