"""Attempts of use cases that call the outside world, and idempotency records that wait for one."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE outbound_attempt (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    use_case text COLLATE "C" NOT NULL,
    request jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    outcome jsonb,
    credential text COLLATE "C" NOT NULL,
    request_id text,
    created_at timestamptz(3) NOT NULL,
    settled_at timestamptz(3),
    next_check_at timestamptz(3),
    checks int NOT NULL,
    CONSTRAINT outbound_attempt_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT outbound_attempt_state_check CHECK (state IN ('in_flight', 'settled')),
    CONSTRAINT outbound_attempt_settled_at_check CHECK ((state = 'settled') = (settled_at IS NOT NULL)),
    CONSTRAINT outbound_attempt_next_check_at_check CHECK ((state = 'settled') = (next_check_at IS NULL)),
    CONSTRAINT outbound_attempt_outcome_check CHECK ((state = 'settled') = (outcome IS NOT NULL))
);
CREATE INDEX outbound_attempt_due_idx ON outbound_attempt (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX outbound_attempt_settled_idx ON outbound_attempt (settled_at) WHERE settled_at IS NOT NULL;
ALTER TABLE idempotency_record ADD COLUMN attempt_id text COLLATE "C";
"""


def upgrade() -> None:
    """The table, and the column that says that a record is in flight."""
    run(TABLE)
    protect("outbound_attempt")


def downgrade() -> None:
    """Attempts go, and so do the records that wait for one: they hold no answer."""
    op.execute("DELETE FROM idempotency_record WHERE attempt_id IS NOT NULL")
    op.execute("ALTER TABLE idempotency_record DROP COLUMN attempt_id")
    op.execute("DROP TABLE outbound_attempt")
