"""Keep which keys of the key store the rows of a country rest on, so that an older copy of it is noticed.

Old code: unaffected. Locks: brief. Of keys that rows name already the check value is not known here, since a
migration has no keys: the first process that uses such a key notes it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_12_01_01"
down_revision = "2026_11_30_51"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.data_key'::regclass")
# Provisioning makes the parts of a table after the migrations; these are written to before.
_COUNTRIES = sa.text("""
SELECT upper(right(c.relname, 2)) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'rtr.data_key'::regclass ORDER BY 1
""")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "known_key",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("check_value", sa.Text(), nullable=True),
        sa.Column("known_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("given_up_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "name", name=op.f("pk_known_key")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.data_key") as connection:
            for country in connection.scalars(_COUNTRIES).all():
                connection.exec_driver_sql(
                    f"CREATE TABLE rtr.known_key_{country.lower()} PARTITION OF rtr.known_key "
                    f"FOR VALUES IN ('{country}')"
                )
            connection.exec_driver_sql(
                "INSERT INTO rtr.known_key (country, name, known_at) "
                "SELECT country, kek, min(made_at) FROM rtr.data_key GROUP BY 1, 2"
            )


def downgrade() -> None:
    """Take back; which keys rows rest on is forgotten."""
    # A policy of the release that served names it: it goes with it, and the one that serves then makes its own.
    op.execute("DROP TABLE rtr.known_key CASCADE")
