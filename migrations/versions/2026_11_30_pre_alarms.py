"""Keep alarms about how is asked, and the searches of a week to draw from. Old code: raises none. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "2026_11_30_06"
down_revision = "2026_11_30_05"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "alarm",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("case_reference", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_alarm")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "uq_alarm_open",
        "alarm",
        ["country", "kind", "whose", "about"],
        unique=True,
        schema="rtr",
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_table(
        "search_neighbour",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("country", "bucket", "value", name=op.f("pk_search_neighbour")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_search_neighbour_day", "search_neighbour", ["country", "day"], unique=False, schema="rtr")
    op.create_table(
        "search_outcome",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("missed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("country", "whose", "about", "day", name=op.f("pk_search_outcome")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "searched",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("families", ARRAY(sa.Text()), nullable=False),
        sa.Column("asked", ARRAY(sa.Text()), nullable=False),
        sa.Column("own", sa.BigInteger(), nullable=True),
        sa.Column("hits", sa.BigInteger(), nullable=True),
        sa.Column("case_reference", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("verdict_by", sa.Text(), nullable=True),
        sa.Column("verdict_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_searched")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_searched_week", "searched", ["country", "week"], unique=False, schema="rtr")


def downgrade() -> None:
    """Take back."""
    for table in ("searched", "search_outcome", "search_neighbour", "alarm"):
        op.drop_table(table, schema="rtr")
