"""Keep what was asked of evaluators, and how it stands with their lists. Old code: keeps none. Locks: one index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_13"
down_revision = "2026_11_30_12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "evaluation_asked",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "request_id", name=op.f("pk_evaluation_asked")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_evaluation_asked_at", "evaluation_asked", ["country", "asked_at"], unique=False, schema="rtr")
    op.create_table(
        "evaluation_answer",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("country", "evaluator", "request_id", name=op.f("pk_evaluation_answer")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "ix_evaluation_answer_at",
        "evaluation_answer",
        ["country", "evaluator", "answered_at"],
        unique=False,
        schema="rtr",
    )
    op.create_table(
        "evaluation_night",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("listed", sa.BigInteger(), nullable=False),
        sa.Column("unasked", sa.BigInteger(), nullable=False),
        sa.Column("unlisted", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "evaluator", "day", name=op.f("pk_evaluation_night")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_evaluation_leaf_at", "evaluation_leaf", ["country", "at"], unique=False, schema="evaluator")


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_evaluation_leaf_at", table_name="evaluation_leaf", schema="evaluator")
    for table in ("evaluation_night", "evaluation_answer", "evaluation_asked"):
        op.drop_table(table, schema="rtr")
