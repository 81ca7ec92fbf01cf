"""Keep which rows were found damaged, and how far the look at what is stored has come. Old code: keeps none. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_15"
down_revision = "2026_11_30_13"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "damage",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("found_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "place", "origin", "record", name=op.f("pk_damage")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "walk",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("began_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "name", name=op.f("pk_walk")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back; what is damaged is found again by the next round."""
    op.drop_table("walk", schema="rtr")
    op.drop_table("damage", schema="rtr")
