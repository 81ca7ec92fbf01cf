"""Let the database say when queued work is due, and the program mark what it drafts.

No process's wrong clock puts work off, and what somebody writes into a log beside the program gets no number. Old
code: its drafts are refused by the new policies and its decisions by the missing hash, so it is stopped first. Locks:
ACCESS EXCLUSIVE on the drafts, brief; what is there has the empty mark of before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_48"
down_revision = "2026_11_30_45"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.draft'::regclass")
_WAITING = "ix_draft_waiting"
_COLUMNS = ["country", "partner", "id"]
_NO_GUARDS = """
DO $$ DECLARE guard record; BEGIN
    FOR guard IN SELECT polname, polrelid::regclass AS relation FROM pg_policy JOIN pg_class c ON c.oid = polrelid
    WHERE NOT polpermissive AND c.relnamespace = 'rtr'::regnamespace AND c.relname ~ '^outbox(_..)?$' LOOP
        EXECUTE format('DROP POLICY %I ON %s', guard.polname, guard.relation);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.alter_column("outbox", "not_before", server_default=sa.text("statement_timestamp()"), schema="rtr")
    op.add_column("draft", sa.Column("content_hash", sa.LargeBinary(), nullable=True), schema="rtr")
    op.add_column("draft", sa.Column("refused_at", sa.TIMESTAMP(timezone=True), nullable=True), schema="rtr")
    unmarked = sa.Column("mark", sa.LargeBinary(), nullable=False, server_default=sa.text("''::bytea"))
    op.add_column("draft", unmarked, schema="rtr")
    op.alter_column("draft", "mark", server_default=None, schema="rtr")
    _index("appended_seq IS NULL AND refused_at IS NULL")
    op.drop_column("sent_object", "content_hash", schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("sent_object", sa.Column("content_hash", sa.LargeBinary(), nullable=True), schema="rtr")
    # Policies of the release that served name columns that go, here and before: the one that serves then makes its own.
    op.execute(_NO_GUARDS)
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.draft") as connection:
            # What the program did not write was put aside; the older release would number it.
            connection.exec_driver_sql("DELETE FROM rtr.draft WHERE refused_at IS NOT NULL")
    op.execute(
        "ALTER TABLE rtr.draft DROP COLUMN mark CASCADE, DROP COLUMN refused_at CASCADE, DROP COLUMN content_hash"
    )
    op.create_index(_WAITING, "draft", _COLUMNS, schema="rtr", postgresql_where=sa.text("appended_seq IS NULL"))
    op.alter_column("outbox", "not_before", server_default=None, schema="rtr")


def _index(waits: str) -> None:
    op.drop_index(_WAITING, table_name="draft", schema="rtr")
    op.create_index(_WAITING, "draft", _COLUMNS, schema="rtr", postgresql_where=sa.text(waits))
