"""API keys: the networks from which they work, when they should be rolled, and where they were used."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE account ADD COLUMN allowed_addresses text[] NOT NULL DEFAULT '{}';
ALTER TABLE account ALTER COLUMN allowed_addresses DROP DEFAULT;
ALTER TABLE api_key ADD COLUMN allowed_addresses text[] NOT NULL DEFAULT '{}';
ALTER TABLE api_key ALTER COLUMN allowed_addresses DROP DEFAULT;
ALTER TABLE api_key ADD COLUMN rotation_due_at timestamptz(3);
UPDATE api_key SET rotation_due_at = created_at + interval '90 days';
ALTER TABLE api_key ALTER COLUMN rotation_due_at SET NOT NULL;
ALTER TABLE api_key ADD COLUMN rejections int NOT NULL DEFAULT 0;
ALTER TABLE api_key ALTER COLUMN rejections DROP DEFAULT;
ALTER TABLE api_key ADD COLUMN rejected_since timestamptz(3);
"""
ADDRESSES = """
CREATE TABLE api_key_address (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT api_key_address_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT api_key_address_store_id_key_id_fkey FOREIGN KEY(store_id, key_id) REFERENCES api_key (store_id, id),
    CONSTRAINT api_key_address_key UNIQUE (store_id, key_id, address)
);
"""


def upgrade() -> None:
    """Keys work from everywhere at first, and nothing is known of where they were used."""
    run(COLUMNS)
    run(ADDRESSES)
    protect("api_key_address")


def downgrade() -> None:
    """Everything of this revision goes."""
    op.execute("DROP TABLE api_key_address")
    op.execute("ALTER TABLE account DROP COLUMN allowed_addresses")
    for column in ("allowed_addresses", "rotation_due_at", "rejections", "rejected_since"):
        op.execute(f"ALTER TABLE api_key DROP COLUMN {column}")
