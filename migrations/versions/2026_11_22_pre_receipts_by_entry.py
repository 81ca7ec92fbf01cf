"""Find the receipt that first acknowledged an entry. Old code: unaffected, its rows stay null. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_22_04"
down_revision = "2026_11_22_03"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("receipt_got", sa.Column("applied_to", sa.BigInteger(), nullable=True), schema="rtr")
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.receipt_got") as connection:
            connection.exec_driver_sql("UPDATE rtr.receipt_got SET applied_to = (claims->>'applied_to')::bigint")
    op.create_index(
        "ix_receipt_got_applied_to",
        "receipt_got",
        ["country", "partner", "incarnation", "applied_to", "n"],
        schema="rtr",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_receipt_got_applied_to", table_name="receipt_got", schema="rtr")
    op.drop_column("receipt_got", "applied_to", schema="rtr")


_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.receipt_got')")
