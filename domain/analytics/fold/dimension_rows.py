"""Keeps what reports need to know of products and customers: their numbers, their categories and channels by number.

They follow the event log as the facts do, so that a report never mixes categories of now with facts of before. The
caller holds the lock of the fold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import asyncpg

Id = tuple[int, str]
"""The number of a store, and an id."""

_NEW_NUMBERS = """
INSERT INTO {table} (store_id, no, {id})
SELECT store_id, row_number() OVER (PARTITION BY store_id ORDER BY id)
    + (SELECT coalesce(max(no), 0) FROM {table} AS known WHERE known.store_id = new.store_id), id
FROM unnest($1::int[], $2::text[]) AS new (store_id, id)
WHERE NOT EXISTS (SELECT FROM {table} AS known WHERE known.store_id = new.store_id AND known.{id} = new.id)
RETURNING store_id, {id}
"""
_NUMBERS = """
SELECT known.store_id, known.{id}, known.no FROM {table} AS known
JOIN unnest($1::int[], $2::text[]) AS named (store_id, id) ON known.store_id = named.store_id AND known.{id} = named.id
"""
_PRODUCTS = {"table": "sale_product", "id": "product_id"}
_CUSTOMERS = {"table": "sale_customer", "id": "customer_id"}
_CATEGORIES = {"table": "sale_category", "id": "category_id"}
_CHANNELS = {"table": "sale_channel", "id": "channel"}
_ALL = "SELECT store_id, {id} FROM {table} WHERE store_id = $1"

_CATEGORIES_OF = """
SELECT DISTINCT m.store_id, m.category_id FROM unnest($1::int[], $2::text[]) AS named (store_id, id)
JOIN product_category m ON m.store_id = named.store_id AND m.product_id = named.id
"""
_MEMBERS = """
SELECT p.store_id, p.no AS product_no, c.no AS category_no
FROM unnest($1::int[], $2::text[]) AS named (store_id, id)
JOIN sale_product p ON p.store_id = named.store_id AND p.product_id = named.id
JOIN product_category m ON m.store_id = p.store_id AND m.product_id = p.product_id
JOIN sale_category c ON c.store_id = m.store_id AND c.category_id = m.category_id
"""
_SET_MEMBERS = f"""
WITH member AS MATERIALIZED ({_MEMBERS}), gone AS (
    DELETE FROM sale_product_category s USING unnest($1::int[], $2::text[]) AS named (store_id, id), sale_product p
    WHERE p.store_id = named.store_id AND p.product_id = named.id AND s.store_id = p.store_id AND s.product_no = p.no
    AND (s.store_id, s.product_no, s.category_no) NOT IN (TABLE member)
)
INSERT INTO sale_product_category TABLE member ON CONFLICT DO NOTHING
"""  # noqa: S608 - of constants
_CHANNELS_OF = """
SELECT DISTINCT c.store_id, c.acquisition_channel FROM unnest($1::int[], $2::text[]) AS named (store_id, id)
JOIN customer c ON c.store_id = named.store_id AND c.id = named.id
"""
_SET_CHANNELS = """
UPDATE sale_customer s SET channel_no = h.no FROM unnest($1::int[], $2::text[]) AS named (store_id, id)
JOIN customer c ON c.store_id = named.store_id AND c.id = named.id
JOIN sale_channel h ON h.store_id = c.store_id AND h.channel = c.acquisition_channel
WHERE s.store_id = named.store_id AND s.customer_id = named.id AND s.channel_no IS DISTINCT FROM h.no
"""
_COPY_CHANNELS = """
UPDATE customer_sales s SET channel_no = c.channel_no FROM unnest($1::int[], $2::text[]) AS named (store_id, id)
JOIN sale_customer c ON c.store_id = named.store_id AND c.customer_id = named.id
WHERE s.store_id = c.store_id AND s.customer_no = c.no AND s.channel_no IS DISTINCT FROM c.channel_no
"""
# OFFSET 0: few rows differ, and only their events are looked for.
_UNLESS_WAITING = """
SELECT * FROM ({differences} OFFSET 0) AS found (id, stored, counted) WHERE NOT EXISTS (
    SELECT FROM event e WHERE e.store_id = $1 AND e.object_id = found.id
    AND (e.position IS NULL OR e.position > (SELECT position FROM sales_cursor))
) ORDER BY 1
"""
_COMPARE_CATEGORIES = _UNLESS_WAITING.format(
    differences="""
