"""Keep the signed lists of partners. Old code: unaffected. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_07"
down_revision = "2026_11_29_06"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "partner_list",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "partner", "kind", name=op.f("pk_partner_list")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("partner_list", schema="rtr")
