"""Stores that trade, and the fold of what they sell."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx
import pytest

from domain import analytics
from domain.kernel.database import Database
from domain.kernel.event_log import Sequencer
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.analytics.plain_recount import Sale
from tests.analytics.trade import Trader
from tests.conftest import Client, MakeKey, Shop

Fold = Callable[[], Awaitable[int]]

_FACTS = """
SELECT l.at, l.order_no, l.line_no, p.product_id, c.customer_id, l.country, l.quantity, l.returned, l.net, l.refunded,
    l.cost, l.paid
FROM sale_line l
JOIN sale_product p ON p.store_id = l.store_id AND p.no = l.product_no
LEFT JOIN sale_customer c ON c.store_id = l.store_id AND c.no = l.customer_no
WHERE l.store_id = $1 AND NOT l.cancelled ORDER BY l.order_no, l.line_no
"""


@pytest.fixture
def fold(database: Database) -> Fold:
    """Gives all events their positions, and folds them."""

    async def run() -> int:
        await Sequencer(database, lambda: None).assign_all()
        return await analytics.SalesFolder(database).fold_all()

    return run


@pytest.fixture
async def trader(database: Database, shop: Shop, settings: Settings, fold: Fold) -> AsyncGenerator[Trader]:
    """A store that has traded."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    stripe = provide_processors(settings, database)
    trader = Trader(database, shop.test, seed)
    await trader.open()
    trader.steps += [trader.import_past] * 30
    await trader.act(90)
    await fold()
    yield trader
    await stripe.close()


@pytest.fixture
async def client(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """A key of the test store that reads reports and customers."""
    return Client(http, await make_key(shop.test, "analytics:read", "customers:read"))


async def stored_sales(database: Database, store: int) -> list[Sale]:
    """The facts of a store, in the form of the plain recount."""
    async with database.system_connection() as connection:
        rows = await connection.fetch(_FACTS, store)
    return [Sale(*row[:5], _country(row[5]), *row[6:]) for row in (tuple(row) for row in rows)]


def _country(number: int | None) -> str | None:
    return None if number is None else chr(65 + number // 26) + chr(65 + number % 26)


Buckets = list[tuple[object, ...]]


async def stored_buckets(database: Database, store: int) -> Buckets:
    """The sums by quarter of an hour."""
    async with database.system_connection() as connection:
        rows = await connection.fetch("SELECT * FROM sales_quarter_hour WHERE store_id = $1 ORDER BY at, paid", store)
    return [tuple(row)[1:] for row in rows]


def count_buckets(sales: list[Sale]) -> Buckets:
    """The same, of a recount."""
    keys = sorted(
        {(sale.at.replace(minute=sale.at.minute // 15 * 15, second=0, microsecond=0), sale.paid) for sale in sales}
    )
    result: Buckets = []
    for at, paid in keys:
        own = [
            sale
            for sale in sales
            if sale.paid == paid and sale.at.replace(minute=sale.at.minute // 15 * 15, second=0, microsecond=0) == at
        ]
        sums = (sum(each.quantity for each in own), sum(each.net for each in own), sum(each.refunded for each in own))
        result.append((at, paid, len({each.order for each in own}), *sums))
    return result


async def stored_orders(database: Database, store: int) -> Buckets:
    """The sums of orders that are not cancelled."""
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            """SELECT o.order_no, o.at, c.customer_id, o.country, o.paid, o.units, o.returned, o.net, o.refunded,
                o.costed_revenue, o.cost
            FROM sale_order o LEFT JOIN sale_customer c ON c.store_id = o.store_id AND c.no = o.customer_no
            WHERE o.store_id = $1 AND NOT o.cancelled ORDER BY 1""",
            store,
        )
    return [(*row[:3], _country(row[3]), *row[4:]) for row in (tuple(row) for row in rows)]


def count_orders(sales: list[Sale]) -> Buckets:
    """The same, of a recount."""
    result: Buckets = []
    for number in sorted({sale.order for sale in sales}):
        own = [sale for sale in sales if sale.order == number]
        costed = [sale for sale in own if sale.cost is not None]
        first = own[0]
        sums = [sum(getattr(sale, each) for sale in own) for each in ("quantity", "returned", "net", "refunded")]
        of_costed = (
            sum(sale.net - sale.refunded for sale in costed) if costed else None,
            sum(sale.cost or 0 for sale in costed) if costed else None,
        )
        result.append((number, first.at, first.customer, first.country, first.paid, *sums, *of_costed))
    return result


async def stored_customers(database: Database, store: int) -> Buckets:
    """What customers bought in all."""
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            """SELECT c.customer_id, s.paid_only, s.orders, s.net, s.refunded, s.first_at, s.last_at
            FROM customer_sales s
            JOIN sale_customer c ON c.store_id = s.store_id AND c.no = s.customer_no
            WHERE s.store_id = $1 ORDER BY 1, 2""",
            store,
        )
    return [tuple(row) for row in rows]


def count_customers(sales: list[Sale]) -> Buckets:
    """The same, of a recount."""
    result: Buckets = []
    scopes = {(sale.customer, scope) for sale in sales if sale.customer is not None for scope in {False, sale.paid}}
    for customer, paid in sorted(scopes):
        own = [sale for sale in sales if sale.customer == customer and sale.paid >= paid]
        sums = (len({sale.order for sale in own}), sum(sale.net for sale in own), sum(sale.refunded for sale in own))
        result.append((customer, paid, *sums, min(sale.at for sale in own), max(sale.at for sale in own)))
    return result
