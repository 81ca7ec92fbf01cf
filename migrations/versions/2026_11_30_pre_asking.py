"""Count loose values until a look at hits answers for them, and what was shown to whom. Old code: none. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_09"
down_revision = "2026_11_30_08"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "loose_value",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unanswered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("country", "actor", "signal_id", name=op.f("pk_loose_value")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_loose_value_signal_id", "loose_value", ["country", "signal_id"], unique=False, schema="rtr")
    op.create_table(
        "search_shown",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("country", "actor", "record", name=op.f("pk_search_shown")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    for table in ("search_shown", "loose_value"):
        op.drop_table(table, schema="rtr")
