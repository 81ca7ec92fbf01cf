"""Queue the data keys that end, for the worker to destroy. Old code: its erasing is refused. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_12"
down_revision = "2026_11_30_06"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.data_key_end')")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "data_key_end",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_data_key_end")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_data_key_end_ended_at", "data_key_end", ["country", "ended_at"], unique=False, schema="rtr")


def downgrade() -> None:
    """Take back; keys that wait to be destroyed are destroyed here, or they would open again."""
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.data_key", "rtr.data_key_end") as connection:
            connection.exec_driver_sql(
                "DELETE FROM rtr.data_key k USING rtr.data_key_end e WHERE k.country = e.country AND k.id = e.id"
            )
    op.drop_table("data_key_end", schema="rtr")
