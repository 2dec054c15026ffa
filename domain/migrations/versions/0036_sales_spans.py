"""Sums of sales by category and country for each day, by product for each month, and what must be summed anew."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE sales_category_day (
    store_id int NOT NULL,
    category_id text COLLATE "C" NOT NULL,
    day timestamptz(3) NOT NULL,
    paid boolean NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    net bigint NOT NULL,
    refunded bigint NOT NULL,
    CONSTRAINT sales_category_day_pkey PRIMARY KEY (store_id, day, category_id, paid)
);
CREATE TABLE sales_country_day (
    store_id int NOT NULL,
    country smallint NOT NULL,
    day timestamptz(3) NOT NULL,
    paid boolean NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    net bigint NOT NULL,
    refunded bigint NOT NULL,
    CONSTRAINT sales_country_day_pkey PRIMARY KEY (store_id, day, country, paid)
);
CREATE TABLE sales_stale_day (
    store_id int NOT NULL,
    day timestamptz(3) NOT NULL,
    CONSTRAINT sales_stale_day_pkey PRIMARY KEY (store_id, day)
);
CREATE TABLE sales_product_month (
    store_id int NOT NULL,
    product_no int NOT NULL,
    month timestamptz(3) NOT NULL,
    paid boolean NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    returned bigint NOT NULL,
    net bigint NOT NULL,
    refunded bigint NOT NULL,
    costed_revenue bigint,
    cost bigint,
    CONSTRAINT sales_product_month_pkey PRIMARY KEY (store_id, month, product_no, paid)
);
CREATE TABLE sales_stale_month (
    store_id int NOT NULL,
    month timestamptz(3) NOT NULL,
    CONSTRAINT sales_stale_month_pkey PRIMARY KEY (store_id, month)
);
INSERT INTO sales_stale_day (store_id, day)
SELECT DISTINCT store_id, date_trunc('day', at, 'UTC') FROM sale_line;
INSERT INTO sales_stale_month (store_id, month)
SELECT DISTINCT store_id, date_trunc('month', at, 'UTC') FROM sale_line;
"""
PROTECTED = (
    "sales_category_day",
    "sales_country_day",
    "sales_stale_day",
    "sales_product_month",
    "sales_stale_month",
)


def upgrade() -> None:
    """The worker sums the days and months of before."""
    run(TABLES)
    for table in PROTECTED:
        protect(table)


def downgrade() -> None:
    """Everything can be made again from the lines."""
    op.execute(f"DROP TABLE {', '.join(PROTECTED)}")
