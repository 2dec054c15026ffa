"""Views of products; indexes that answer reports of products alone."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# A table for each span: reports scan months and days, which are few beside quarters of an hour. Room in the pages: a
# count is raised each second while its product is viewed, and stays where it is.
TABLE = """
CREATE TABLE product_view_count (
    store_id int NOT NULL,
    span text COLLATE "C" NOT NULL,
    at timestamptz(3) NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    views bigint NOT NULL,
    CONSTRAINT product_view_count_pkey PRIMARY KEY (store_id, span, at, product_id),
    CONSTRAINT product_view_count_span_check CHECK (span IN ('quarter_hour', 'day', 'month')),
    CONSTRAINT product_view_count_views_check CHECK (views > 0)
) PARTITION BY LIST (span);
CREATE TABLE product_view_count_quarter_hour PARTITION OF product_view_count FOR VALUES IN ('quarter_hour')
    WITH (fillfactor = 80);
CREATE TABLE product_view_count_day PARTITION OF product_view_count FOR VALUES IN ('day') WITH (fillfactor = 80);
CREATE TABLE product_view_count_month PARTITION OF product_view_count FOR VALUES IN ('month') WITH (fillfactor = 80);
"""
INDEXES = """
DROP INDEX sale_line_at_idx;
CREATE INDEX sale_line_at_idx ON sale_line (store_id, at) INCLUDE (
    order_no, product_no, customer_no, country, quantity, net, refunded, returned, cost, first_in_order,
    first_of_product, paid
) WHERE NOT cancelled;
DROP INDEX inventory_movement_created_idx;
CREATE INDEX inventory_movement_created_idx ON inventory_movement (store_id, created_at, id)
    INCLUDE (product_id, quantity);
"""
INDEXES_OF_BEFORE = """
DROP INDEX sale_line_at_idx;
CREATE INDEX sale_line_at_idx ON sale_line (store_id, at) INCLUDE (
    order_no, product_no, customer_no, country, quantity, net, refunded, first_in_order, first_of_product, paid
) WHERE NOT cancelled;
DROP INDEX inventory_movement_created_idx;
CREATE INDEX inventory_movement_created_idx ON inventory_movement (store_id, created_at, id);
"""


def upgrade() -> None:
    """Nothing was counted before."""
    run(TABLE)
    run(INDEXES)
    protect("product_view_count")


def downgrade() -> None:
    """The counts go."""
    run(INDEXES_OF_BEFORE)
    op.execute("DROP TABLE product_view_count")
