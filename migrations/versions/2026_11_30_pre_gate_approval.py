"""Keep what a keeper's organisation signed, and say anew by whose word each record passed. Old code: unaffected.

A label named an approval by a reference that no receiver could check. It says now `gate: node`, or the signed approval
stands beside it; what left on an approval is decided again, and told in the new form. Locks: brief.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_02"
down_revision = "2026_11_30_01"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.signal')")
_AGAIN = """
INSERT INTO rtr.outbox (country, consumer, object, generation, fence, attempts, not_before)
SELECT country, 'pseudonymise', id, 1, 0, 0, now() FROM rtr.signal
WHERE withdrawn_at IS NULL AND EXISTS (
  SELECT 1 FROM rtr.sharing
  WHERE sharing.country = signal.country AND sharing.signal_id = signal.id AND allowed AND 'GATE-1' = ANY (rules)
)
ON CONFLICT (country, consumer, object)
DO UPDATE SET generation = outbox.generation + 1, not_before = excluded.not_before, attempts = 0
"""

_LOOKED_AT = {"signal": ["country", "gate_until"], "received_record": ["country", "partner", "gate_until"]}


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("signal", sa.Column("gate_approval", sa.Text(), nullable=True), schema="rtr")
    op.add_column("signal", sa.Column("gate_until", sa.Date(), nullable=True), schema="rtr")
    op.add_column("received_record", sa.Column("gate_until", sa.Date(), nullable=True), schema="rtr")
    some = sa.text("gate_until IS NOT NULL")
    for table, columns in _LOOKED_AT.items():
        op.create_index(f"ix_{table}_gate_until", table, columns, schema="rtr", postgresql_where=some)
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.signal", "rtr.sharing", "rtr.outbox") as connection:
            connection.exec_driver_sql(_AGAIN)


def downgrade() -> None:
    """Take back; what rested on a signed approval is decided anew, without it, when it next changes."""
    for table in _LOOKED_AT:
        op.drop_index(f"ix_{table}_gate_until", table, schema="rtr")
    op.drop_column("received_record", "gate_until", schema="rtr")
    op.drop_column("signal", "gate_until", schema="rtr")
    op.drop_column("signal", "gate_approval", schema="rtr")
