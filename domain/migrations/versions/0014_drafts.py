"""Drafts know what they were given and what follows its source; orders and drafts have tags."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OWN = ("own_email", "own_shipping_address", "own_billing_address")


def upgrade() -> None:
    """Until now, only the e-mail address could be the customer's: where it is theirs, it follows them from now on."""
    for table in ("sales_order", "draft_order"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN tags text[] NOT NULL DEFAULT '{{}}'")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN tags DROP DEFAULT")
    for name in _OWN:
        op.execute(f"ALTER TABLE draft_order ADD COLUMN {name} boolean NOT NULL DEFAULT false")
        op.execute(f"ALTER TABLE draft_order ALTER COLUMN {name} DROP DEFAULT")
    op.execute(
        "UPDATE draft_order SET own_shipping_address = shipping_address IS NOT NULL, "
        "own_billing_address = billing_address IS NOT NULL, "
        "own_email = email IS NOT NULL AND NOT EXISTS (SELECT FROM customer "
        "WHERE customer.store_id = draft_order.store_id AND customer.id = draft_order.customer_id "
        "AND customer.email = draft_order.email)"
    )


def downgrade() -> None:
    """Only the columns go."""
    for name in _OWN:
        op.execute(f"ALTER TABLE draft_order DROP COLUMN {name}")
    for table in ("sales_order", "draft_order"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN tags")
