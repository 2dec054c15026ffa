"""Accounts: whether their live keys may introspect the GraphQL schema."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody's live keys may, until their account is told that they may."""
    op.execute("ALTER TABLE account ADD COLUMN introspection boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Only the column goes."""
    op.execute("ALTER TABLE account DROP COLUMN introspection")
