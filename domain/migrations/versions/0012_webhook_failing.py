"""Webhooks: when an endpoint failed last, so that failing for five days running can be told from failing twice."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of those that fail, the one failure that is known; with the next more than a day later, they begin anew."""
    op.execute("ALTER TABLE webhook ADD COLUMN last_failed_at timestamptz(3)")
    op.execute("UPDATE webhook SET last_failed_at = failing_since WHERE failing_since IS NOT NULL")


def downgrade() -> None:
    """Only the column goes."""
    op.execute("ALTER TABLE webhook DROP COLUMN last_failed_at")
