"""Keep what the register found in two records, and look at each signal again. Old code: asks nothing, as before.

Locks: brief, but for signals and the outbox while each signal is queued (`rows_in_reach`); the table is new.
Every signal is looked at again by the worker: a person who is protected in another record is now protected as a
whole, also where the name is shorter or longer, and each such record asks.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_29_05"
down_revision = "2026_11_29_04"
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
        "finding",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("because_id", sa.Uuid(), nullable=False),
        sa.Column("because_n", sa.SmallInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                ["country", column],
                ["rtr.signal.country", "rtr.signal.id"],
                name=op.f(f"fk_finding_country_{column}"),
            )
            for column in ("signal_id", "because_id")
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_finding")),
        sa.UniqueConstraint(
            "country", "signal_id", "subject_n", "because_id", "because_n", "asked", "blind", name="uq_finding_question"
        ),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_finding_because", "finding", ["country", "because_id"], unique=False, schema="rtr")
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.signal", "rtr.outbox") as connection:
            connection.exec_driver_sql(_AGAIN)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_finding_because", table_name="finding", schema="rtr")
    op.drop_table("finding", schema="rtr")
