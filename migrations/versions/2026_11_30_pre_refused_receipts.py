"""Keep receipts that stopped a log, and which of them were disowned. Old code: keeps none. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_30_08"
down_revision = "2026_11_30_06"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "receipt_refused",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("claims", JSONB(), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("disowned_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("counted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", "n", "digest", name=op.f("pk_receipt_refused")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back; a log that was resumed is stopped again by what stopped it."""
    op.drop_table("receipt_refused", schema="rtr")
