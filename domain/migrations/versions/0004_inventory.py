"""Warehouses, levels, and the ledger of movements."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import APPEND_ONLY, protect, run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE warehouse (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT warehouse_pkey PRIMARY KEY (store_id, id)
);
CREATE INDEX warehouse_created_idx ON warehouse (store_id, created_at, id);
CREATE UNIQUE INDEX warehouse_default_idx ON warehouse (store_id) WHERE is_default;

CREATE TABLE inventory_level (
    store_id int NOT NULL,
    variant_id text COLLATE "C" NOT NULL,
    warehouse_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    on_hand int NOT NULL,
    reserved int NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT inventory_level_pkey PRIMARY KEY (store_id, variant_id, warehouse_id),
    CONSTRAINT inventory_level_store_id_variant_id_fkey FOREIGN KEY(store_id, variant_id) REFERENCES product_variant (store_id, id) ON DELETE CASCADE,
    CONSTRAINT inventory_level_store_id_warehouse_id_fkey FOREIGN KEY(store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT inventory_level_reserved_check CHECK (reserved >= 0),
    CONSTRAINT inventory_level_on_hand_check CHECK (on_hand >= reserved)
);
CREATE INDEX inventory_level_product_idx ON inventory_level (store_id, product_id);

CREATE TABLE inventory_movement (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C" NOT NULL,
    warehouse_id text COLLATE "C" NOT NULL,
    quantity int NOT NULL,
    reason text NOT NULL,
    note text,
    actor text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT inventory_movement_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT inventory_movement_store_id_warehouse_id_fkey FOREIGN KEY(store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT inventory_movement_quantity_check CHECK (quantity <> 0)
);
CREATE INDEX inventory_movement_product_idx ON inventory_movement (store_id, product_id, created_at, id);
CREATE INDEX inventory_movement_variant_idx ON inventory_movement (store_id, variant_id, created_at, id);
"""


def upgrade() -> None:
    """Warehouses, levels, and the ledger of movements."""
    run(TABLES)
    protect("warehouse")
    protect("inventory_level")
    protect("inventory_movement", APPEND_ONLY)


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute("DROP TABLE inventory_movement, inventory_level, warehouse")
