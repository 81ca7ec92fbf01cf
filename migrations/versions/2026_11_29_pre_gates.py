"""Mark records that reach further than was confirmed, and ask old approvals anew. Old code: unaffected. Locks: brief.

An approval given until now may be of anybody with one of two tasks, of the very organisation that submitted the
record. Which it was no column says, so all are taken back; every signal is decided again, and what left without its
keeper's yes is retracted until he gives it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_29_08"
down_revision = "2026_11_29_07"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.signal')")
_AGAIN = """
INSERT INTO rtr.outbox (country, consumer, object, generation, fence, attempts, not_before)
SELECT country, 'pseudonymise', id, 1, 0, 0, now() FROM rtr.signal
WHERE withdrawn_at IS NULL AND (gate_ref IS NOT NULL OR single_approval)
ON CONFLICT (country, consumer, object)
DO UPDATE SET generation = outbox.generation + 1, not_before = excluded.not_before, attempts = 0
"""
_ANEW = "UPDATE rtr.signal SET gate_ref = NULL WHERE gate_ref IS NOT NULL"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    # A constant default: no rewrite of the table.
    op.add_column("signal", sa.Column("widened", sa.Boolean(), server_default=sa.false(), nullable=False), schema="rtr")
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.signal", "rtr.outbox") as connection:
            connection.exec_driver_sql(_AGAIN)
            connection.exec_driver_sql(_ANEW)


def downgrade() -> None:
    """Take back; approvals that were taken back stay so."""
    op.drop_column("signal", "widened", schema="rtr")
