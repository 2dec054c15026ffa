"""Where warehouses are, reservations, alerts, purchase orders, and the row that guards a product's stock."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE warehouse
    ADD COLUMN country text COLLATE "C",
    ADD COLUMN state text,
    ADD COLUMN city text,
    ADD COLUMN zip text,
    ADD COLUMN line1 text,
    ADD COLUMN line2 text;
ALTER TABLE inventory_movement ADD COLUMN reference text COLLATE "C";
CREATE INDEX inventory_movement_warehouse_idx ON inventory_movement (store_id, product_id, warehouse_id, created_at, id);
CREATE INDEX inventory_movement_reason_idx ON inventory_movement (store_id, product_id, reason, created_at, id);

CREATE TABLE inventory (
    store_id int NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    sequence int NOT NULL,
    CONSTRAINT inventory_pkey PRIMARY KEY (store_id, product_id)
);
INSERT INTO inventory (store_id, product_id, sequence) SELECT DISTINCT store_id, product_id, 0 FROM inventory_level;

CREATE TABLE inventory_reservation (
    store_id int NOT NULL,
    holder_id text COLLATE "C" NOT NULL,
    warehouse_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    quantity int NOT NULL,
    CONSTRAINT inventory_reservation_pkey PRIMARY KEY (store_id, holder_id, warehouse_id),
    CONSTRAINT inventory_reservation_store_id_variant_id_warehouse_id_fkey FOREIGN KEY(store_id, variant_id, warehouse_id) REFERENCES inventory_level (store_id, variant_id, warehouse_id),
    CONSTRAINT inventory_reservation_quantity_check CHECK (quantity > 0)
);
CREATE INDEX inventory_reservation_level_idx ON inventory_reservation (store_id, variant_id, warehouse_id);

CREATE TABLE inventory_alert (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C",
    warehouse_id text COLLATE "C",
    threshold int NOT NULL,
    reorder_quantity int,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT inventory_alert_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT inventory_alert_store_id_variant_id_fkey FOREIGN KEY(store_id, variant_id) REFERENCES product_variant (store_id, id) ON DELETE CASCADE,
    CONSTRAINT inventory_alert_store_id_warehouse_id_fkey FOREIGN KEY(store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT inventory_alert_threshold_check CHECK (threshold > 0),
    CONSTRAINT inventory_alert_reorder_quantity_check CHECK (reorder_quantity > 0)
);
CREATE UNIQUE INDEX inventory_alert_target_idx ON inventory_alert (store_id, product_id, variant_id, warehouse_id) NULLS NOT DISTINCT;
CREATE INDEX inventory_alert_variant_idx ON inventory_alert (store_id, variant_id);

CREATE TABLE purchase_order (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C" NOT NULL,
    warehouse_id text COLLATE "C" NOT NULL,
    alert_id text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    quantity int NOT NULL,
    received int NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    received_at timestamptz(3),
    CONSTRAINT purchase_order_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT purchase_order_store_id_warehouse_id_fkey FOREIGN KEY(store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT purchase_order_status_check CHECK (status IN ('open', 'received')),
    CONSTRAINT purchase_order_quantity_check CHECK (quantity > 0),
    CONSTRAINT purchase_order_received_check CHECK (received >= 0 AND received <= quantity)
);
CREATE INDEX purchase_order_created_idx ON purchase_order (store_id, created_at, id);
CREATE INDEX purchase_order_status_idx ON purchase_order (store_id, status, created_at, id);
"""


def upgrade() -> None:
    """Reservations, alerts, purchase orders; every product with stock gets its guard."""
    run(TABLES)
    for table in ("inventory", "inventory_reservation", "inventory_alert", "purchase_order"):
        protect(table)


def downgrade() -> None:
    """Everything of this revision goes, rows included; what was reserved lies free again."""
    op.execute("DROP TABLE purchase_order, inventory_alert, inventory_reservation, inventory")
    op.execute("UPDATE inventory_level SET reserved = 0 WHERE reserved > 0")
    op.execute("DROP INDEX inventory_movement_warehouse_idx, inventory_movement_reason_idx")
    op.execute("ALTER TABLE inventory_movement DROP COLUMN reference")
    op.execute(
        "ALTER TABLE warehouse DROP COLUMN country, DROP COLUMN state, DROP COLUMN city, DROP COLUMN zip, "
        "DROP COLUMN line1, DROP COLUMN line2"
    )
