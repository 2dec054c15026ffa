"""The shop that is measured: every row follows from its number, and the database writes them all by itself."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from benchmarks.shop_details import BACK_OFFICE, STOREFRONT
from domain.kernel.clock import system_clock
from domain.kernel.database import OWNER_ROLE
from domain.kernel.ids import lowest_id
from domain.kernel.principal import Store

VARIANTS = 3
"""Of each product: S, M, L."""
ITEMS = 3
"""Lines of each order, of as many products."""
STOCK = 1_000_000
"""Of each variant: more than any run orders."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    products: int = 10_000
    customers: int = 10_000
    orders: int = 50_000


def product_id(number: int) -> str:
    """The id of the product of this number, from 1."""
    return f"prod_{number:026d}"


def variant_id(number: int, size: int = 0) -> str:
    """The id of the variant of this size (0, 1, 2) of the product of this number."""
    return f"var_{number * VARIANTS + size:026d}"


def order_id(number: int) -> str:
    """The id of the order of this number, from 1: pending if the number is 1 more than a multiple of 4."""
    return f"ord_{number:026d}"


def item_id(number: int, line: int = 0) -> str:
    """The id of the item of this line (0, 1, 2) of the order of this number."""
    return f"item_{number * ITEMS + line:026d}"


def customer_id(number: int) -> str:
    """The id of the customer of this number, from 1."""
    return f"cust_{number:026d}"


async def fill(url: str, store: Store, size: Size) -> None:
    """Write the rows as the owner of the tables, and let the planner know them."""
    values = {
        "store": store.number,
        "products": size.products,
        "customers": size.customers,
        "orders": size.orders,
        "recent": lowest_id("", system_clock())[1:11],
    }
    connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE, "jit": "off"})
    try:
        for statement in (_ROWS + STOREFRONT + BACK_OFFICE).split(";\n"):
            await connection.execute(statement.format(**values), timeout=300)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in tables:
            if table["tablename"] != "alembic_version":
                await connection.execute(f"VACUUM ANALYZE {table['tablename']}", timeout=60)
    finally:
        await connection.close()


