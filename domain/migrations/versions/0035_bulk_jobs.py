"""Bulk exports and bulk mutations: the scopes and results of jobs, and the lines of bulk mutations."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLE = """
ALTER TABLE job ADD COLUMN scopes text[] NOT NULL DEFAULT '{}', ADD COLUMN result_file_id text COLLATE "C",
    ADD COLUMN result_bytes bigint,
    ADD CONSTRAINT job_result_check CHECK ((result_file_id IS NULL) = (result_bytes IS NULL));
ALTER TABLE job ALTER COLUMN scopes DROP DEFAULT;
CREATE INDEX job_result_idx ON job (finished_at) WHERE result_file_id IS NOT NULL;
CREATE TABLE bulk_mutation_line (
    store_id int NOT NULL,
    job_id text COLLATE "C" NOT NULL,
    line int NOT NULL,
    response bytea,
    people text[] NOT NULL,
    CONSTRAINT bulk_mutation_line_pkey PRIMARY KEY (store_id, job_id, line),
    CONSTRAINT bulk_mutation_line_store_id_job_id_fkey FOREIGN KEY (store_id, job_id) REFERENCES job ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """The columns and the table."""
    run(TABLE)
    protect("bulk_mutation_line")


def downgrade() -> None:
    """Jobs of these kinds are gone, with their results; what they have done stays."""
    op.execute("DROP TABLE bulk_mutation_line")
    op.execute("DELETE FROM job WHERE kind IN ('bulk_export', 'event_export', 'bulk_mutation')")
    op.execute("ALTER TABLE job DROP CONSTRAINT job_result_check")
    op.execute("DROP INDEX job_result_idx")
    op.execute("ALTER TABLE job DROP COLUMN scopes, DROP COLUMN result_file_id, DROP COLUMN result_bytes")
