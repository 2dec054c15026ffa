"""Redacting the events of many objects at once, without holding up the events of other stores."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import run

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

# Stable, and without a search_path of its own, it is inlined; else its calls take longer than writing the row. What stands in place of a personal value: see ``domain.kernel.use_cases.personal_data.Blank``, whose members are the kinds.
BLANK = """
CREATE FUNCTION gateway_blank(kind text, value jsonb, object text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE kind
        WHEN 'text' THEN CASE WHEN jsonb_typeof(value) = 'null' THEN value ELSE '"(erased)"'::jsonb END
        WHEN 'object' THEN '{}'::jsonb
        WHEN 'list' THEN '[]'::jsonb
        WHEN 'email' THEN to_jsonb(object || '@erased.invalid')
        WHEN 'address' THEN CASE WHEN jsonb_typeof(value) = 'object' THEN
            '{"first_name": null, "last_name": null, "company": null, "line1": "(erased)", "line2": null,
              "city": "(erased)", "zip": null, "phone": null}'::jsonb
            || jsonb_build_object('country', value -> 'country', 'state', value -> 'state')
            ELSE 'null'::jsonb END
        ELSE 'null'::jsonb END
$$
"""

# Nobody alters an event; erasing somebody blanks what it said of them. The lock is of the one store: the sequencer
# leaves the events of a locked store alone and goes on with the others (``event_log/sequencer.py``). The statement names
# each member: gathering them row by row took twice as long. Members that an old snapshot lacks are not added.
REDACT = """
CREATE FUNCTION gateway_redact_events(objects text[], blanks jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    store int := current_setting('app.store_id')::int;
    members text;
BEGIN
    SELECT string_agg(format('%L, gateway_blank(%L, snapshot -> %L, object_id)', key, value, key), ', ') INTO members
    FROM jsonb_each_text(blanks);
    PERFORM pg_advisory_xact_lock(726483, store);
    EXECUTE 'UPDATE event SET snapshot = snapshot || jsonb_build_object(' || members || ') '
        'WHERE store_id = $1 AND object_id = ANY ($2) AND snapshot ?& $3'
        USING store, objects, ARRAY(SELECT jsonb_object_keys(blanks));
    EXECUTE 'UPDATE event SET snapshot = snapshot || (SELECT coalesce(jsonb_object_agg('
        'key, gateway_blank(value, snapshot -> key, object_id)), ''{}'') FROM jsonb_each_text($3) WHERE snapshot ? key) '
        'WHERE store_id = $1 AND object_id = ANY ($2) AND NOT snapshot ?& $4'
        USING store, objects, blanks, ARRAY(SELECT jsonb_object_keys(blanks));
END $$
"""
GRANTS = """
REVOKE ALL ON FUNCTION gateway_redact_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_redact_events TO gateway_app;
"""

REDACT_ONE = """
CREATE FUNCTION gateway_redact_events(object text, forgotten jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7264830116);
    UPDATE event SET snapshot = snapshot || forgotten
    WHERE store_id = current_setting('app.store_id')::int AND object_id = object;
END $$
"""


def upgrade() -> None:
    """The function takes many objects, and what is blanked in place of what is written."""
    op.execute("DROP FUNCTION gateway_redact_events")
    op.execute(BLANK)
    op.execute(REDACT)
    run(GRANTS)


def downgrade() -> None:
    """One object at a time again, under the sequencer's lock."""
    op.execute("DROP FUNCTION gateway_redact_events")
    op.execute("DROP FUNCTION gateway_blank")
    op.execute(REDACT_ONE)
    run(GRANTS)
