"""An object no longer says how its last retract stands: each retract does. Locks: of `sent_object`, brief.

Old code: must be gone, since it writes these columns.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_32"
down_revision = "2026_11_30_31"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.sent_object'::regclass")
_LAST = """
UPDATE rtr.sent_object s SET due_at = d.due_at, done_n = d.done_n
FROM rtr.draft d
WHERE d.country = s.country AND d.partner = s.partner AND d.object = s.object AND d.version = s.version
"""
_INDEX = "ix_sent_object_open_retracts"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index(_INDEX, table_name="sent_object", schema="rtr")
    op.drop_column("sent_object", "due_at", schema="rtr")
    op.drop_column("sent_object", "done_n", schema="rtr")


def downgrade() -> None:
    """Take back: of each object, what its last draft says."""
    op.add_column("sent_object", sa.Column("done_n", sa.BigInteger(), nullable=True), schema="rtr")
    op.add_column("sent_object", sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=True), schema="rtr")
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.sent_object", "rtr.draft") as connection:
            connection.exec_driver_sql(_LAST)
    op.create_index(
        _INDEX,
        "sent_object",
        ["country", "partner", "due_at"],
        schema="rtr",
        postgresql_where=sa.text("NOT live AND done_n IS NULL"),
    )