# Times differ from row to row, so that no order of the newest is left open. Orders come at a pace of their own and
# are spread over all customers and products.
_ROWS = f"""
INSERT INTO product (store_id, id, name, name_key, description, sku, status, price, currency, tags, metadata, version,
    sequence, created_at, updated_at)
SELECT {{store}}, 'prod_' || lpad(n::text, 26, '0'), 'Product ' || n, 'product ' || n, 'Made to be measured.',
    'P-' || n, 'active', 100 + n % 5000, 'GBP', ARRAY['cotton', CASE n % 10 WHEN 0 THEN 'sale' ELSE 'basic' END],
    '{{{{"origin": "PT"}}}}', 1, 1, made, made
FROM generate_series(1, {{products}}) AS n,
    LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 minute') AS t(made);
INSERT INTO product_variant (store_id, id, product_id, sku, sku_key, price, compare_at_price, cost, overrides_price,
    currency, attributes, image_id, position, created_at, updated_at)
SELECT p.store_id, 'var_' || lpad((n * {VARIANTS} + v)::text, 26, '0'), p.id, p.sku || '-' || size,
    lower(p.sku || '-' || size), p.price, p.price + 200, p.price / 2, false, p.currency,
    jsonb_build_object('size', size, 'color', 'Blue'), 'img_' || lpad((n * 3 + v)::text, 26, '0'), v, p.created_at,
    p.updated_at
FROM product p, LATERAL (SELECT substr(p.sku, 3)::int) AS t(n), generate_series(0, {VARIANTS - 1}) AS v,
    LATERAL (SELECT (ARRAY['S', 'M', 'L'])[v + 1]) AS s(size);
ANALYZE product, product_variant;
INSERT INTO product_sku (store_id, sku_key, product_id)
SELECT store_id, lower(sku), id FROM product UNION ALL SELECT store_id, sku_key, product_id FROM product_variant;
INSERT INTO product_word (store_id, word, product_id)
SELECT store_id, word, id FROM product, unnest(ARRAY['product', 'p', substr(sku, 3), 's', 'm', 'l']) AS word;
INSERT INTO product_stock (store_id, product_id, in_stock, created_at)
SELECT store_id, id, true, created_at FROM product;
INSERT INTO inventory (store_id, product_id, sequence) SELECT store_id, id, 0 FROM product;
INSERT INTO inventory_level (store_id, variant_id, warehouse_id, product_id, on_hand, reserved, updated_at)
SELECT v.store_id, v.id, w.id, v.product_id, {STOCK}, 0, v.updated_at
FROM product_variant v JOIN warehouse w ON w.store_id = v.store_id AND w.is_default;
INSERT INTO inventory_movement (store_id, id, product_id, variant_id, warehouse_id, quantity, reason, actor, created_at)
SELECT store_id, 'mov_' || substr(variant_id, 5), product_id, variant_id, warehouse_id, on_hand, 'opening', 'bench',
    updated_at FROM inventory_level;
INSERT INTO customer (store_id, id, email, email_key, email_domain_key, first_name, last_name, name_key, tags, metadata,
    acquisition_channel, status, version, sequence, created_at, updated_at)
SELECT {{store}}, 'cust_' || lpad(n::text, 26, '0'), mail, mail, 'example.com', 'Jane', 'Doe ' || n,
    'doe ' || n || ' jane', '{{{{}}}}', '{{{{}}}}', 'api', 'active', 1, 1, made, made
FROM generate_series(1, {{customers}}) AS n, LATERAL (SELECT 'jane' || n || '@example.com',
    timestamptz '2024-01-01Z' + n * interval '1 minute') AS t(mail, made);
INSERT INTO customer_word (store_id, word, customer_id)
SELECT store_id, word, id FROM customer, unnest(ARRAY['jane', 'doe', substr(last_name, 5)]) AS word;
INSERT INTO customer_last_order (store_id, customer_id, last_order_at)
SELECT store_id, id, timestamptz '1970-01-01Z' FROM customer;
INSERT INTO sales_order (store_id, id, customer_id, email, currency, subtotal, discount, shipping, shipping_tax, tax,
    total, tax_rate, tax_on_shipping, payment_method, shipping_method, shipping_address, billing_address, metadata,
    version, created_at, updated_at, number, status, captured, refunded, payment_failed, units, units_fulfilled,
    refund_requested, sequence, tags)
SELECT {{store}}, 'ord_' || lpad(n::text, 26, '0'), 'cust_' || lpad(buyer::text, 26, '0'),
    'jane' || buyer || '@example.com', 'GBP', goods, 0, 500, 0, 0, goods + 500, 0, false, 'card', 'standard', address,
    address, '{{{{"channel": "web"}}}}', 1, made, made, n,
    CASE n % 4 WHEN 0 THEN 'processing' WHEN 1 THEN 'pending' ELSE 'delivered' END,
    CASE n % 5 WHEN 0 THEN 0 ELSE goods + 500 END, 0, false, {ITEMS}, CASE WHEN n % 4 < 2 THEN 0 ELSE {ITEMS} END,
    false, 1, ARRAY['web']
FROM (
    SELECT n, sum(p.price) AS goods
    FROM generate_series(1, {{orders}}) AS n CROSS JOIN generate_series(0, {ITEMS - 1}) AS line
    JOIN product p ON p.store_id = {{store}}
        AND p.id = 'prod_' || lpad((1 + (n * 13 + line * 997) % {{products}})::text, 26, '0')
    GROUP BY n
) AS sold
CROSS JOIN LATERAL (SELECT 1 + n * 7 % {{customers}}, timestamptz '2024-02-01Z' + n * interval '10 minutes')
    AS o(buyer, made)
CROSS JOIN LATERAL (SELECT jsonb_build_object('first_name', 'Jane', 'last_name', 'Doe ' || buyer, 'company', NULL,
    'line1', buyer || ' High Street', 'line2', NULL, 'city', 'York', 'state', NULL, 'zip', 'YO1 7HH', 'country', 'GB',
    'phone', NULL)) AS a(address);
ANALYZE sales_order;
SELECT setval('order_number_{{store}}', {{orders}} + 1000);
INSERT INTO order_item (store_id, id, position, product_id, variant_id, sku, name, attributes, quantity, price,
    own_price, currency, discount, tax, total, created_at, order_id, fulfilled, refunded, returned)
SELECT o.store_id, 'item_' || lpad((o.number * {ITEMS} + line)::text, 26, '0'), line, p.id, v.id, v.sku, p.name,
    v.attributes, 1, v.price, false, v.currency, 0, 0, v.price, o.created_at, o.id,
    (o.status = 'delivered')::int, 0, 0
FROM sales_order o CROSS JOIN generate_series(0, {ITEMS - 1}) AS line
JOIN product p ON p.store_id = o.store_id
    AND p.id = 'prod_' || lpad((1 + (o.number * 13 + line * 997) % {{products}})::text, 26, '0')
JOIN product_variant v ON v.store_id = p.store_id AND v.product_id = p.id AND v.position = line;
INSERT INTO order_status_change (store_id, id, order_id, status, actor, created_at)
SELECT store_id, 'step_' || substr(id, 5), id, 'pending', 'bench', created_at FROM sales_order;
ANALYZE customer, order_item, inventory_level;
"""
