"""Keep what protects a person and what such a person owns, and which key a pseudonym stands for (domain.md 7).

Old code: unaffected, and protects as it did. Locks: brief, but for signals and the outbox while each
signal is queued (`rows_in_reach`); the tables are new, the column is empty.
Every signal is looked at again by the worker: what leaves is decided anew by all that is known.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_29_01"
down_revision = "2026_11_22_06"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.signal')")
_AGAIN = """
INSERT INTO rtr.outbox (country, consumer, object, generation, fence, attempts, not_before)
SELECT country, 'pseudonymise', id, 1, 0, 0, now() FROM rtr.signal WHERE withdrawn_at IS NULL
ON CONFLICT (country, consumer, object)
DO UPDATE SET generation = outbox.generation + 1, not_before = excluded.not_before, attempts = 0
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "protection",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_protection_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "signal_id", "subject_n", "reason", name=op.f("pk_protection")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "protected_input",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("one_person", sa.Boolean(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_protected_input_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "blind", "signal_id", "subject_n", name=op.f("pk_protected_input")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "ix_protected_input_signal", "protected_input", ["country", "signal_id"], unique=False, schema="rtr"
    )
    op.add_column("token", sa.Column("blind", sa.LargeBinary(), nullable=True), schema="rtr")
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.signal", "rtr.outbox") as connection:
            connection.exec_driver_sql(_AGAIN)


def downgrade() -> None:
    """Take back."""
    op.drop_column("token", "blind", schema="rtr")
    op.drop_index("ix_protected_input_signal", table_name="protected_input", schema="rtr")
    op.drop_table("protected_input", schema="rtr")
    op.drop_table("protection", schema="rtr")