SELECT p.product_id, stored.ids, counted.ids FROM sale_product p, LATERAL (
    SELECT array_agg(c.category_id ORDER BY c.category_id) FROM sale_product_category m
    JOIN sale_category c ON c.store_id = m.store_id AND c.no = m.category_no
    WHERE m.store_id = p.store_id AND m.product_no = p.no
) AS stored (ids), LATERAL (
    SELECT array_agg(m.category_id ORDER BY m.category_id) FROM product_category m
    WHERE m.store_id = p.store_id AND m.product_id = p.product_id
) AS counted (ids)
WHERE p.store_id = $1 AND stored.ids IS DISTINCT FROM counted.ids
"""
)
_COMPARE_CHANNELS = _UNLESS_WAITING.format(
    differences="""
SELECT s.customer_id, h.channel, c.acquisition_channel FROM sale_customer s
JOIN customer c ON c.store_id = s.store_id AND c.id = s.customer_id
LEFT JOIN sale_channel h ON h.store_id = s.store_id AND h.no = s.channel_no
WHERE s.store_id = $1 AND h.channel IS DISTINCT FROM c.acquisition_channel
"""
)


class ProductCategories(NamedTuple):
    """The ids of the categories of a product."""

    categories: tuple[str, ...]


class CustomerChannel(NamedTuple):
    """The channel through which a customer was acquired."""

    channel: str | None


class DimensionDifference(NamedTuple):
    """A product or customer that is not what is stored of it."""

    what: str
    stored: ProductCategories | CustomerChannel
    counted: ProductCategories | CustomerChannel


async def number_products(connection: asyncpg.Connection, ids: Iterable[Id]) -> Mapping[Id, int]:
    """The numbers of products; one that has none is given the next of its store."""
    numbers, new = await _number(connection, _PRODUCTS, ids)
    await set_categories(connection, new)
    return numbers


async def number_customers(connection: asyncpg.Connection, ids: Iterable[Id]) -> Mapping[Id, int]:
    """As ``number_products``, of customers."""
    numbers, new = await _number(connection, _CUSTOMERS, ids)
    await set_channels(connection, new)
    return numbers


async def set_categories(connection: asyncpg.Connection, products: Sequence[Id]) -> None:
    """Store the categories that these products are in now; of those that were never sold nothing is stored."""
    if products:
        named = _columns(products)
        await _number(connection, _CATEGORIES, map(tuple, await connection.fetch(_CATEGORIES_OF, *named)))
        await connection.execute(_SET_MEMBERS, *named)


async def set_channels(connection: asyncpg.Connection, customers: Sequence[Id]) -> None:
    """Store the channels of these customers; of those who never ordered nothing is stored."""
    if customers:
        named = _columns(customers)
        await _number(connection, _CHANNELS, map(tuple, await connection.fetch(_CHANNELS_OF, *named)))
        await connection.execute(_SET_CHANNELS, *named)
        await connection.execute(_COPY_CHANNELS, *named)


async def set_dimensions(connection: asyncpg.Connection, store: int) -> None:
    """Store the categories and channels of all products and customers of a store that have numbers."""
    await set_categories(connection, [tuple(row) for row in await connection.fetch(_ALL.format(**_PRODUCTS), store)])
    await set_channels(connection, [tuple(row) for row in await connection.fetch(_ALL.format(**_CUSTOMERS), store)])


async def compare_dimensions(connection: asyncpg.Connection, store: int, seconds: float) -> list[DimensionDifference]:
    """The differences of a store; products and customers whose events wait for the fold are left out. ``seconds``: of
    each statement."""
    found = [
        DimensionDifference(f"product {id}", ProductCategories(tuple(old or ())), ProductCategories(tuple(new or ())))
        for id, old, new in await connection.fetch(_COMPARE_CATEGORIES, store, timeout=seconds)
    ]
    return found + [
        DimensionDifference(f"customer {id}", CustomerChannel(old), CustomerChannel(new))
        for id, old, new in await connection.fetch(_COMPARE_CHANNELS, store, timeout=seconds)
    ]


async def _number(
    connection: asyncpg.Connection, names: Mapping[str, str], ids: Iterable[Id]
) -> tuple[Mapping[Id, int], list[Id]]:
    """The numbers of these ids, and those that had none before."""
    columns = _columns(sorted(ids))
    new = await connection.fetch(_NEW_NUMBERS.format(**names), *columns)
    rows = await connection.fetch(_NUMBERS.format(**names), *columns)
    return {(row[0], row[1]): row[2] for row in rows}, [(row[0], row[1]) for row in new]


def _columns(ids: Sequence[Id]) -> tuple[list[int], list[str]]:
    return [store for store, _ in ids], [id for _, id in ids]
