"""Accounts, their live and test stores, and API keys."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE account (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    plan text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT account_pkey PRIMARY KEY (id),
    CONSTRAINT account_plan_check CHECK (plan IN ('free', 'starter', 'professional', 'enterprise')),
    CONSTRAINT account_name_key_key UNIQUE (name_key)
);

CREATE TABLE store (
    number int GENERATED ALWAYS AS IDENTITY,
    id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    mode text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT store_pkey PRIMARY KEY (number),
    CONSTRAINT store_mode_check CHECK (mode IN ('live', 'test')),
    CONSTRAINT store_account_id_mode_key UNIQUE (account_id, mode),
    CONSTRAINT store_id_key UNIQUE (id),
    CONSTRAINT store_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE api_key (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    hint text NOT NULL,
    scopes text[] NOT NULL,
    version int NOT NULL,
    expires_at timestamptz(3),
    revoked_at timestamptz(3),
    last_used_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT api_key_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT api_key_store_id_fkey FOREIGN KEY(store_id) REFERENCES store (number),
    CONSTRAINT api_key_secret_hash_key UNIQUE (secret_hash)
);
CREATE INDEX api_key_created_idx ON api_key (store_id, created_at, id);
"""


def upgrade() -> None:
    """Accounts, their live and test stores, and API keys."""
    run(TABLES)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON account TO gateway_system")
    protect("store", "SELECT", store_column="number")
    protect("api_key")


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute("DROP TABLE api_key, store, account")
