"""Categories that change, more of variants, stock that is listed by store, warehouses that rest, lines of purchase orders."""

from __future__ import annotations

from domain.migrations.ddl import protect, run

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CATALOG = """
ALTER TABLE category ADD COLUMN description text, ADD COLUMN version int, ADD COLUMN updated_at timestamptz(3);
UPDATE category SET description = '', version = 1, updated_at = created_at;
ALTER TABLE category
    ALTER COLUMN description SET NOT NULL,
    ALTER COLUMN version SET NOT NULL,
    ALTER COLUMN updated_at SET NOT NULL;
ALTER TABLE product_variant
    ADD COLUMN weight numeric,
    ADD COLUMN weight_unit text COLLATE "C",
    ADD COLUMN barcode text,
    ADD COLUMN compare_at_price bigint,
    ADD CONSTRAINT product_variant_weight_check CHECK (weight >= 0),
    ADD CONSTRAINT product_variant_weight_unit_check CHECK (weight_unit IN ('g', 'kg', 'oz', 'lb') AND (weight IS NULL) = (weight_unit IS NULL)),
    ADD CONSTRAINT product_variant_compare_at_price_check CHECK (compare_at_price >= 0);
"""
STOCK = """
ALTER TABLE warehouse ADD COLUMN active bool NOT NULL DEFAULT true;
ALTER TABLE inventory_level
    ADD COLUMN available int GENERATED ALWAYS AS (on_hand - reserved) STORED NOT NULL,
    ADD COLUMN id text COLLATE "C" GENERATED ALWAYS AS ('level_' || substr(variant_id, 5) || substr(warehouse_id, 4)) STORED NOT NULL;
CREATE UNIQUE INDEX inventory_level_id_key ON inventory_level (store_id, id);
CREATE INDEX inventory_level_available_idx ON inventory_level (store_id, available, id);
CREATE INDEX inventory_level_warehouse_idx ON inventory_level (store_id, warehouse_id, available, id);
CREATE INDEX inventory_movement_created_idx ON inventory_movement (store_id, created_at, id);
CREATE INDEX inventory_movement_all_of_warehouse_idx ON inventory_movement (store_id, warehouse_id, created_at, id);
CREATE INDEX inventory_movement_all_of_reason_idx ON inventory_movement (store_id, reason, created_at, id);
ALTER TABLE inventory_alert ADD COLUMN state text COLLATE "C";
UPDATE inventory_alert a SET state = CASE WHEN a.threshold > (
    SELECT coalesce(sum(l.on_hand - l.reserved), 0) FROM inventory_level l
    WHERE l.store_id = a.store_id AND l.product_id = a.product_id
      AND (a.variant_id IS NULL OR l.variant_id = a.variant_id)
      AND (a.warehouse_id IS NULL OR l.warehouse_id = a.warehouse_id)
) THEN 'low' ELSE 'armed' END;
ALTER TABLE inventory_alert
    ALTER COLUMN state SET NOT NULL,
    ADD CONSTRAINT inventory_alert_state_check CHECK (state IN ('armed', 'low'));
CREATE INDEX inventory_alert_created_idx ON inventory_alert (store_id, created_at, id);
CREATE INDEX inventory_alert_state_idx ON inventory_alert (store_id, state, created_at, id);
CREATE INDEX inventory_alert_warehouse_idx ON inventory_alert (store_id, warehouse_id, created_at, id);
"""
PURCHASES = """
ALTER TABLE purchase_order
    ADD COLUMN note text,
    ADD COLUMN cancelled_at timestamptz(3),
    ALTER COLUMN product_id DROP NOT NULL,
    ALTER COLUMN variant_id DROP NOT NULL,
    ALTER COLUMN alert_id DROP NOT NULL,
    DROP CONSTRAINT purchase_order_status_check,
    ADD CONSTRAINT purchase_order_status_check CHECK (status IN ('open', 'received', 'cancelled'));
CREATE TABLE purchase_order_line (
    store_id int NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    quantity int NOT NULL,
    received int NOT NULL,
    CONSTRAINT purchase_order_line_pkey PRIMARY KEY (store_id, order_id, variant_id),
    CONSTRAINT purchase_order_line_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES purchase_order (store_id, id) ON DELETE CASCADE,
    CONSTRAINT purchase_order_line_quantity_check CHECK (quantity > 0),
    CONSTRAINT purchase_order_line_received_check CHECK (received >= 0 AND received <= quantity)
);
INSERT INTO purchase_order_line (store_id, order_id, variant_id, product_id, position, quantity, received)
SELECT store_id, id, variant_id, product_id, 0, quantity, received FROM purchase_order;
CREATE INDEX purchase_order_open_idx ON purchase_order (store_id, warehouse_id) WHERE status = 'open';
"""


def upgrade() -> None:
    """Every purchase order so far has one line; every alert gets the state that its stock is in."""
    for script in (CATALOG, STOCK, PURCHASES):
        run(script)
    protect("purchase_order_line")


def downgrade() -> None:
    """What only this revision can say goes: purchase orders by hand and cancelled ones, and all its columns."""
    run("""
    DROP INDEX purchase_order_open_idx;
    DROP TABLE purchase_order_line;
    DELETE FROM purchase_order WHERE alert_id IS NULL OR status = 'cancelled';
    ALTER TABLE purchase_order
        DROP COLUMN note,
        DROP COLUMN cancelled_at,
        ALTER COLUMN product_id SET NOT NULL,
        ALTER COLUMN variant_id SET NOT NULL,
        ALTER COLUMN alert_id SET NOT NULL,
        DROP CONSTRAINT purchase_order_status_check,
        ADD CONSTRAINT purchase_order_status_check CHECK (status IN ('open', 'received'));
    DROP INDEX inventory_alert_created_idx, inventory_alert_state_idx, inventory_alert_warehouse_idx;
    ALTER TABLE inventory_alert DROP COLUMN state;
    DROP INDEX inventory_movement_created_idx, inventory_movement_all_of_warehouse_idx, inventory_movement_all_of_reason_idx;
    DROP INDEX inventory_level_id_key, inventory_level_available_idx, inventory_level_warehouse_idx;
    ALTER TABLE inventory_level DROP COLUMN available, DROP COLUMN id;
    ALTER TABLE warehouse DROP COLUMN active;
    ALTER TABLE product_variant
        DROP CONSTRAINT product_variant_weight_unit_check,
        DROP COLUMN weight,
        DROP COLUMN weight_unit,
        DROP COLUMN barcode,
        DROP COLUMN compare_at_price;
    ALTER TABLE category DROP COLUMN description, DROP COLUMN version, DROP COLUMN updated_at;
    """)
