"""How far the event log reaches, and how far back it is kept."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE event_log (
    single boolean NOT NULL DEFAULT true,
    position bigint NOT NULL DEFAULT 0,
    horizon bigint NOT NULL DEFAULT 0,
    CONSTRAINT event_log_pkey PRIMARY KEY (single),
    CONSTRAINT event_log_single_check CHECK (single)
);
INSERT INTO event_log DEFAULT VALUES;
CREATE INDEX event_order_idx ON event (position) WHERE position IS NOT NULL;
GRANT SELECT, UPDATE ON event_log TO gateway_system;
"""


def upgrade() -> None:
    """One row: the highest position given, and the highest one dropped by retention."""
    run(TABLES)


def downgrade() -> None:
    """The positions of events stay."""
    op.execute("DROP INDEX event_order_idx")
    op.execute("DROP TABLE event_log")
