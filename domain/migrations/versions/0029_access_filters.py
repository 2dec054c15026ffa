"""Indexes of filters: entries of the audit log by object, OAuth clients and grants."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import run

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INDEXES = """
CREATE INDEX audit_entry_object_idx ON audit_entry (store_id, object_id, created_at, id);
CREATE INDEX oauth_client_maker_idx ON oauth_client (store_id, created_by, created_at, id);
CREATE INDEX oauth_client_valid_idx ON oauth_client (store_id, created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX oauth_client_revoked_idx ON oauth_client (store_id, created_at, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX oauth_grant_clients_idx ON oauth_grant (store_id, client_id, created_at, id);
CREATE INDEX oauth_grant_users_idx ON oauth_grant (store_id, user_id, created_at, id);
CREATE INDEX oauth_grant_valid_idx ON oauth_grant (store_id, created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX oauth_grant_revoked_idx ON oauth_grant (store_id, created_at, id) WHERE revoked_at IS NOT NULL;
DROP INDEX oauth_client_created_by_idx;
"""


def upgrade() -> None:
    """One for each filter, in the order of the list. The one by creator alone is a part of a new one."""
    run(INDEXES)


def downgrade() -> None:
    """They go."""
    op.execute("CREATE INDEX oauth_client_created_by_idx ON oauth_client (store_id, created_by)")
    op.execute("DROP INDEX audit_entry_object_idx")
    for name in ("client_maker", "client_valid", "client_revoked"):
        op.execute(f"DROP INDEX oauth_{name}_idx")
    for name in ("grant_clients", "grant_users", "grant_valid", "grant_revoked"):
        op.execute(f"DROP INDEX oauth_{name}_idx")
