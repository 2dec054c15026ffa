"""When the processor is asked about payments and refunds that wait for it, and the share of the fee that refunds return.

What disputes withhold may be more than what was captured: a bank may take an amount twice. An intent that counted as
failed may be held or collected after all.
"""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import run

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE payment ADD COLUMN next_check_at timestamptz(3);
CREATE INDEX payment_check_idx ON payment (next_check_at) WHERE next_check_at IS NOT NULL;
ALTER TABLE payment DROP CONSTRAINT payment_disputed_check;
ALTER TABLE payment ADD CONSTRAINT payment_disputed_check CHECK (disputed >= 0);
ALTER TABLE payment_refund ADD COLUMN fee_share bigint NOT NULL DEFAULT 0;
ALTER TABLE payment_refund ALTER COLUMN fee_share DROP DEFAULT;
ALTER TABLE payment_refund ADD COLUMN next_check_at timestamptz(3);
CREATE INDEX payment_refund_check_idx ON payment_refund (next_check_at) WHERE next_check_at IS NOT NULL;
UPDATE payment_refund SET fee_share = fee WHERE fee > 0;
UPDATE payment SET next_check_at = created_at
WHERE processor = 'stripe' AND status IN ('processing', 'requires_action') AND reference IS NOT NULL;
UPDATE payment_refund AS refund SET next_check_at = refund.created_at FROM payment
WHERE payment.store_id = refund.store_id AND payment.id = refund.payment_id AND payment.processor = 'stripe'
    AND refund.status = 'pending' AND refund.reference IS NOT NULL;
"""
ADDED = "('failed', 'requires_capture'), ('failed', 'succeeded'),"


def moves(added: str) -> str:
    """The check of statuses that may follow each other: domain/payments/states.py says the same."""
    return f"""
    CREATE OR REPLACE FUNCTION payment_intent_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.status, NEW.status) NOT IN (
            ('requires_payment_method', 'processing'), ('requires_payment_method', 'cancelled'),
            ('requires_action', 'processing'), ('requires_action', 'requires_capture'),
            ('requires_action', 'succeeded'), ('requires_action', 'failed'), ('requires_action', 'cancelled'),
            ('processing', 'requires_action'), ('processing', 'requires_capture'), ('processing', 'succeeded'),
            ('processing', 'failed'), ('processing', 'cancelled'), ('requires_capture', 'processing'),
            ('requires_capture', 'succeeded'), ('requires_capture', 'cancelled'), {added}
            ('failed', 'processing'), ('failed', 'cancelled')
        ) THEN
            RAISE check_violation
                USING MESSAGE = format('a payment intent that is %s cannot become %s', OLD.status, NEW.status);
        END IF;
        RETURN NEW;
    END $$
    """


def upgrade() -> None:
    """The columns and their indexes; what waits already is due."""
    run(UPGRADE)
    op.execute(moves(ADDED))


def downgrade() -> None:
    """Without them. Fails while more is disputed than was captured."""
    op.execute(moves(""))
    op.execute("ALTER TABLE payment DROP CONSTRAINT payment_disputed_check")
    op.execute("ALTER TABLE payment ADD CONSTRAINT payment_disputed_check CHECK (disputed BETWEEN 0 AND captured)")
    op.execute("ALTER TABLE payment_refund DROP COLUMN fee_share, DROP COLUMN next_check_at")
    op.execute("ALTER TABLE payment DROP COLUMN next_check_at")
