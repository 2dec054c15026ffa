"""Users with their invitations and sign-in sessions; OAuth clients, grants, authorization codes and tokens."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import READ_WRITE, protect, run

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

USERS = """
CREATE TABLE account_user (
    id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL,
    password_hash text,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    removed_at timestamptz(3),
    CONSTRAINT account_user_pkey PRIMARY KEY (id),
    CONSTRAINT account_user_role_check CHECK (role IN ('owner', 'developer', 'support', 'read_only')),
    CONSTRAINT account_user_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE INDEX account_user_account_idx ON account_user (account_id, id);
CREATE UNIQUE INDEX account_user_email_idx ON account_user (email_key) WHERE removed_at IS NULL;
CREATE TABLE user_invitation (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT user_invitation_pkey PRIMARY KEY (id),
    CONSTRAINT user_invitation_token_hash_key UNIQUE (token_hash),
    CONSTRAINT user_invitation_user_id_fkey FOREIGN KEY(user_id) REFERENCES account_user (id)
);
CREATE INDEX user_invitation_user_idx ON user_invitation (user_id);
CREATE TABLE user_session (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    cookie_hash bytea NOT NULL,
    user_agent text NOT NULL,
    address text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    CONSTRAINT user_session_pkey PRIMARY KEY (id),
    CONSTRAINT user_session_cookie_hash_key UNIQUE (cookie_hash),
    CONSTRAINT user_session_user_id_fkey FOREIGN KEY(user_id) REFERENCES account_user (id)
);
CREATE INDEX user_session_expires_idx ON user_session (expires_at);
CREATE INDEX user_session_user_idx ON user_session (user_id, created_at);
"""
OAUTH = """
CREATE TABLE oauth_client (
    name text NOT NULL,
    type text COLLATE "C" NOT NULL,
    secret_hash bytea,
    redirect_uris text[] NOT NULL,
    scopes text[] NOT NULL,
    version int NOT NULL,
    expires_at timestamptz(3),
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    revoked_at timestamptz(3),
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT oauth_client_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT oauth_client_store_id_fkey FOREIGN KEY(store_id) REFERENCES store (number),
    CONSTRAINT oauth_client_id_key UNIQUE (id),
    CONSTRAINT oauth_client_type_check CHECK (type IN ('public', 'confidential')),
    CONSTRAINT oauth_client_secret_check CHECK ((type = 'confidential') = (secret_hash IS NOT NULL))
);
CREATE INDEX oauth_client_created_by_idx ON oauth_client (store_id, created_by);
CREATE INDEX oauth_client_created_idx ON oauth_client (store_id, created_at, id);
CREATE TABLE oauth_grant (
    client_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C",
    scopes text[] NOT NULL,
    last_used_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    revoked_at timestamptz(3),
    end_reason text COLLATE "C",
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT oauth_grant_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT oauth_grant_store_id_client_id_fkey FOREIGN KEY(store_id, client_id) REFERENCES oauth_client (store_id, id),
    CONSTRAINT oauth_grant_end_check CHECK ((revoked_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT oauth_grant_end_reason_check CHECK (end_reason IN ('revoked', 'code_replayed', 'refresh_replayed', 'client_revoked', 'user_removed')),
    CONSTRAINT oauth_grant_user_id_fkey FOREIGN KEY(user_id) REFERENCES account_user (id)
);
CREATE UNIQUE INDEX oauth_grant_client_idx ON oauth_grant (store_id, client_id) WHERE user_id IS NULL AND revoked_at IS NULL;
CREATE INDEX oauth_grant_created_idx ON oauth_grant (store_id, created_at, id);
CREATE INDEX oauth_grant_of_client_idx ON oauth_grant (store_id, client_id, id);
CREATE INDEX oauth_grant_user_idx ON oauth_grant (user_id);
CREATE TABLE oauth_code (
    client_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    code_hash bytea NOT NULL,
    redirect_uri text,
    scopes text[] NOT NULL,
    code_challenge text,
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3),
    grant_id text COLLATE "C",
    created_at timestamptz(3) NOT NULL,
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT oauth_code_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT oauth_code_store_id_client_id_fkey FOREIGN KEY(store_id, client_id) REFERENCES oauth_client (store_id, id),
    CONSTRAINT oauth_code_store_id_grant_id_fkey FOREIGN KEY(store_id, grant_id) REFERENCES oauth_grant (store_id, id),
    CONSTRAINT oauth_code_code_hash_key UNIQUE (code_hash),
    CONSTRAINT oauth_code_used_check CHECK ((used_at IS NULL) = (grant_id IS NULL)),
    CONSTRAINT oauth_code_user_id_fkey FOREIGN KEY(user_id) REFERENCES account_user (id)
);
CREATE INDEX oauth_code_expires_idx ON oauth_code (expires_at);
CREATE TABLE oauth_token (
    grant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT oauth_token_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT oauth_token_store_id_grant_id_fkey FOREIGN KEY(store_id, grant_id) REFERENCES oauth_grant (store_id, id),
    CONSTRAINT oauth_token_token_hash_key UNIQUE (token_hash),
    CONSTRAINT oauth_token_kind_check CHECK (kind IN ('access', 'refresh'))
);
CREATE INDEX oauth_token_expires_idx ON oauth_token (expires_at);
CREATE INDEX oauth_token_grant_idx ON oauth_token (store_id, grant_id);
"""


def upgrade() -> None:
    """People belong to an account and are read by the gateway's own role alone; all else belongs to a store."""
    run(USERS)
    for table in ("account_user", "user_invitation", "user_session"):
        op.execute(f"GRANT {READ_WRITE} ON {table} TO gateway_system")
    run(OAUTH)
    for table in ("oauth_client", "oauth_grant", "oauth_code", "oauth_token"):
        protect(table)


def downgrade() -> None:
    """Nothing else refers to them."""
    for table in ("oauth_token", "oauth_code", "oauth_grant", "oauth_client"):
        op.execute(f"DROP TABLE {table}")
    for table in ("user_session", "user_invitation", "account_user"):
        op.execute(f"DROP TABLE {table}")
