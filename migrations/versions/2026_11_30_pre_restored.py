"""Keep since when a log stands still: ours that appends no more, a partner's that ends before what we have of it.

Old code: unaffected, and says no time. Locks: brief; the columns are empty.
The one job that appended for all partners is now one a partner: what it said last is forgotten, or it would be
called standing for ever.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_01"
down_revision = "2026_11_29_09"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.beat')")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("log_head", sa.Column("stopped_at", sa.TIMESTAMP(timezone=True), nullable=True), schema="rtr")
    at = sa.Column("origin_behind_at", sa.TIMESTAMP(timezone=True), nullable=True)
    op.add_column("partner_cursor", at, schema="rtr")
    op.add_column("partner_cursor", sa.Column("origin_behind_evidence", sa.Text(), nullable=True), schema="rtr")
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.beat") as connection:
            connection.exec_driver_sql("DELETE FROM rtr.beat WHERE job = 'append'")


def downgrade() -> None:
    """Take back."""
    op.drop_column("partner_cursor", "origin_behind_evidence", schema="rtr")
    op.drop_column("partner_cursor", "origin_behind_at", schema="rtr")
    # A policy of the release that served names it: it goes with it, and the one that serves then makes its own.
    op.execute("ALTER TABLE rtr.log_head DROP COLUMN stopped_at CASCADE")
