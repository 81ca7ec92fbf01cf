"""Keep what people say of a hit, and which subject of the own report it is on. Old code: keeps neither. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "2026_11_30_23"
down_revision = "2026_11_30_21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("hit", sa.Column("subject", sa.SmallInteger(), nullable=True), schema="rtr")
    op.create_table(
        "hit_step",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("hit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("no_concern", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("families", ARRAY(sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "hit_id"], ["rtr.hit.country", "rtr.hit.id"], name=op.f("fk_hit_step_country_hit_id")
        ),
        sa.PrimaryKeyConstraint("country", "hit_id", "number", name=op.f("pk_hit_step")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("hit_step", schema="rtr")
    op.drop_column("hit", "subject", schema="rtr")
