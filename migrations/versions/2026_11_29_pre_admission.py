"""Keep units, numbered lists and trainings of those let in. Old code: unaffected. Locks: see below.

A country that has organisations already gets the units that their profiles name, each at the organisation of the
lowest code that names it, and the list number 1: partners refuse extracts whose unit is in no list. A training that
was recorded by its day alone is called `not named` and has no end. `authorisation` and `organisation` are locked
while they are read and written (`rows_in_reach`): a moment, since they hold people and not reports.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.helper import rows_in_reach

revision = "2026_11_29_06"
down_revision = "2026_11_29_05"
branch_labels = None
depends_on = None

_NEW = ("contact_unit", "organisation_list")
_UNITS = """
INSERT INTO rtr.contact_unit (country, name, organisation, begins, ends, addresses)
SELECT DISTINCT ON (o.country, o.profile->>'contact_unit') o.country, o.profile->>'contact_unit', o.code,
    o.valid_from, NULL, '[]'::jsonb
FROM rtr.organisation o ORDER BY o.country, o.profile->>'contact_unit', o.code
"""
_NUMBERS = """
INSERT INTO rtr.organisation_list (country, number, changed_at) SELECT DISTINCT country, 1, now() FROM rtr.organisation
"""
_TRAININGS = "UPDATE rtr.authorisation SET training = 'not named' WHERE trained_on IS NOT NULL"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("authorisation", sa.Column("training", sa.Text()), schema="rtr")
    op.add_column("authorisation", sa.Column("trained_until", sa.Date()), schema="rtr")
    op.create_table(
        "contact_unit",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("addresses", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "organisation"],
            ["rtr.organisation.country", "rtr.organisation.code"],
            name=op.f("fk_contact_unit_country_organisation"),
        ),
        sa.PrimaryKeyConstraint("country", "name", name=op.f("pk_contact_unit")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "organisation_list",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_organisation_list")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    _fill()


def downgrade() -> None:
    """Take back."""
    for table in reversed(_NEW):
        op.drop_table(table, schema="rtr")
    op.drop_column("authorisation", "trained_until", schema="rtr")
    op.drop_column("authorisation", "training", schema="rtr")


def _fill() -> None:
    # Tables that this very run has made are not under row security yet, and have no rows.
    if not op.get_bind().scalar(_FORCED):
        return
    with rows_in_reach("rtr.organisation", "rtr.authorisation") as connection:
        for part in connection.execute(_PARTS).scalars().all():
            # The parts of the new tables are made like those of the old ones; their rights follow when all has run.
            country = part.rpartition("_")[2]
            for table in _NEW:
                connection.exec_driver_sql(
                    f"CREATE TABLE rtr.{table}_{country} PARTITION OF rtr.{table} FOR VALUES IN ('{country.upper()}')"
                )
        for statement in (_UNITS, _NUMBERS, _TRAININGS):
            connection.exec_driver_sql(statement)


_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.organisation')")
_PARTS = sa.text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'rtr.organisation'::regclass"
)
