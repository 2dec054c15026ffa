"""Payments: intents, attempts, refunds, disputes, the ledger, the keys of processors, and what the sandbox remembers."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import APPEND_ONLY, protect, run

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE payment_intent (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C",
    customer_id text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    capture_method text COLLATE "C" NOT NULL,
    payment_id text COLLATE "C",
    next_action jsonb,
    return_url text,
    error_code text COLLATE "C",
    error_message text,
    metadata jsonb NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT payment_intent_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT payment_intent_store_id_order_id_fkey FOREIGN KEY(store_id, order_id) REFERENCES sales_order (store_id, id),
    CONSTRAINT payment_intent_store_id_customer_id_fkey FOREIGN KEY(store_id, customer_id) REFERENCES customer (store_id, id),
    CONSTRAINT payment_intent_amount_check CHECK (amount > 0),
    CONSTRAINT payment_intent_status_check CHECK (status IN ('requires_payment_method', 'requires_action', 'processing', 'requires_capture', 'succeeded', 'failed', 'cancelled'))
);
CREATE INDEX payment_intent_amount_idx ON payment_intent (store_id, amount, id);
CREATE INDEX payment_intent_created_idx ON payment_intent (store_id, created_at, id);
CREATE INDEX payment_intent_customer_idx ON payment_intent (store_id, customer_id, created_at, id);
CREATE INDEX payment_intent_method_idx ON payment_intent (store_id, method, created_at, id);
CREATE INDEX payment_intent_order_idx ON payment_intent (store_id, order_id, created_at, id);
CREATE INDEX payment_intent_status_idx ON payment_intent (store_id, status, created_at, id);

CREATE TABLE payment (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    intent_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C",
    customer_id text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    refunding bigint NOT NULL,
    disputed bigint NOT NULL,
    fee bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    card_brand text COLLATE "C",
    card_last4 text COLLATE "C",
    card_exp_month int,
    card_exp_year int,
    error_code text COLLATE "C",
    error_message text,
    processor text COLLATE "C" NOT NULL,
    reference text COLLATE "C",
    authorization_expires_at timestamptz(3),
    sequence int NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT payment_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT payment_store_id_intent_id_fkey FOREIGN KEY(store_id, intent_id) REFERENCES payment_intent (store_id, id),
    CONSTRAINT payment_captured_check CHECK (captured BETWEEN 0 AND amount),
    CONSTRAINT payment_refunded_check CHECK (refunded >= 0 AND refunding >= 0 AND refunded + refunding <= captured),
    CONSTRAINT payment_disputed_check CHECK (disputed BETWEEN 0 AND captured),
    CONSTRAINT payment_status_check CHECK (status IN ('processing', 'requires_action', 'authorized', 'captured', 'failed', 'cancelled'))
);
CREATE INDEX payment_amount_idx ON payment (store_id, amount, id);
CREATE INDEX payment_created_idx ON payment (store_id, created_at, id);
CREATE INDEX payment_customer_idx ON payment (store_id, customer_id, created_at, id);
CREATE INDEX payment_expiring_idx ON payment (authorization_expires_at) WHERE authorization_expires_at IS NOT NULL;
CREATE INDEX payment_intent_id_idx ON payment (store_id, intent_id, created_at, id);
CREATE INDEX payment_method_idx ON payment (store_id, method, created_at, id);
CREATE INDEX payment_order_idx ON payment (store_id, order_id, created_at, id);
CREATE INDEX payment_reference_idx ON payment (store_id, reference);
CREATE INDEX payment_status_idx ON payment (store_id, status, created_at, id);

CREATE TABLE payment_refund (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    payment_id text COLLATE "C" NOT NULL,
    intent_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text,
    refund_application_fee boolean NOT NULL,
    expected_from text COLLATE "C" NOT NULL,
    expected_by text COLLATE "C" NOT NULL,
    error_code text COLLATE "C",
    error_message text,
    reference text COLLATE "C",
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT payment_refund_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT payment_refund_store_id_payment_id_fkey FOREIGN KEY(store_id, payment_id) REFERENCES payment (store_id, id),
    CONSTRAINT payment_refund_amount_check CHECK (amount > 0),
    CONSTRAINT payment_refund_status_check CHECK (status IN ('pending', 'succeeded', 'failed'))
);
CREATE INDEX payment_refund_order_idx ON payment_refund (store_id, order_id, created_at, id);
CREATE INDEX payment_refund_payment_idx ON payment_refund (store_id, payment_id, created_at, id);
CREATE INDEX payment_refund_reference_idx ON payment_refund (store_id, reference);

CREATE TABLE payment_refund_line (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    refund_id text COLLATE "C" NOT NULL,
    item_id text COLLATE "C" NOT NULL,
    quantity int NOT NULL,
    CONSTRAINT payment_refund_line_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT payment_refund_line_store_id_refund_id_fkey FOREIGN KEY(store_id, refund_id) REFERENCES payment_refund (store_id, id),
    CONSTRAINT payment_refund_line_quantity_check CHECK (quantity > 0)
);
CREATE INDEX payment_refund_line_refund_idx ON payment_refund_line (store_id, refund_id, id);

CREATE TABLE ledger_transfer (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    debit text COLLATE "C" NOT NULL,
    credit text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    payment_id text COLLATE "C" NOT NULL,
    intent_id text COLLATE "C" NOT NULL,
    refund_id text COLLATE "C",
    dispute_id text COLLATE "C",
    key text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT ledger_transfer_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT ledger_transfer_store_id_payment_id_fkey FOREIGN KEY(store_id, payment_id) REFERENCES payment (store_id, id),
    CONSTRAINT ledger_transfer_amount_check CHECK (amount > 0),
    CONSTRAINT ledger_transfer_accounts_check CHECK (debit <> credit),
    CONSTRAINT ledger_transfer_debit_check CHECK (debit IN ('receivable', 'processor', 'refunds', 'fees', 'disputes')),
    CONSTRAINT ledger_transfer_credit_check CHECK (credit IN ('receivable', 'processor', 'refunds', 'fees', 'disputes'))
);
CREATE INDEX ledger_transfer_created_idx ON ledger_transfer (store_id, created_at, id);
CREATE UNIQUE INDEX ledger_transfer_key_idx ON ledger_transfer (store_id, key);
CREATE INDEX ledger_transfer_payment_idx ON ledger_transfer (store_id, payment_id, created_at, id);

CREATE TABLE payment_dispute (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    payment_id text COLLATE "C" NOT NULL,
    intent_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    respond_by timestamptz(3) NOT NULL,
    evidence_parts text[] NOT NULL,
    evidence bytea,
    is_submitting boolean NOT NULL,
    error_code text COLLATE "C",
    error_message text,
    submitted_at timestamptz(3),
    closed_at timestamptz(3),
    reference text COLLATE "C" NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT payment_dispute_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT payment_dispute_store_id_payment_id_fkey FOREIGN KEY(store_id, payment_id) REFERENCES payment (store_id, id),
    CONSTRAINT payment_dispute_amount_check CHECK (amount > 0),
    CONSTRAINT payment_dispute_status_check CHECK (status IN ('needs_response', 'under_review', 'won', 'lost'))
);
CREATE INDEX payment_dispute_created_idx ON payment_dispute (store_id, created_at, id);
CREATE INDEX payment_dispute_order_idx ON payment_dispute (store_id, order_id, created_at, id);
CREATE INDEX payment_dispute_payment_idx ON payment_dispute (store_id, payment_id, created_at, id);
CREATE INDEX payment_dispute_reference_idx ON payment_dispute (store_id, reference);
CREATE INDEX payment_dispute_status_idx ON payment_dispute (store_id, status, created_at, id);

CREATE TABLE payment_dispute_file (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    dispute_id text COLLATE "C" NOT NULL,
    evidence_type text COLLATE "C" NOT NULL,
    name text NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    size int NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT payment_dispute_file_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT payment_dispute_file_store_id_dispute_id_fkey FOREIGN KEY(store_id, dispute_id) REFERENCES payment_dispute (store_id, id)
);
CREATE INDEX payment_dispute_file_dispute_idx ON payment_dispute_file (store_id, dispute_id, created_at, id);

CREATE TABLE payment_settings (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    processor text COLLATE "C" NOT NULL,
    secret_key bytea,
    secret_key_hint text,
    webhook_secret bytea,
    raw_cards boolean NOT NULL,
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT payment_settings_pkey PRIMARY KEY (store_id, id)
);

CREATE TABLE sandbox_operation (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    outcome jsonb NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT sandbox_operation_pkey PRIMARY KEY (store_id, id)
);
CREATE INDEX sandbox_operation_id_idx ON sandbox_operation (id);
"""
FUNCTIONS = (
    # What may follow what: domain/payments/states.py says the same, and a test compares the two.
    """
    CREATE FUNCTION payment_intent_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.status, NEW.status) NOT IN (
            ('requires_payment_method', 'processing'), ('requires_payment_method', 'cancelled'),
            ('requires_action', 'processing'), ('requires_action', 'requires_capture'),
            ('requires_action', 'succeeded'), ('requires_action', 'failed'), ('requires_action', 'cancelled'),
            ('processing', 'requires_action'), ('processing', 'requires_capture'), ('processing', 'succeeded'),
            ('processing', 'failed'), ('processing', 'cancelled'), ('requires_capture', 'processing'),
            ('requires_capture', 'succeeded'), ('requires_capture', 'cancelled'), ('failed', 'processing'),
            ('failed', 'cancelled')
        ) THEN
            RAISE check_violation
                USING MESSAGE = format('a payment intent that is %s cannot become %s', OLD.status, NEW.status);
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_intent_moves BEFORE UPDATE OF status ON payment_intent
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION payment_intent_moves()
    """,
    # The books are append-only for the owner of the table as well, who needs no grant.
    """
    CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE insufficient_privilege USING MESSAGE = 'transfers of the ledger are never changed: add a reversing one';
    END $$
    """,
    """
    CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
    """,
)
KNOWN_STORES = """
INSERT INTO payment_settings
SELECT number, id, CASE mode WHEN 'test' THEN 'sandbox' ELSE 'stripe' END, NULL, NULL, NULL, false, 1, created_at,
    created_at
FROM store
"""
PROTECTED = (
    "payment_intent",
    "payment",
    "payment_refund",
    "payment_refund_line",
    "payment_dispute",
    "payment_dispute_file",
    "payment_settings",
    "sandbox_operation",
)


def upgrade() -> None:
    """The tables, the statuses that may follow each other, and a ledger that nobody alters."""
    run(TABLES)
    for statement in FUNCTIONS:
        op.execute(statement)
    op.execute(KNOWN_STORES)
    for table in PROTECTED:
        protect(table)
    protect("ledger_transfer", APPEND_ONLY, system_grants=APPEND_ONLY)


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute(f"DROP TABLE ledger_transfer, {', '.join(reversed(PROTECTED))}")
    for function in ("payment_intent_moves", "ledger_is_append_only"):
        op.execute(f"DROP FUNCTION {function}()")
