"""Keep what evaluators tell each other that they granted. Old code: unaffected. Locks: none, the table is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_21"
down_revision = "2026_11_30_20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "evaluation_count",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("selector_class", sa.Text(), nullable=False),
        sa.Column("keys", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "country", "evaluator", "day", "requester", "book", "selector_class", name=op.f("pk_evaluation_count")
        ),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("evaluation_count", schema="rtr")
