"""The event log, idempotency records and the audit log, with the functions that partition."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import APPEND_ONLY, protect, run

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE SEQUENCE event_seq CACHE 1;

CREATE TABLE event (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL DEFAULT nextval('event_seq'),
    position bigint,
    type text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    sequence int NOT NULL,
    snapshot jsonb NOT NULL,
    changed_fields text[] NOT NULL,
    origin text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    request_id text,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (store_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX event_pending_idx ON event (seq) WHERE position IS NULL;
CREATE INDEX event_position_idx ON event (store_id, position) WHERE position IS NOT NULL;

CREATE TABLE idempotency_record (
    store_id int NOT NULL,
    credential text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    answer bytea NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT idempotency_record_pkey PRIMARY KEY (store_id, credential, key)
);

CREATE TABLE audit_entry (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    details jsonb NOT NULL,
    request_id text,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT audit_entry_pkey PRIMARY KEY (store_id, id)
);
CREATE INDEX audit_entry_created_idx ON audit_entry (store_id, created_at, id);

CREATE TABLE event_default PARTITION OF event DEFAULT;
"""

# Owned by the owner and run with its rights: no running process owns a table. Rows that fell into the default
# partition because nobody made theirs in time are moved.
MAKE_PARTITION = """
CREATE FUNCTION gateway_make_partition(parent text, name text, low text, high text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF parent NOT IN ('event') OR name NOT LIKE parent || '\\_%' THEN
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
CREATE FUNCTION gateway_drop_partition(parent text, name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF parent NOT IN ('event') OR name NOT LIKE parent || '\\_%' OR name = parent || '_default' THEN
        RAISE EXCEPTION 'not a partition that may be dropped: %', name;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
END $$
"""

FUNCTION_GRANTS = """
REVOKE ALL ON FUNCTION gateway_make_partition, gateway_drop_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_make_partition, gateway_drop_partition TO gateway_system;
"""


def upgrade() -> None:
    """The event log, idempotency records and the audit log, with the functions that partition."""
    run(TABLES)
    op.execute(MAKE_PARTITION)
    op.execute(DROP_PARTITION)
    run(FUNCTION_GRANTS)
    protect("event", APPEND_ONLY)
    protect("idempotency_record")
    protect("audit_entry", APPEND_ONLY)
    op.execute("GRANT USAGE ON SEQUENCE event_seq TO gateway_app, gateway_system")
    op.execute("GRANT SELECT ON alembic_version TO gateway_system")


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute("DROP FUNCTION gateway_make_partition, gateway_drop_partition")
    op.execute("REVOKE SELECT ON alembic_version FROM gateway_system")
    op.execute("DROP TABLE audit_entry, idempotency_record, event")
    op.execute("DROP SEQUENCE event_seq")
