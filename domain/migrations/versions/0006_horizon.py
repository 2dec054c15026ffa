"""Readers of the log see how far back it is kept."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every reader leaves out what is past, and is told when it would resume from there."""
    op.execute("GRANT SELECT ON event_log TO gateway_app")


def downgrade() -> None:
    """As it was."""
    op.execute("REVOKE SELECT ON event_log FROM gateway_app")
