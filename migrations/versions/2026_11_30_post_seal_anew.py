"""Mark what an older release sealed beside nothing, for the worker to seal anew; end what nobody can take over.

Referrals, liftings and acknowledged alarms open only beside what their rows say. Those of before do not, and a
migration has no keys: each is marked with a hash of what decides of it, so that nobody can write another in its place
until the worker has sealed it. Sessions of before open no page, and would ring: they end. Old code: must be gone.
Locks: of `referral`, `lifting`, `alarm` and `page_session`, for as long as their rows are read once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_42"
down_revision = "2026_11_30_41"
branch_labels = None
depends_on = None

_READ = ("rtr.referral", "rtr.lifting", "rtr.alarm", "rtr.page_session")
_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = CAST(:name AS regclass)")
_MARK = """
INSERT INTO rtr.sealed_before (country, place, id, fixed)
SELECT country, '{place}', id, sha256(convert_to(jsonb_build_array({decides})::text, 'UTF8')) FROM rtr.{place} {which}
"""
_DECIDES = (
    ("referral", "signal_id, kind, referred_to, encode(note, 'hex'), data_key", ""),
    (
        "lifting",
        "signal_id, subject_n, protection, because, asked_by, asked_for, second, encode(note, 'hex'), data_key",
        "",
    ),
    (
        "alarm",
        "acknowledged_by, extract(epoch FROM acknowledged_at), encode(reason, 'hex'), data_key",
        "WHERE acknowledged_at IS NOT NULL",
    ),
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "sealed_before",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fixed", sa.LargeBinary(), nullable=False),
        sa.Column("tried_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "place", "id", name=op.f("pk_sealed_before")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    # A table that this very run has made is not under row security yet, and has no rows.
    read = [name for name in _READ if op.get_bind().scalar(_FORCED, {"name": name})]
    if not read:
        return
    with rows_in_reach(*read) as connection:
        countries = connection.scalars(sa.text(_COUNTRIES)).all()
        for country in countries:
            connection.exec_driver_sql(
                f"CREATE TABLE rtr.sealed_before_{country.lower()} PARTITION OF rtr.sealed_before "
                f"FOR VALUES IN ('{country}')"
            )
        for place, decides, which in (one for one in _DECIDES if f"rtr.{one[0]}" in read):
            connection.exec_driver_sql(_MARK.format(place=place, decides=decides, which=which))
        if "rtr.page_session" in read:
            connection.exec_driver_sql("DELETE FROM rtr.page_session")


# Provisioning makes the parts of a table after the migrations; these are written to before.
_COUNTRIES = """
SELECT upper(right(c.relname, 2)) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'rtr.signal'::regclass ORDER BY 1
"""


def downgrade() -> None:
    """Take back."""
    # A policy of the release that served names it: it goes with it, and the one that serves then makes its own.
    op.execute("DROP TABLE rtr.sealed_before CASCADE")
