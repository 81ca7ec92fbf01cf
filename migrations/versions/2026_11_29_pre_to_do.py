"""Keep what waits for somebody, and fill in what waits by now. Old code: leaves new things out. Locks: see below.

What waits already is written from the tables that say so: each unconfirmed signal, each unanswered referral, each
record that the engine refused, as of the day on which it began to wait. The tables that are read are locked for
others while they are read (`rows_in_reach`): a second for a country of today's size. New code must follow at once,
since old code opens and closes nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_29_02"
down_revision = "2026_11_29_01"
branch_labels = None
depends_on = None

# How long each may wait is written out: what the register says today may change, a migration may not.
_CONFIRM = """
INSERT INTO rtr.to_do (country, id, kind, object, detail, unit, signal_id, reference, urgency, opened_at, due_at)
SELECT s.country, gen_random_uuid(), 'CONFIRM', s.id, '', NULL, s.id, s.reference, s.urgency, s.updated_at,
    s.updated_at + CASE s.urgency
        WHEN 'NOW' THEN interval '1 hour' WHEN 'DAY' THEN interval '1 day' ELSE interval '7 days' END
FROM rtr.signal s WHERE s.confirmed_at IS NULL AND s.withdrawn_at IS NULL
"""
_REFERRAL = """
INSERT INTO rtr.to_do (country, id, kind, object, detail, unit, signal_id, reference, urgency, opened_at, due_at)
SELECT r.country, gen_random_uuid(), 'REFERRAL', r.id, r.kind, r.referred_to, s.id, s.reference, s.urgency,
    r.referred_at, r.referred_at + CASE
        WHEN r.state = 'ACCEPTED' THEN interval '7 days' WHEN s.urgency = 'NOW' THEN interval '1 hour'
        WHEN s.urgency = 'DAY' THEN interval '1 day' ELSE interval '7 days' END
FROM rtr.referral r JOIN rtr.signal s ON s.country = r.country AND s.id = r.signal_id
WHERE r.state IN ('SENT', 'ACCEPTED')
"""
_DEAD_LETTER = """
INSERT INTO rtr.to_do (country, id, kind, object, detail, urgency, opened_at, due_at)
SELECT i.country, gen_random_uuid(), 'DEAD_LETTER', i.object, 'index-' || i.origin, 'NORMAL', i.at,
    i.at + interval '1 day'
FROM rtr.indexed_record i WHERE i.dead_letter IS NOT NULL
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("outbox", sa.Column("stuck_since", sa.TIMESTAMP(timezone=True)), schema="rtr")
    op.create_table(
        "to_do",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("signal_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_to_do")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    still_open = sa.text("done_at IS NULL")
    op.create_index(
        "ux_to_do_open",
        "to_do",
        ["country", "kind", "object", "detail"],
        unique=True,
        schema="rtr",
        postgresql_where=still_open,
    )
    op.create_index("ix_to_do_signal", "to_do", ["country", "signal_id"], schema="rtr", postgresql_where=still_open)
    op.create_index("ix_to_do_done_at", "to_do", ["country", "done_at"], schema="rtr")
    _fill()


def downgrade() -> None:
    """Take back."""
    op.drop_table("to_do", schema="rtr")
    op.drop_column("outbox", "stuck_since", schema="rtr")


def _fill() -> None:
    # Tables that this very run has made are not under row security yet, and have no rows.
    if not op.get_bind().scalar(_FORCED):
        return
    with rows_in_reach("rtr.signal", "rtr.referral", "rtr.indexed_record") as connection:
        for part in connection.execute(_PARTS).scalars().all():
            # The parts of the new table are made like those of the old ones; their rights follow when all has run.
            country = part.rpartition("_")[2]
            connection.exec_driver_sql(
                f"CREATE TABLE rtr.to_do_{country} PARTITION OF rtr.to_do FOR VALUES IN ('{country.upper()}')"
            )
        for statement in (_CONFIRM, _REFERRAL, _DEAD_LETTER):
            connection.exec_driver_sql(statement)


_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.signal')")
_PARTS = sa.text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'rtr.signal'::regclass"
)
