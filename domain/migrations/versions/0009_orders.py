"""Orders with their lines, notes and history, drafts, and how each store sells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from iso4217 import Currency

from domain.migrations.ddl import protect, run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PURCHASE = """
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C",
    email text,
    currency text COLLATE "C" NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL,
    shipping bigint NOT NULL,
    shipping_tax bigint NOT NULL,
    tax bigint NOT NULL,
    total bigint NOT NULL,
    discount_amount bigint,
    discount_rate int,
    tax_rate int NOT NULL,
    tax_on_shipping boolean NOT NULL,
    payment_method text COLLATE "C",
    shipping_method text,
    shipping_address jsonb,
    billing_address jsonb,
    metadata jsonb NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,"""
_LINE = """
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    variant_id text COLLATE "C",
    sku text NOT NULL,
    name text NOT NULL,
    attributes jsonb NOT NULL,
    quantity int NOT NULL,
    price bigint NOT NULL,
    own_price boolean NOT NULL,
    currency text COLLATE "C" NOT NULL,
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    total bigint NOT NULL,
    created_at timestamptz(3) NOT NULL,"""

TABLES = f"""
CREATE TABLE sales_order ({_PURCHASE}
    number bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    payment_failed boolean NOT NULL,
    payment_status text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN captured > 0 AND refunded = captured THEN 'refunded' WHEN captured >= total THEN 'paid' WHEN payment_failed AND captured = 0 THEN 'failed' ELSE 'pending' END) STORED NOT NULL,
    units int NOT NULL,
    units_fulfilled int NOT NULL,
    fulfillment_status text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN units_fulfilled = 0 THEN 'unfulfilled' WHEN units_fulfilled < units THEN 'partial' ELSE 'fulfilled' END) STORED NOT NULL,
    cancel_reason text,
    cancelled_at timestamptz(3),
    refund_requested boolean NOT NULL,
    sequence int NOT NULL,
    CONSTRAINT sales_order_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT sales_order_number_key UNIQUE (store_id, number),
    CONSTRAINT sales_order_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id),
    CONSTRAINT sales_order_status_check CHECK (status IN ('pending', 'processing', 'shipped', 'delivered', 'cancelled')),
    CONSTRAINT sales_order_total_check CHECK (total = subtotal - discount + shipping + tax),
    CONSTRAINT sales_order_discount_check CHECK (discount BETWEEN 0 AND subtotal),
    CONSTRAINT sales_order_shipping_check CHECK (shipping >= 0 AND shipping_tax BETWEEN 0 AND tax),
    CONSTRAINT sales_order_refunded_check CHECK (refunded BETWEEN 0 AND captured),
    CONSTRAINT sales_order_units_check CHECK (units_fulfilled BETWEEN 0 AND units)
);
CREATE INDEX sales_order_created_idx ON sales_order (store_id, created_at, id);
CREATE INDEX sales_order_customer_idx ON sales_order (store_id, customer_id, created_at, id);
CREATE INDEX sales_order_fulfillment_idx ON sales_order (store_id, fulfillment_status, created_at, id);
CREATE INDEX sales_order_payment_idx ON sales_order (store_id, payment_status, created_at, id);
CREATE INDEX sales_order_status_idx ON sales_order (store_id, status, created_at, id);
CREATE INDEX sales_order_total_idx ON sales_order (store_id, total, id);
CREATE INDEX sales_order_updated_idx ON sales_order (store_id, updated_at, id);

CREATE TABLE order_item ({_LINE}
    order_id text COLLATE "C" NOT NULL,
    fulfilled int NOT NULL,
    refunded int NOT NULL,
    CONSTRAINT order_item_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT order_item_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES sales_order (store_id, id),
    CONSTRAINT order_item_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id),
    CONSTRAINT order_item_store_id_variant_id_fkey FOREIGN KEY(store_id, variant_id) REFERENCES product_variant (store_id, id) ON DELETE SET NULL (variant_id),
    CONSTRAINT order_item_quantity_check CHECK (quantity > 0),
    CONSTRAINT order_item_price_check CHECK (price >= 0),
    CONSTRAINT order_item_total_check CHECK (total = price * quantity - discount + tax),
    CONSTRAINT order_item_fulfilled_check CHECK (fulfilled BETWEEN 0 AND quantity),
    CONSTRAINT order_item_refunded_check CHECK (refunded BETWEEN 0 AND quantity)
);
CREATE INDEX order_item_order_idx ON order_item (store_id, order_id, position, id);
CREATE INDEX order_item_product_idx ON order_item (store_id, product_id);
CREATE INDEX order_item_variant_idx ON order_item (store_id, variant_id);

CREATE TABLE order_note (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    text text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT order_note_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT order_note_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES sales_order (store_id, id)
);
CREATE INDEX order_note_order_idx ON order_note (store_id, order_id, created_at, id);

CREATE TABLE order_status_change (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    status text COLLATE "C" NOT NULL,
    note text,
    actor text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT order_status_change_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT order_status_change_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES sales_order (store_id, id)
);
CREATE INDEX order_status_change_order_idx ON order_status_change (store_id, order_id, created_at, id);

