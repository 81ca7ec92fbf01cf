"""Keep what workers say of their jobs. Old code: unaffected, and says nothing. Locks: none, the table is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_04"
down_revision = "2026_11_29_03"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "beat",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("worked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failing_since", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("country", "job", name=op.f("pk_beat")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("beat", schema="rtr")
