"""What customers bought in all, which the worker folds with the facts."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE customer_sales (
    store_id int NOT NULL,
    customer_no int NOT NULL,
    paid boolean NOT NULL,
    orders bigint NOT NULL,
    net bigint NOT NULL,
    refunded bigint NOT NULL,
    first_at timestamptz(3) NOT NULL,
    last_at timestamptz(3) NOT NULL,
    CONSTRAINT customer_sales_pkey PRIMARY KEY (store_id, customer_no, paid)
);
CREATE INDEX sale_line_customer_idx ON sale_line (store_id, customer_no, paid, at)
WHERE first_in_order AND NOT cancelled AND customer_no IS NOT NULL;

UPDATE sales_state SET rebuild_after = 0;
"""


def upgrade() -> None:
    """What was bought before is summed by the worker, at the end of a rebuild of each store."""
    run(TABLES)
    protect("customer_sales")


def downgrade() -> None:
    """It can be made again."""
    op.execute("DROP TABLE customer_sales")
    op.execute("DROP INDEX sale_line_customer_idx")