CREATE TABLE draft_order ({_PURCHASE}
    order_id text COLLATE "C",
    CONSTRAINT draft_order_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT draft_order_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id),
    CONSTRAINT draft_order_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES sales_order (store_id, id)
);
CREATE INDEX draft_order_created_idx ON draft_order (store_id, created_at, id);
CREATE INDEX draft_order_customer_idx ON draft_order (store_id, customer_id);

CREATE TABLE draft_order_item ({_LINE}
    draft_id text COLLATE "C" NOT NULL,
    CONSTRAINT draft_order_item_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT draft_order_item_store_id_draft_id_fkey FOREIGN KEY(store_id, draft_id) REFERENCES draft_order (store_id, id) ON DELETE CASCADE,
    CONSTRAINT draft_order_item_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id),
    CONSTRAINT draft_order_item_store_id_variant_id_fkey FOREIGN KEY(store_id, variant_id) REFERENCES product_variant (store_id, id) ON DELETE SET NULL (variant_id)
);
CREATE INDEX draft_order_item_draft_idx ON draft_order_item (store_id, draft_id, position, id);
CREATE INDEX draft_order_item_product_idx ON draft_order_item (store_id, product_id);
CREATE INDEX draft_order_item_variant_idx ON draft_order_item (store_id, variant_id);

CREATE TABLE store_settings (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    shipping_methods jsonb NOT NULL,
    tax_rates jsonb NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT store_settings_pkey PRIMARY KEY (store_id, id)
);
"""
FUNCTIONS = (
    # What may follow what: domain/orders/states.py says the same, and a test compares the two.
    """
    CREATE FUNCTION sales_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.status, NEW.status) NOT IN (
            ('pending', 'processing'), ('pending', 'cancelled'), ('processing', 'shipped'),
            ('processing', 'cancelled'), ('shipped', 'delivered')
        ) THEN
            RAISE check_violation USING MESSAGE = format('an order that is %s cannot become %s', OLD.status, NEW.status);
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER sales_order_moves BEFORE UPDATE OF status ON sales_order
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION sales_order_moves()
    """,
    # Numbers count by store. A sequence waits for nobody, where a counter row would make the store's orders queue.
    """
    CREATE FUNCTION open_order_numbers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        EXECUTE format('CREATE SEQUENCE order_number_%s AS bigint START 1001', NEW.number);
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER open_order_numbers AFTER INSERT ON store FOR EACH ROW EXECUTE FUNCTION open_order_numbers()",
    """
    CREATE FUNCTION draw_order_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        NEW.number := nextval('order_number_' || NEW.store_id);
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER draw_order_number BEFORE INSERT ON sales_order
    FOR EACH ROW WHEN (NEW.number IS NULL) EXECUTE FUNCTION draw_order_number()
    """,
)
KNOWN_STORES = (
    """
    DO $$ DECLARE known int; BEGIN
        FOR known IN SELECT number FROM store LOOP
            EXECUTE format('CREATE SEQUENCE order_number_%s AS bigint START 1001', known);
        END LOOP;
    END $$
    """,
)
PROTECTED = (
    "draft_order_item",
    "draft_order",
    "store_settings",
    "order_note",
    "order_status_change",
    "order_item",
    "sales_order",
)


_SETTINGS = sa.text(
    """
    INSERT INTO store_settings
    SELECT number, id, currency, jsonb_build_array(
        jsonb_build_object('code', 'standard', 'name', 'Standard delivery', 'price', 5 * CAST(:unit AS bigint)),
        jsonb_build_object('code', 'express', 'name', 'Express delivery', 'price', 15 * CAST(:unit AS bigint))
    ), '[]', 1, created_at, created_at
    FROM store WHERE currency = :currency
    """
)


def give_settings() -> None:
    """What a store is opened with: prices of 5 and 15, a hundredfold in currencies without decimals."""
    connection = op.get_bind()
    for currency in connection.execute(sa.text("SELECT DISTINCT currency FROM store")).scalars().all():
        exponent = Currency(currency).exponent
        connection.execute(_SETTINGS, {"currency": currency, "unit": 10**exponent if exponent else 100})


def upgrade() -> None:
    """Orders with their lines, notes and history, drafts, and how each store sells."""
    run(TABLES)
    for statement in (*FUNCTIONS, *KNOWN_STORES):
        op.execute(statement)
    give_settings()
    for table in PROTECTED:
        protect(table)


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute(f"DROP TABLE {', '.join(PROTECTED)}")
    op.execute("DROP TRIGGER open_order_numbers ON store")
    for function in ("sales_order_moves", "open_order_numbers", "draw_order_number"):
        op.execute(f"DROP FUNCTION {function}()")
    op.execute(
        """
        DO $$ DECLARE known int; BEGIN
            FOR known IN SELECT number FROM store LOOP
                EXECUTE format('DROP SEQUENCE order_number_%s', known);
            END LOOP;
        END $$
        """
    )
