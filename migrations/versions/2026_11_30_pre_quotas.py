"""Count an evaluator's quotas by country, organisation and actor. Old code: evaluates nothing. Locks: brief.

What was counted until now was by names that the asking node invents, and for one day: it is dropped, so the day of
the change begins with empty books.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_03"
down_revision = "2026_11_30_02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("evaluation_usage", schema="evaluator")
    op.create_table(
        "evaluation_usage",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("selector_class", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("begins", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("keys", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "country",
            "requester",
            "layer",
            "name",
            "book",
            "selector_class",
            "span",
            "begins",
            name=op.f("pk_evaluation_usage"),
        ),
        schema="evaluator",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "evaluation_turn",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "requester", name=op.f("pk_evaluation_turn")),
        schema="evaluator",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "evaluation_list",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "partner", "kind", name=op.f("pk_evaluation_list")),
        schema="evaluator",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back; the counts begin anew."""
    op.drop_table("evaluation_list", schema="evaluator")
    op.drop_table("evaluation_turn", schema="evaluator")
    op.drop_table("evaluation_usage", schema="evaluator")
    op.create_table(
        "evaluation_usage",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("selector_class", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("keys", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "country", "requester", "actor", "selector_class", "day", name=op.f("pk_evaluation_usage")
        ),
        schema="evaluator",
        postgresql_partition_by="LIST (country)",
    )
