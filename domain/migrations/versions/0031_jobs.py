"""Jobs: work in the background that a caller has started; reports of imports."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE job (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    parameters jsonb NOT NULL,
    resume_point jsonb,
    done bigint NOT NULL,
    total bigint,
    unit text COLLATE "C" NOT NULL,
    file_id text COLLATE "C",
    dry_run boolean NOT NULL,
    counts jsonb NOT NULL,
    error text,
    created_by text COLLATE "C" NOT NULL,
    request_id text,
    lease text COLLATE "C",
    due_at timestamptz(3),
    attempt int NOT NULL,
    cancel_requested_at timestamptz(3),
    version int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    started_at timestamptz(3),
    finished_at timestamptz(3),
    CONSTRAINT job_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT job_status_check CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT job_due_at_check CHECK ((status IN ('queued', 'running')) = (due_at IS NOT NULL)),
    CONSTRAINT job_finished_at_check CHECK ((due_at IS NULL) = (finished_at IS NOT NULL)),
    CONSTRAINT job_error_check CHECK ((status = 'failed') = (error IS NOT NULL))
);
CREATE INDEX job_created_idx ON job (store_id, created_at, id);
CREATE INDEX job_kind_idx ON job (store_id, kind, created_at, id);
CREATE INDEX job_status_idx ON job (store_id, status, created_at, id);
CREATE INDEX job_unfinished_idx ON job (store_id, created_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX job_started_idx ON job (store_id, started_at) WHERE started_at IS NOT NULL;
CREATE INDEX job_finished_idx ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE TABLE import_report_part (
    store_id int NOT NULL,
    job_id text COLLATE "C" NOT NULL,
    first_line int NOT NULL,
    rows jsonb NOT NULL,
    CONSTRAINT import_report_part_pkey PRIMARY KEY (store_id, job_id, first_line),
    CONSTRAINT import_report_part_store_id_job_id_fkey FOREIGN KEY (store_id, job_id) REFERENCES job ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """The tables."""
    run(TABLE)
    protect("job")
    protect("import_report_part")


def downgrade() -> None:
    """What jobs have done stays; what they have not is not done."""
    op.execute("DROP TABLE import_report_part")
    op.execute("DROP TABLE job")
