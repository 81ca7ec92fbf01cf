"""Keep of each retract which receipt lists it as done. Locks: of `draft`, while the receipts are read. Old code: fine.

What a put after it hid is open again until a receipt lists it; what receipts have listed already counts as done.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_31"
down_revision = "2026_11_30_26"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.draft'::regclass")
_LISTED = """
UPDATE rtr.draft d SET done_n = r.n
FROM (SELECT g.country, g.partner, g.incarnation, CAST(s AS bigint) AS seq, min(g.n) AS n
      FROM rtr.receipt_got g, jsonb_array_elements_text(g.claims -> 'retracted_done') s GROUP BY 1, 2, 3, 4) r
WHERE d.country = r.country AND d.partner = r.partner AND d.appended_inc = r.incarnation AND d.appended_seq = r.seq
  AND d.type = 'indicator.retract'
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("draft", sa.Column("done_n", sa.BigInteger(), nullable=True), schema="rtr")
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.draft", "rtr.receipt_got") as connection:
            connection.exec_driver_sql(_LISTED)
    op.create_index(
        "ix_draft_open_retracts",
        "draft",
        ["country", "partner", "due_at"],
        schema="rtr",
        postgresql_where=sa.text("type = 'indicator.retract' AND done_n IS NULL"),
    )


def downgrade() -> None:
    """Take back; receipts keep what they list."""
    op.drop_index("ix_draft_open_retracts", table_name="draft", schema="rtr")
    op.drop_column("draft", "done_n", schema="rtr")
