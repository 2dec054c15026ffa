"""What every revision does: run its statements, and put the second wall (row-level security) around its tables."""

from __future__ import annotations

from alembic import op

READ_WRITE = "SELECT, INSERT, UPDATE, DELETE"
APPEND_ONLY = "SELECT, INSERT"


def run(script: str) -> None:
    """Run statements that end in a semicolon at the end of a line, one by one: the driver takes no more at once."""
    for statement in script.strip().removesuffix(";").split(";\n"):
        op.execute(statement)


def protect(
    table: str, grants: str = READ_WRITE, *, store_column: str = "store_id", system_grants: str = READ_WRITE
) -> None:
    """Let ``gateway_app`` see the rows of the store it carries, and ``gateway_system`` all of them.

    With no store set, ``current_setting`` raises: a forgotten store fails, it never returns everything.
    """
    mine = f"{store_column} = current_setting('app.store_id')::int"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_store ON {table} TO gateway_app USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"CREATE POLICY every_store ON {table} TO gateway_system USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {grants} ON {table} TO gateway_app")
    op.execute(f"GRANT {system_grants} ON {table} TO gateway_system")
