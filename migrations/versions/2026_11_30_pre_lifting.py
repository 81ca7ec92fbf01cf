"""Keep the liftings of protections. Old code: unaffected, since nothing is lifted before the new one asks. Locks: brief.

Taken back, whatever was lifted protects again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_05"
down_revision = "2026_11_30_04"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("protection", sa.Column("lifted_by", sa.Uuid(), nullable=True), schema="rtr")
    op.create_table(
        "lifting",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("protection", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reversed_by", sa.Text(), nullable=True),
        sa.Column("reversed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_lifting_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_lifting")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_lifting_signal", "lifting", ["country", "signal_id"], unique=False, schema="rtr")
    op.create_index("ix_lifting_second", "lifting", ["country", "second", "id"], unique=False, schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_lifting_second", table_name="lifting", schema="rtr")
    op.drop_index("ix_lifting_signal", table_name="lifting", schema="rtr")
    # Policies of the release that served may name both: they go with them, and the one that serves then makes its own.
    op.execute("DROP TABLE rtr.lifting CASCADE")
    op.execute("ALTER TABLE rtr.protection DROP COLUMN lifted_by CASCADE")
