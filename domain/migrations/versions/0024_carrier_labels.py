"""Labels of carriers: shipments whose label the carrier has not made yet, why it made none, and what it has made."""

from __future__ import annotations

from domain.migrations.ddl import protect, run

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOVING = "'in_transit', 'out_for_delivery', 'exception', 'delivered', 'cancelled'"
SHIPMENTS = f"""
ALTER TABLE shipment ADD COLUMN failure text;
ALTER TABLE shipment ALTER COLUMN tracking_number DROP NOT NULL;
ALTER TABLE shipment_package ALTER COLUMN tracking_number DROP NOT NULL;
ALTER TABLE shipment DROP CONSTRAINT shipment_status_check;
ALTER TABLE shipment DROP CONSTRAINT shipment_source_check;
ALTER TABLE shipment DROP CONSTRAINT shipment_shipped_at_check;
ALTER TABLE shipment ADD CONSTRAINT shipment_status_check CHECK (status IN ('pending', 'created', {MOVING}));
ALTER TABLE shipment ADD CONSTRAINT shipment_source_check CHECK (source IN ('sandbox', 'custom', 'caller', 'carrier'));
ALTER TABLE shipment ADD CONSTRAINT shipment_shipped_at_check CHECK ((status IN ('pending', 'created', 'cancelled')) = (shipped_at IS NULL));
ALTER TABLE shipment ADD CONSTRAINT shipment_tracking_number_check CHECK (tracking_number IS NOT NULL OR status IN ('pending', 'cancelled'));
ALTER TABLE shipment ADD CONSTRAINT shipment_failure_check CHECK (failure IS NULL OR status = 'cancelled');
"""
LABELS = """
CREATE TABLE shipment_label (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    shipment_id text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT shipment_label_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT shipment_label_store_id_shipment_id_fkey FOREIGN KEY(store_id, shipment_id) REFERENCES shipment (store_id, id),
    CONSTRAINT shipment_label_shipment_key UNIQUE (store_id, shipment_id)
);
"""
BACK = f"""
DROP TABLE shipment_label;
UPDATE tracking_event SET status = 'created' WHERE status = 'pending';
UPDATE shipment SET status = 'created' WHERE status = 'pending';
UPDATE shipment SET source = 'caller' WHERE source = 'carrier';
UPDATE shipment SET tracking_number = '' WHERE tracking_number IS NULL;
UPDATE shipment_package SET tracking_number = '' WHERE tracking_number IS NULL;
ALTER TABLE shipment DROP CONSTRAINT shipment_tracking_number_check;
ALTER TABLE shipment DROP CONSTRAINT shipment_failure_check;
ALTER TABLE shipment DROP COLUMN failure;
ALTER TABLE shipment ALTER COLUMN tracking_number SET NOT NULL;
ALTER TABLE shipment_package ALTER COLUMN tracking_number SET NOT NULL;
ALTER TABLE shipment DROP CONSTRAINT shipment_status_check;
ALTER TABLE shipment DROP CONSTRAINT shipment_source_check;
ALTER TABLE shipment DROP CONSTRAINT shipment_shipped_at_check;
ALTER TABLE shipment ADD CONSTRAINT shipment_status_check CHECK (status IN ('created', {MOVING}));
ALTER TABLE shipment ADD CONSTRAINT shipment_source_check CHECK (source IN ('sandbox', 'custom', 'caller'));
ALTER TABLE shipment ADD CONSTRAINT shipment_shipped_at_check CHECK ((status IN ('created', 'cancelled')) = (shipped_at IS NULL));
"""


def upgrade() -> None:
    """A status before ``created``, a fourth source, and a table of labels."""
    run(SHIPMENTS)
    run(LABELS)
    protect("shipment_label")


def downgrade() -> None:
    """Labels go; what had no number yet gets an empty one."""
    run(BACK)
