"""Keep that a data key ended when it is destroyed, so that one that was lost is not told as an erasure.

Old code: its worker is refused at the queue, and destroys nothing until it is replaced; what has ended opens nothing
meanwhile. Locks: ACCESS EXCLUSIVE on the queue, the audit log and the reports while it writes down what was destroyed
before: the log names those keys, and a report whose content was emptied was erased whatever the log says.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_41"
down_revision = "2026_11_30_40"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.data_key_end'::regclass")
_DESTROYED = """
INSERT INTO rtr.data_key_end (country, id, reason, ended_by, ended_at, destroyed_at)
SELECT l.country, k.id::uuid, l.commitment -> 'facts' ->> 'reason', NULL, l.at, l.at
FROM rtr.audit_leaf l CROSS JOIN LATERAL jsonb_array_elements_text(l.commitment -> 'facts' -> 'keys') AS k (id)
WHERE l.action = 'data-keys.destroyed'
ON CONFLICT (country, id) DO NOTHING
"""
_EMPTIED = """
INSERT INTO rtr.data_key_end (country, id, reason, ended_by, ended_at, destroyed_at)
SELECT country, data_key, 'erased', NULL, updated_at, updated_at FROM rtr.signal WHERE account IS NULL
ON CONFLICT (country, id) DO NOTHING
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("data_key_end", sa.Column("destroyed_at", sa.TIMESTAMP(timezone=True), nullable=True), schema="rtr")
    op.alter_column("data_key_end", "ended_by", nullable=True, schema="rtr")
    op.drop_index("ix_data_key_end_ended_at", "data_key_end", schema="rtr")
    op.create_index(
        "ix_data_key_end_ended_at",
        "data_key_end",
        ["country", "ended_at"],
        unique=False,
        schema="rtr",
        postgresql_where=sa.text("destroyed_at IS NULL"),
    )
    if _is_forced():
        with rows_in_reach("rtr.data_key_end", "rtr.audit_leaf", "rtr.signal") as connection:
            connection.exec_driver_sql(_DESTROYED)
            connection.exec_driver_sql(_EMPTIED)


def downgrade() -> None:
    """Take back; what waits to be destroyed waits on."""
    if _is_forced():
        with rows_in_reach("rtr.data_key_end") as connection:
            connection.exec_driver_sql("DELETE FROM rtr.data_key_end WHERE destroyed_at IS NOT NULL")
    op.drop_index("ix_data_key_end_ended_at", "data_key_end", schema="rtr")
    # A policy of the release that served names it: it goes with it, and the one that serves then makes its own.
    op.execute("ALTER TABLE rtr.data_key_end DROP COLUMN destroyed_at CASCADE")
    op.alter_column("data_key_end", "ended_by", nullable=False, schema="rtr")
    op.create_index("ix_data_key_end_ended_at", "data_key_end", ["country", "ended_at"], unique=False, schema="rtr")


def _is_forced() -> bool:
    """Whether the table is under row security yet; one that this very run has made is not, and has no rows."""
    return bool(op.get_bind().scalar(_FORCED))
