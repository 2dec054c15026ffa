"""Trusted documents."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE trusted_document (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    text text NOT NULL,
    name text,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT trusted_document_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT trusted_document_store_id_fkey FOREIGN KEY(store_id) REFERENCES store (number),
    CONSTRAINT trusted_document_store_id_hash_key UNIQUE (store_id, hash)
);
CREATE INDEX trusted_document_created_idx ON trusted_document (store_id, created_at, id);
"""


def upgrade() -> None:
    """The documents that a store's callers may name."""
    run(TABLES)
    protect("trusted_document")


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute("DROP TABLE trusted_document")
