"""Webhooks: endpoints, and deliveries by month."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE webhook (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    url text NOT NULL,
    events text[] NOT NULL,
    active boolean NOT NULL,
    include_imported boolean NOT NULL,
    query text,
    secret bytea NOT NULL,
    secret_hint text NOT NULL,
    previous_secret bytea,
    previous_until timestamptz(3),
    credential text COLLATE "C" NOT NULL,
    scopes text[] NOT NULL,
    failing_since timestamptz(3),
    disabled_reason text,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT webhook_pkey PRIMARY KEY (store_id, id)
);
CREATE INDEX webhook_created_idx ON webhook (store_id, created_at, id);

CREATE TABLE webhook_delivery (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    webhook_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C",
    type text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    due_at timestamptz(3),
    lease text COLLATE "C",
    attempt int NOT NULL,
    attempts jsonb NOT NULL,
    request text,
    redactions int NOT NULL,
    delivered_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT webhook_delivery_status_check CHECK (status IN ('pending', 'delivered', 'failed')),
    CONSTRAINT webhook_delivery_due_at_check CHECK ((status = 'pending') = (due_at IS NOT NULL))
) PARTITION BY RANGE (id);
CREATE INDEX webhook_delivery_due_idx ON webhook_delivery (store_id, webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_created_idx ON webhook_delivery (store_id, webhook_id, created_at, id);
CREATE INDEX webhook_delivery_status_idx ON webhook_delivery (store_id, webhook_id, status, created_at, id);
CREATE INDEX webhook_delivery_type_idx ON webhook_delivery (store_id, webhook_id, type, created_at, id);
CREATE INDEX webhook_delivery_object_idx ON webhook_delivery (store_id, object_id);
CREATE INDEX webhook_delivery_age_idx ON webhook_delivery (id);
CREATE TABLE webhook_delivery_default PARTITION OF webhook_delivery DEFAULT;
"""

MAKE_PARTITION = """
CREATE OR REPLACE FUNCTION gateway_make_partition(parent text, name text, low text, high text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF parent NOT IN (KNOWN) OR name NOT LIKE parent || '\\_%' THEN
        RAISE EXCEPTION 'not a partitioned table: %, %', parent, name;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('partition/' || parent, 0));
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, parent);
    EXECUTE format('WITH moved AS (DELETE FROM %I WHERE id >= %L AND id < %L RETURNING *) '
                   'INSERT INTO %I SELECT * FROM moved', parent || '_default', low, high, name);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, low, high);
END $$
"""

DROP_PARTITION = """
CREATE OR REPLACE FUNCTION gateway_drop_partition(parent text, name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF parent NOT IN (KNOWN) OR name NOT LIKE parent || '\\_%' OR name = parent || '_default' THEN
        RAISE EXCEPTION 'not a partition that may be dropped: %', name;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
END $$
"""


def _partitioned(*tables: str) -> None:
    """Let the owner's two functions make and drop partitions of these tables, and of no other."""
    known = ", ".join(f"'{table}'" for table in tables)
    for function in (MAKE_PARTITION, DROP_PARTITION):
        op.execute(function.replace("KNOWN", known))


def upgrade() -> None:
    """Endpoints and their deliveries; the functions that partition know one table more."""
    run(TABLES)
    protect("webhook")
    protect("webhook_delivery")
    _partitioned("event", "webhook_delivery")


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    _partitioned("event")
    op.execute("DROP TABLE webhook_delivery, webhook")
