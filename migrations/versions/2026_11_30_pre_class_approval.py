"""Keep approvals of a class of signals, and what left on each. Old code: knows of none. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "2026_11_30_25"
down_revision = "2026_11_30_23"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "class_approval",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("recipients", ARRAY(sa.CHAR(length=2)), nullable=False),
        sa.Column("given", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("end_reason", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_class_approval")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "class_approval_use",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("approval", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "approval"],
            ["rtr.class_approval.country", "rtr.class_approval.id"],
            name=op.f("fk_class_approval_use_country_approval"),
        ),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_class_approval_use_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "approval", "signal_id", name=op.f("pk_class_approval_use")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "ix_class_approval_use_signal",
        "class_approval_use",
        ["country", "signal_id"],
        unique=False,
        schema="rtr",
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Take back; what left on an approval of a class comes back when it is next decided."""
    for table in ("class_approval_use", "class_approval"):
        op.drop_table(table, schema="rtr")
