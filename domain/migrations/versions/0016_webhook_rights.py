"""Webhooks and keys: who made what, since when an endpoint hears, and the scopes of the bodies in the delivery log."""

from __future__ import annotations

from domain.migrations.ddl import run

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# ``xact`` is added without a default first: with one, every partition would be written anew under an exclusive lock.
# Endpoints of before have heard of everything: their ``heard_seq`` is 0.
ADDED = """
ALTER TABLE api_key ADD COLUMN created_by text COLLATE "C";
CREATE INDEX api_key_created_by_idx ON api_key (store_id, created_by);
ALTER TABLE event ADD COLUMN xact bigint;
ALTER TABLE event ALTER COLUMN xact SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER TABLE webhook ADD COLUMN heard_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE webhook ALTER COLUMN heard_seq SET DEFAULT coalesce(pg_sequence_last_value('event_seq'::regclass), 0);
ALTER TABLE webhook ADD COLUMN heard_from text NOT NULL DEFAULT pg_current_snapshot()::text;
CREATE INDEX webhook_credential_idx ON webhook (store_id, credential, created_at, id);
ALTER TABLE webhook_delivery ADD COLUMN body_scopes text[];
CREATE INDEX idempotency_record_created_idx ON idempotency_record (created_at);
"""

DROPPED = """
DROP INDEX idempotency_record_created_idx;
ALTER TABLE webhook_delivery DROP COLUMN body_scopes;
DROP INDEX webhook_credential_idx;
ALTER TABLE webhook DROP COLUMN heard_from;
ALTER TABLE webhook DROP COLUMN heard_seq;
ALTER TABLE event DROP COLUMN xact;
DROP INDEX api_key_created_by_idx;
ALTER TABLE api_key DROP COLUMN created_by;
"""


def upgrade() -> None:
    """Columns that new rows fill; bodies of before are for those who hold every scope."""
    run(ADDED)


def downgrade() -> None:
    """Only the columns and indexes go."""
    run(DROPPED)
