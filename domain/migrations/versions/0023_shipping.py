"""Shipping: shipments with packages, items and tracking events, returns, carriers and settings; returned quantities of
orders' lines.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from domain.migrations.ddl import protect, run

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE shipment (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C",
    warehouse_id text COLLATE "C" NOT NULL,
    carrier text COLLATE "C" NOT NULL,
    carrier_name text NOT NULL,
    service text COLLATE "C" NOT NULL,
    service_name text NOT NULL,
    status text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    tracking_number text COLLATE "C" NOT NULL,
    tracking_url text,
    label_url text,
    ship_from jsonb NOT NULL,
    ship_to jsonb NOT NULL,
    currency text COLLATE "C" NOT NULL,
    cost bigint,
    insurance_value bigint,
    signature_required boolean NOT NULL,
    estimated_delivery_from text COLLATE "C",
    estimated_delivery text COLLATE "C",
    shipped_at timestamptz(3),
    delivered_at timestamptz(3),
    cancelled_at timestamptz(3),
    next_tracking_at timestamptz(3),
    sequence int NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT shipment_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT shipment_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES sales_order (store_id, id),
    CONSTRAINT shipment_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id),
    CONSTRAINT shipment_store_id_warehouse_id_fkey FOREIGN KEY(store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT shipment_status_check CHECK (status IN ('created', 'in_transit', 'out_for_delivery', 'exception', 'delivered', 'cancelled')),
    CONSTRAINT shipment_source_check CHECK (source IN ('sandbox', 'custom', 'caller')),
    CONSTRAINT shipment_delivered_at_check CHECK ((status = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT shipment_cancelled_at_check CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT shipment_shipped_at_check CHECK ((status IN ('created', 'cancelled')) = (shipped_at IS NULL))
);
CREATE INDEX shipment_carrier_idx ON shipment (store_id, carrier, created_at, id);
CREATE INDEX shipment_created_idx ON shipment (store_id, created_at, id);
CREATE INDEX shipment_customer_idx ON shipment (store_id, customer_id, created_at, id);
CREATE INDEX shipment_order_idx ON shipment (store_id, order_id, created_at, id);
CREATE INDEX shipment_status_idx ON shipment (store_id, status, created_at, id);
CREATE INDEX shipment_tracking_due_idx ON shipment (next_tracking_at) WHERE next_tracking_at IS NOT NULL;
CREATE INDEX shipment_tracking_number_idx ON shipment (store_id, tracking_number, id);
CREATE INDEX shipment_updated_idx ON shipment (store_id, updated_at, id);
CREATE INDEX shipment_warehouse_idx ON shipment (store_id, warehouse_id, created_at, id);

CREATE TABLE shipment_package (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    shipment_id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    weight numeric NOT NULL,
    weight_unit text COLLATE "C" NOT NULL,
    length numeric NOT NULL,
    width numeric NOT NULL,
    height numeric NOT NULL,
    dimension_unit text COLLATE "C" NOT NULL,
    tracking_number text COLLATE "C" NOT NULL,
    CONSTRAINT shipment_package_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT shipment_package_store_id_shipment_id_fkey FOREIGN KEY(store_id, shipment_id) REFERENCES shipment (store_id, id),
    CONSTRAINT shipment_package_weight_check CHECK (weight > 0),
    CONSTRAINT shipment_package_sides_check CHECK (length > 0 AND width > 0 AND height > 0),
    CONSTRAINT shipment_package_weight_unit_check CHECK (weight_unit IN ('g', 'kg', 'oz', 'lb')),
    CONSTRAINT shipment_package_dimension_unit_check CHECK (dimension_unit IN ('in', 'cm'))
);
CREATE INDEX shipment_package_shipment_idx ON shipment_package (store_id, shipment_id, position, id);

CREATE TABLE shipment_item (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    shipment_id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    item_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C",
    sku text NOT NULL,
    name text NOT NULL,
    quantity int NOT NULL,
    CONSTRAINT shipment_item_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT shipment_item_store_id_shipment_id_fkey FOREIGN KEY(store_id, shipment_id) REFERENCES shipment (store_id, id),
    CONSTRAINT shipment_item_quantity_check CHECK (quantity > 0)
);
CREATE INDEX shipment_item_item_idx ON shipment_item (store_id, item_id, id);
CREATE INDEX shipment_item_shipment_idx ON shipment_item (store_id, shipment_id, position, id);

CREATE TABLE tracking_event (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    shipment_id text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    description text NOT NULL,
    location text,
    occurred_at timestamptz(3) NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT tracking_event_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT tracking_event_store_id_shipment_id_fkey FOREIGN KEY(store_id, shipment_id) REFERENCES shipment (store_id, id)
);
CREATE INDEX tracking_event_shipment_idx ON tracking_event (store_id, shipment_id, occurred_at, id);

CREATE TABLE order_return (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C",
    status text COLLATE "C" NOT NULL,
    note text,
    currency text COLLATE "C" NOT NULL,
    refund_amount bigint NOT NULL,
    refund_id text COLLATE "C",
    warehouse_id text COLLATE "C",
    carrier text COLLATE "C",
    carrier_name text,
    service text COLLATE "C",
    service_name text,
    tracking_number text COLLATE "C",
    tracking_url text,
    label_url text,
    received_at timestamptz(3),
    closed_at timestamptz(3),
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT order_return_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT order_return_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES sales_order (store_id, id),
    CONSTRAINT order_return_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id),
    CONSTRAINT order_return_store_id_warehouse_id_fkey FOREIGN KEY(store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT order_return_status_check CHECK (status IN ('requested', 'approved', 'received', 'closed', 'rejected')),
    CONSTRAINT order_return_refund_amount_check CHECK (refund_amount >= 0)
);
CREATE INDEX order_return_created_idx ON order_return (store_id, created_at, id);
CREATE INDEX order_return_customer_idx ON order_return (store_id, customer_id, created_at, id);
CREATE INDEX order_return_order_idx ON order_return (store_id, order_id, created_at, id);
CREATE INDEX order_return_status_idx ON order_return (store_id, status, created_at, id);
CREATE INDEX order_return_updated_idx ON order_return (store_id, updated_at, id);

CREATE TABLE order_return_line (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    return_id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    item_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C",
    sku text NOT NULL,
    name text NOT NULL,
    quantity int NOT NULL,
    reason text COLLATE "C" NOT NULL,
    condition text COLLATE "C",
    restocked int NOT NULL,
    warehouse_id text COLLATE "C",
    CONSTRAINT order_return_line_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT order_return_line_store_id_return_id_fkey FOREIGN KEY(store_id, return_id) REFERENCES order_return (store_id, id),
    CONSTRAINT order_return_line_quantity_check CHECK (quantity > 0),
    CONSTRAINT order_return_line_restocked_check CHECK (restocked BETWEEN 0 AND quantity)
);
CREATE INDEX order_return_line_item_idx ON order_return_line (store_id, item_id, id);
CREATE INDEX order_return_line_return_idx ON order_return_line (store_id, return_id, position, id);

CREATE TABLE order_return_status_change (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    return_id text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    status text COLLATE "C" NOT NULL,
    note text,
    actor text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT order_return_status_change_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT order_return_status_change_store_id_return_id_fkey FOREIGN KEY(store_id, return_id) REFERENCES order_return (store_id, id)
);
CREATE INDEX order_return_status_change_return_idx ON order_return_status_change (store_id, return_id, created_at, id);

CREATE TABLE shipping_carrier (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    active boolean NOT NULL,
    tracking_url text,
    prints_labels boolean NOT NULL,
    currency text COLLATE "C" NOT NULL,
    weight_unit text COLLATE "C" NOT NULL,
    zones jsonb NOT NULL,
    services jsonb NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT shipping_carrier_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT shipping_carrier_weight_unit_check CHECK (weight_unit IN ('g', 'kg', 'oz', 'lb'))
);
CREATE UNIQUE INDEX shipping_carrier_code_key ON shipping_carrier (store_id, code);
CREATE INDEX shipping_carrier_created_idx ON shipping_carrier (store_id, created_at, id);

CREATE TABLE shipping_settings (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    carriers text[] NOT NULL,
    exchange_rates jsonb NOT NULL,
    boxes jsonb NOT NULL,
    accounts jsonb NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT shipping_settings_pkey PRIMARY KEY (store_id, id)
);
"""
RETURNED = """
ALTER TABLE order_item ADD COLUMN returned int NOT NULL DEFAULT 0;
ALTER TABLE order_item ALTER COLUMN returned DROP DEFAULT;
ALTER TABLE order_item ADD CONSTRAINT order_item_returned_check CHECK (returned BETWEEN 0 AND fulfilled);
"""
BOXES = """[
    {"name": "Small box", "length": "25", "width": "18", "height": "10", "dimension_unit": "cm",
     "max_weight": "2", "empty_weight": "0.1", "weight_unit": "kg"},
    {"name": "Large box", "length": "45", "width": "35", "height": "30", "dimension_unit": "cm",
     "max_weight": "20", "empty_weight": "0.5", "weight_unit": "kg"}
]"""
KNOWN_STORES = sa.text("""
INSERT INTO shipping_settings
    (store_id, id, currency, carriers, exchange_rates, boxes, accounts, version, created_at, updated_at)
SELECT number, id, currency, ARRAY['usps', 'fedex', 'ups', 'dhl'], '[]', CAST(:boxes AS jsonb), '[]', 1, created_at,
    created_at
FROM store
""").bindparams(boxes=BOXES)
PROTECTED = (
    "shipment",
    "shipment_package",
    "shipment_item",
    "tracking_event",
    "order_return",
    "order_return_line",
    "order_return_status_change",
    "shipping_carrier",
    "shipping_settings",
)


def upgrade() -> None:
    """The tables, and the settings of the stores that there are."""
    run(TABLES)
    run(RETURNED)
    op.execute(KNOWN_STORES)
    for table in PROTECTED:
        protect(table)


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute(f"DROP TABLE {', '.join(reversed(PROTECTED))}")
    op.execute("ALTER TABLE order_item DROP COLUMN returned")
