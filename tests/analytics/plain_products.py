"""A recount of how products did, in plain Python over rows, without the area's code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from domain.kernel.database import Database
from tests.analytics.plain_recount import Sale

Number = int | Fraction | None


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of the stock of a product."""

    at: datetime
    product: str
    quantity: int


async def stored_movements(database: Database, store: int) -> list[Movement]:
    """All of a store, oldest first."""
    query = "SELECT created_at, product_id, quantity FROM inventory_movement WHERE store_id = $1 ORDER BY created_at"
    async with database.system_connection() as connection:
        return [Movement(*row) for row in await connection.fetch(query, store)]


def unit_seconds(movements: Iterable[Movement], start: datetime, until: datetime) -> Fraction:
    """Units on hand times seconds between two times: forwards from nothing, level by level."""
    level, since, total = 0, start, Fraction(0)
    for each in sorted(movements, key=lambda movement: movement.at):
        if start < each.at < until:
            total += level * Fraction((each.at - since) // timedelta(microseconds=1), 10**6)
            since = each.at
        if each.at < until:
            level += each.quantity
    return total + level * Fraction((until - since) // timedelta(microseconds=1), 10**6)


def figures_of(
    sales: Sequence[Sale], views: int, movements: Sequence[Movement], start: datetime, until: datetime
) -> dict[str, Number]:
    """The exact figures of these sales, views and movements. Amounts in minor units."""
    costed = [sale for sale in sales if sale.cost is not None]
    costed_revenue = sum(sale.net - sale.refunded for sale in costed)
    profit = costed_revenue - sum(sale.cost or 0 for sale in costed) if costed else None
    units, returned = sum(sale.quantity for sale in sales), sum(sale.returned for sale in sales)
    orders = len({(sale.order, sale.product) for sale in sales})
    seconds = Fraction((until - start) // timedelta(microseconds=1), 10**6)
    held = unit_seconds(movements, start, until)
    return {
        "revenue": sum(sale.net - sale.refunded for sale in sales),
        "orders": orders,
        "units": units,
        "profit": profit,
        "margin": None if profit is None else quotient(profit, costed_revenue),
        "returned": returned,
        "return_rate": quotient(returned, units),
        "views": views,
        "conversion": quotient(orders, views),
        "mean_stock": quotient(held, seconds),
        "turnover": quotient(units * seconds, held),
    }


def quotient(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole else None


def rounded(number: Number) -> int | float | None:
    """A ratio with four decimals, rounded half up; amounts and counts as they are."""
    return floor(number * 10_000 + Fraction(1, 2)) / 10_000 if isinstance(number, Fraction) else number


def ranked(products: Mapping[str, Mapping[str, Number]], metric: str, *, descending: bool) -> list[str]:
    """The ids of products by a figure, those without it last; of equal ones by id."""
    sign = -1 if descending else 1

    def key(id: str) -> tuple[Any, ...]:
        number = products[id][metric]
        return number is None, 0 if number is None else sign * number, id

    return sorted(products, key=key)


def by_product(items: Iterable[Any], key: Callable[[Any], str] = lambda each: each.product) -> dict[str, list[Any]]:
    """What belongs to each product."""
    found: dict[str, list[Any]] = {}
    for each in items:
        found.setdefault(key(each), []).append(each)
    return found
