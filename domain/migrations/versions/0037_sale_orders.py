"""Sums of the lines of each order, which reports without products read in place of the lines."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE sale_order (
    store_id int NOT NULL,
    order_no bigint NOT NULL,
    at timestamptz(3) NOT NULL,
    customer_no int,
    country smallint,
    cancelled boolean NOT NULL,
    paid boolean NOT NULL,
    units bigint NOT NULL,
    returned bigint NOT NULL,
    net bigint NOT NULL,
    refunded bigint NOT NULL,
    costed_revenue bigint,
    cost bigint,
    CONSTRAINT sale_order_pkey PRIMARY KEY (store_id, order_no)
);
INSERT INTO sale_order (store_id, order_no, at, customer_no, country, cancelled, paid, units, returned, net, refunded,
    costed_revenue, cost)
SELECT store_id, order_no, min(at), min(customer_no), min(country), bool_and(cancelled), bool_and(paid), sum(quantity),
    sum(returned), sum(net), sum(refunded), sum(net - refunded) FILTER (WHERE cost IS NOT NULL), sum(cost)
FROM sale_line GROUP BY store_id, order_no;
CREATE INDEX sale_order_at_idx ON sale_order (store_id, at)
INCLUDE (customer_no, country, units, returned, net, refunded, costed_revenue, cost, paid) WHERE NOT cancelled;
CREATE INDEX sale_order_customer_idx ON sale_order (store_id, customer_no, paid, at)
WHERE NOT cancelled AND customer_no IS NOT NULL;
DROP INDEX sale_line_customer_idx;
"""


def upgrade() -> None:
    """The orders that are known already are summed here: reports are right at once."""
    run(TABLE)
    protect("sale_order")


def downgrade() -> None:
    """It can be made again from the lines."""
    op.execute("DROP TABLE sale_order")
    op.execute(
        "CREATE INDEX sale_line_customer_idx ON sale_line (store_id, customer_no, paid, at) "
        "WHERE first_in_order AND NOT cancelled AND customer_no IS NOT NULL"
    )
