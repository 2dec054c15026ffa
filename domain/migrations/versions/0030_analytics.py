"""Sales as facts and rollups, which the worker folds from the event log; the cost of what was ordered."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Lines of before get the cost that their variant has now: none was recorded.
COST = """
ALTER TABLE order_item ADD COLUMN unit_cost bigint CONSTRAINT order_item_unit_cost_check CHECK (unit_cost >= 0);
UPDATE order_item i SET unit_cost = v.cost FROM product_variant v
WHERE v.store_id = i.store_id AND v.id = i.variant_id AND v.cost IS NOT NULL;
"""

TABLES = """
CREATE TABLE sale_line (
    store_id int NOT NULL,
    order_no bigint NOT NULL,
    line_no smallint NOT NULL,
    at timestamptz(3) NOT NULL,
    product_no int NOT NULL,
    customer_no int,
    country smallint,
    quantity int NOT NULL,
    returned int NOT NULL,
    net bigint NOT NULL,
    refunded bigint NOT NULL,
    cost bigint,
    first_in_order boolean NOT NULL,
    first_of_product boolean NOT NULL,
    cancelled boolean NOT NULL,
    paid boolean NOT NULL,
    CONSTRAINT sale_line_pkey PRIMARY KEY (store_id, order_no, line_no),
    CONSTRAINT sale_line_refunded_check CHECK (refunded BETWEEN 0 AND net)
);
CREATE INDEX sale_line_at_idx ON sale_line (store_id, at) INCLUDE (
    order_no, product_no, customer_no, country, quantity, net, refunded, first_in_order, first_of_product, paid
) WHERE NOT cancelled;

CREATE TABLE sale_product (
    store_id int NOT NULL,
    no int NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    CONSTRAINT sale_product_pkey PRIMARY KEY (store_id, no)
);
CREATE UNIQUE INDEX sale_product_product_idx ON sale_product (store_id, product_id) INCLUDE (no);

CREATE TABLE sale_customer (
    store_id int NOT NULL,
    no int NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    CONSTRAINT sale_customer_pkey PRIMARY KEY (store_id, no)
);
CREATE UNIQUE INDEX sale_customer_customer_idx ON sale_customer (store_id, customer_id) INCLUDE (no);

CREATE TABLE sales_quarter_hour (
    store_id int NOT NULL,
    at timestamptz(3) NOT NULL,
    paid boolean NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    net bigint NOT NULL,
    refunded bigint NOT NULL,
    CONSTRAINT sales_quarter_hour_pkey PRIMARY KEY (store_id, at, paid)
);

CREATE TABLE sales_state (
    store_id int NOT NULL,
    as_of timestamptz(3),
    rebuild_after bigint,
    CONSTRAINT sales_state_pkey PRIMARY KEY (store_id)
);
CREATE INDEX sales_state_rebuild_idx ON sales_state (store_id) WHERE rebuild_after IS NOT NULL;

CREATE TABLE sales_cursor (
    single boolean DEFAULT true NOT NULL,
    position bigint DEFAULT 0 NOT NULL,
    CONSTRAINT sales_cursor_pkey PRIMARY KEY (single),
    CONSTRAINT sales_cursor_single_check CHECK (single)
);
INSERT INTO sales_cursor (position) SELECT position FROM event_log;
GRANT SELECT, UPDATE ON sales_cursor TO gateway_system;

INSERT INTO sales_state (store_id, rebuild_after)
SELECT number, 0 FROM store WHERE EXISTS (SELECT FROM sales_order WHERE store_id = store.number);
"""
PROTECTED = ("sale_line", "sale_product", "sale_customer", "sales_quarter_hour", "sales_state")


def upgrade() -> None:
    """What was sold before is read from the orders by the worker, store by store."""
    run(COST)
    run(TABLES)
    for table in PROTECTED:
        protect(table)


def downgrade() -> None:
    """Everything of this revision goes; all but the recorded costs can be made again."""
    op.execute(f"DROP TABLE {', '.join(PROTECTED)}, sales_cursor")
    op.execute("ALTER TABLE order_item DROP COLUMN unit_cost")
