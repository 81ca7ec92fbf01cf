"""Count the questions of a day by person, case and organisation. Old code: counts none. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_04"
down_revision = "2026_11_30_03"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "search_spent",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("budget", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("country", "budget", "name", "day", name=op.f("pk_search_spent")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("search_spent", schema="rtr")
