"""Statistics of tables that grow from nothing within seconds, which the server itself would gather a minute later."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import run

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# Owned by the owner and run with its rights: only who owns a table may analyse it. What others have locked is skipped.
ANALYZE_GROWN = """
CREATE FUNCTION gateway_analyze_grown_tables() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    grown regclass;
BEGIN
    FOR grown IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relowner = current_user::regrole
            AND relpages < 10
            AND pg_relation_size(oid) >= 10 * greatest(relpages, 1) * current_setting('block_size')::bigint
        ORDER BY oid
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s', grown);
    END LOOP;
END $$
"""

GRANTS = """
REVOKE ALL ON FUNCTION gateway_analyze_grown_tables FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_analyze_grown_tables TO gateway_system;
"""


def upgrade() -> None:
    """The function."""
    op.execute(ANALYZE_GROWN)
    run(GRANTS)


def downgrade() -> None:
    """The server's own schedule is left."""
    op.execute("DROP FUNCTION gateway_analyze_grown_tables()")
