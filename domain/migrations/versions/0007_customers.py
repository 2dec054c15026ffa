"""Customers with their addresses, tags and words; whom stored answers speak of, and how events forget somebody."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE customer (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    email_domain_key text COLLATE "C" NOT NULL,
    first_name text,
    last_name text,
    name_key text COLLATE "C" NOT NULL,
    phone text,
    phone_e164 text,
    tags text[] NOT NULL,
    metadata jsonb NOT NULL,
    acquisition_channel text NOT NULL,
    status text COLLATE "C" NOT NULL,
    default_shipping_id text COLLATE "C",
    default_billing_id text COLLATE "C",
    archived_at timestamptz(3),
    erased_at timestamptz(3),
    version int NOT NULL,
    sequence int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT customer_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT customer_status_check CHECK (status IN ('active', 'archived', 'erased')),
    CONSTRAINT customer_erased_check CHECK ((status = 'erased') = (erased_at IS NOT NULL))
);
CREATE INDEX customer_created_idx ON customer (store_id, created_at, id);
CREATE INDEX customer_domain_idx ON customer (store_id, email_domain_key, id);
CREATE INDEX customer_email_idx ON customer (store_id, email_key, id);
CREATE UNIQUE INDEX customer_email_key ON customer (store_id, email_key);
CREATE INDEX customer_name_idx ON customer (store_id, name_key, id);
CREATE INDEX customer_status_idx ON customer (store_id, status, created_at, id);
CREATE INDEX customer_updated_idx ON customer (store_id, updated_at, id);

CREATE TABLE customer_address (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    first_name text,
    last_name text,
    company text,
    line1 text NOT NULL,
    line2 text,
    city text NOT NULL,
    state text,
    zip text,
    country text COLLATE "C" NOT NULL,
    phone text,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT customer_address_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT customer_address_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id) ON DELETE CASCADE
);
CREATE INDEX customer_address_customer_idx ON customer_address (store_id, customer_id, id);

CREATE TABLE customer_tag (
    store_id int NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    tag_key text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT customer_tag_pkey PRIMARY KEY (store_id, customer_id, tag_key),
    CONSTRAINT customer_tag_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id) ON DELETE CASCADE
);
CREATE INDEX customer_tag_created_idx ON customer_tag (store_id, tag_key, created_at, customer_id);

CREATE TABLE customer_word (
    store_id int NOT NULL,
    word text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    CONSTRAINT customer_word_pkey PRIMARY KEY (store_id, word, customer_id),
    CONSTRAINT customer_word_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id) ON DELETE CASCADE
);
CREATE INDEX customer_word_customer_idx ON customer_word (store_id, customer_id, word);

CREATE INDEX event_object_idx ON event (store_id, object_id, position);
ALTER TABLE idempotency_record ADD COLUMN people text[] NOT NULL DEFAULT '{}';
ALTER TABLE idempotency_record ALTER COLUMN people DROP DEFAULT;
"""

# Nobody alters an event; erasing somebody blanks what it said of them. The lock is the sequencer's: it gives events
# their positions in an order of its own, and two that go through the same rows must not wait for each other.
REDACT = """
CREATE FUNCTION gateway_redact_events(object text, forgotten jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7264830116);
    UPDATE event SET snapshot = snapshot || forgotten
    WHERE store_id = current_setting('app.store_id')::int AND object_id = object;
END $$
"""
GRANTS = """
REVOKE ALL ON FUNCTION gateway_redact_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_redact_events TO gateway_app;
"""

PROTECTED = ("customer", "customer_address", "customer_tag", "customer_word")


def upgrade() -> None:
    """Customers and what they own; the index of an object's events; the function that redacts them."""
    run(TABLES)
    for table in PROTECTED:
        protect(table)
    op.execute(REDACT)
    run(GRANTS)


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute("DROP FUNCTION gateway_redact_events")
    op.execute("ALTER TABLE idempotency_record DROP COLUMN people")
    op.execute("DROP INDEX event_object_idx")
    op.execute(f"DROP TABLE {', '.join(reversed(PROTECTED))}")
