"""What reports need of products and customers by number, the orders that a category would count twice, sums of customers
that need no grouping, and an aggregate that adds amounts as the integers that they are."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE AGGREGATE bigint_sum(bigint) (SFUNC = int8pl, STYPE = bigint, COMBINEFUNC = int8pl, PARALLEL = SAFE);
CREATE TABLE sale_category (
    store_id int NOT NULL,
    no int NOT NULL,
    category_id text COLLATE "C" NOT NULL,
    CONSTRAINT sale_category_pkey PRIMARY KEY (store_id, no)
);
CREATE UNIQUE INDEX sale_category_category_idx ON sale_category (store_id, category_id) INCLUDE (no);
INSERT INTO sale_category
SELECT store_id, row_number() OVER (PARTITION BY store_id ORDER BY id), id FROM category;
CREATE TABLE sale_channel (
    store_id int NOT NULL,
    no int NOT NULL,
    channel text COLLATE "C" NOT NULL,
    CONSTRAINT sale_channel_pkey PRIMARY KEY (store_id, no)
);
CREATE UNIQUE INDEX sale_channel_channel_idx ON sale_channel (store_id, channel) INCLUDE (no);
INSERT INTO sale_channel SELECT store_id, row_number() OVER (PARTITION BY store_id ORDER BY channel), channel
FROM (SELECT DISTINCT store_id, acquisition_channel AS channel FROM customer) AS known;
CREATE TABLE sale_product_category (
    store_id int NOT NULL,
    product_no int NOT NULL,
    category_no int NOT NULL,
    CONSTRAINT sale_product_category_pkey PRIMARY KEY (store_id, product_no, category_no)
);
INSERT INTO sale_product_category SELECT p.store_id, p.no, c.no
FROM sale_product p JOIN product_category m ON m.store_id = p.store_id AND m.product_id = p.product_id
JOIN sale_category c ON c.store_id = m.store_id AND c.category_id = m.category_id;
CREATE TABLE sale_category_overlap (
    store_id int NOT NULL,
    order_no bigint NOT NULL,
    category_no int NOT NULL,
    at timestamptz(3) NOT NULL,
    customer_no int,
    country smallint,
    paid boolean NOT NULL,
    overlap int NOT NULL,
    CONSTRAINT sale_category_overlap_pkey PRIMARY KEY (store_id, order_no, category_no)
);
CREATE INDEX sale_category_overlap_at_idx ON sale_category_overlap (store_id, at)
INCLUDE (category_no, customer_no, country, paid, overlap);
INSERT INTO sales_stale_day SELECT DISTINCT store_id, date_trunc('day', at, 'UTC') FROM sale_line
ON CONFLICT DO NOTHING;
ALTER TABLE sale_customer ADD COLUMN channel_no int;
UPDATE sale_customer AS s SET channel_no = c.no FROM customer JOIN sale_channel c
    ON c.store_id = customer.store_id AND c.channel = customer.acquisition_channel
WHERE customer.store_id = s.store_id AND customer.id = s.customer_id;
DELETE FROM customer_sales;
ALTER TABLE customer_sales DROP CONSTRAINT customer_sales_pkey;
ALTER TABLE customer_sales RENAME COLUMN paid TO paid_only;
ALTER TABLE customer_sales ADD COLUMN channel_no int;
ALTER TABLE customer_sales ADD CONSTRAINT customer_sales_pkey PRIMARY KEY (store_id, paid_only, customer_no);
INSERT INTO customer_sales (store_id, customer_no, paid_only, channel_no, orders, net, refunded, first_at, last_at)
SELECT o.store_id, o.customer_no, paid_only, c.channel_no, count(*), sum(net), sum(refunded), min(at), max(at)
FROM sale_order o JOIN sale_customer c ON c.store_id = o.store_id AND c.no = o.customer_no
CROSS JOIN (VALUES (false), (true)) AS scope (paid_only)
WHERE NOT o.cancelled AND (o.paid OR NOT paid_only) GROUP BY 1, 2, 3, 4;
"""
DOWNGRADE = """
DROP TABLE sale_category_overlap;
DROP TABLE sale_product_category;
ALTER TABLE sale_customer DROP COLUMN channel_no;
DROP TABLE sale_channel;
DROP TABLE sale_category;
DELETE FROM customer_sales;
ALTER TABLE customer_sales DROP CONSTRAINT customer_sales_pkey;
ALTER TABLE customer_sales RENAME COLUMN paid_only TO paid;
ALTER TABLE customer_sales DROP COLUMN channel_no;
ALTER TABLE customer_sales ADD CONSTRAINT customer_sales_pkey PRIMARY KEY (store_id, customer_no, paid);
INSERT INTO customer_sales (store_id, customer_no, paid, orders, net, refunded, first_at, last_at)
SELECT store_id, customer_no, paid, count(*), sum(net), sum(refunded), min(at), max(at)
FROM sale_order WHERE NOT cancelled AND customer_no IS NOT NULL GROUP BY 1, 2, 3;
DROP AGGREGATE bigint_sum(bigint);
"""
TABLES = ("sale_category", "sale_channel", "sale_product_category", "sale_category_overlap")


def upgrade() -> None:
    """Days are marked as stale: reports count the orders of categories by the lines until the worker has summed them."""
    run(UPGRADE)
    for table in TABLES:
        protect(table)


def downgrade() -> None:
    """All of it can be made again from the facts."""
    run(DOWNGRADE)
    op.execute("ANALYZE customer_sales")
