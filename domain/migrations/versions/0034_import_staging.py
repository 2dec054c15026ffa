"""The natural keys of imported orders."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import APPEND_ONLY, protect, run

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE imported_order (
    store_id int NOT NULL,
    source text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    import_id text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT imported_order_pkey PRIMARY KEY (store_id, source, number),
    CONSTRAINT imported_order_store_id_order_id_fkey FOREIGN KEY (store_id, order_id) REFERENCES sales_order (store_id, id)
);
CREATE INDEX imported_order_order_idx ON imported_order (store_id, order_id);
"""


def upgrade() -> None:
    """The table."""
    run(TABLE)
    protect("imported_order", APPEND_ONLY)


def downgrade() -> None:
    """The orders stay; importing the same file again would import them once more."""
    op.execute("DROP TABLE imported_order")
