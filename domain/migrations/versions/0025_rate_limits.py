"""Rate limits of enterprise accounts and of keys."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import run

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("account", "api_key")


def upgrade() -> None:
    """Two limits each, none at first."""
    for table in TABLES:
        run(f"""
ALTER TABLE {table} ADD COLUMN hourly_limit int;
ALTER TABLE {table} ADD COLUMN daily_limit int;
ALTER TABLE {table} ADD CONSTRAINT {table}_limits_check CHECK (hourly_limit > 0 AND daily_limit > 0);
""")


def downgrade() -> None:
    """The limits go."""
    for table in TABLES:
        for column in ("hourly_limit", "daily_limit"):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
