"""A shop with many products, written by the database itself: for plans, not for use cases.

GATEWAY_TEST_PRODUCTS says how many (50,000); two stores share them, three to one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import asyncpg

from domain.kernel.database import OWNER_ROLE
from domain.kernel.principal import Principal

PRODUCTS = int(os.environ.get("GATEWAY_TEST_PRODUCTS", "50000"))
CATEGORIES = 30
TAGS = 40


@dataclass(frozen=True, slots=True)
class BigShop:
    """The caller of the larger store, and how many products lie in it."""

    principal: Principal
    products: int


async def fill(url: str, large: Principal, small: Principal) -> BigShop:
    """Write the rows of both stores, as the owner of the tables, and let the planner know them."""
    connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE, "jit": "off"})
    try:
        for statement in (f"CREATE TEMP TABLE made AS {_MADE}", "ANALYZE made", *_FILL.split(";\n")):
            numbered = statement.replace(":large", str(large.store.number)).replace(":small", str(small.store.number))
            await connection.execute(numbered, timeout=3600)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in tables:
            if table["tablename"] != "alembic_version":
                await connection.execute(f"VACUUM ANALYZE {table['tablename']}", timeout=3600)
    finally:
        await connection.close()
    return BigShop(large, PRODUCTS * 3 // 4)


# Every fourth product is the small store's. Categories, tags and words are skewed: a few are very common.
_MADE = f"""
SELECT n,
       CASE WHEN n % 4 = 0 THEN :small ELSE :large END AS store,
       'prod_' || lpad(n::text, 26, '0') AS id,
       (ARRAY['Classic', 'Classic', 'Classic', 'Modern', 'Vintage', 'Tiny', 'Giant', 'Soft'])[1 + hash % 8] || ' '
           || (ARRAY['red', 'blue', 'green', 'black', 'white'])[1 + hash / 8 % 5] || ' '
           || (ARRAY['mug', 'plate', 'lamp', 'chair', 'table', 'shirt', 'bag', 'pen', 'box', 'cup'])[1 + hash / 40 % 10]
           || CASE WHEN n % 1000 = 7 THEN ' limited' ELSE '' END || ' model' || n % (1 + {PRODUCTS} / 20) AS name,
       'SKU-' || n AS sku,
       CASE WHEN hash % 100 < 90 THEN 'active' WHEN hash % 100 < 97 THEN 'draft' ELSE 'archived' END AS status,
       100 + hash % 50000 AS price,
       timestamptz '2023-01-01Z' + n * interval '1 day' * 1000 / {PRODUCTS} AS created_at,
       timestamptz '2026-01-01Z' + hash % 1000000 * interval '1 second' AS updated_at,
       ({CATEGORIES} * power(hash % 1000 / 1000.0, 3))::int % {CATEGORIES} AS category,
       ({TAGS} * power(hash / 7 % 1000 / 1000.0, 3))::int % {TAGS} AS tag
FROM (SELECT n, abs(hashint4(n)) AS hash FROM generate_series(1, {PRODUCTS}) AS n) AS numbered
"""

_FILL = f"""
INSERT INTO category (store_id, id, slug, name, created_at)
SELECT store, 'cat_' || lpad(n::text, 26, '0'), 'category-' || n, 'Category', timestamptz '2023-01-01Z'
FROM generate_series(0, {CATEGORIES - 1}) AS n, unnest(ARRAY[:large, :small]) AS store;
INSERT INTO product
SELECT store, id, name, lower(name), 'Made.', sku, status, price, 'GBP', ARRAY['Tag-' || tag], '{{}}', 1, 1,
       created_at, updated_at FROM made;
INSERT INTO product_variant
SELECT store, 'var_' || lpad((2 * n + v)::text, 26, '0'), id, sku || '-' || v, lower(sku || '-' || v), price, false,
       NULL, 'GBP', '{{}}', NULL, v, created_at, updated_at FROM made, generate_series(0, 1) AS v;
INSERT INTO product_image
SELECT store, 'img_' || lpad(n::text, 26, '0'), id, 'https://x.example/' || n, NULL, 0, created_at FROM made;
INSERT INTO product_sku
SELECT store, lower(sku || suffix), id FROM made, unnest(ARRAY['', '-0', '-1']) AS suffix;
INSERT INTO product_word
SELECT DISTINCT store, word, id
FROM made, unnest(string_to_array(lower(name), ' ') || ARRAY['sku', n::text, '0', '1']) AS word;
INSERT INTO product_category
SELECT DISTINCT store, id, 'cat_' || lpad(((category + step) % {CATEGORIES})::text, 26, '0'), created_at
FROM made, unnest(ARRAY[0, 7]) AS step;
INSERT INTO product_tag
SELECT DISTINCT store, id, 'tag-' || (tag + step) % {TAGS}, created_at FROM made, unnest(ARRAY[0, 1, 11]) AS step;
INSERT INTO inventory_level
SELECT made.store, v.id, w.id, made.id, n % 100, 0, made.created_at
FROM made JOIN product_variant v ON v.store_id = made.store AND v.product_id = made.id
JOIN warehouse w ON w.store_id = made.store AND w.is_default
"""
