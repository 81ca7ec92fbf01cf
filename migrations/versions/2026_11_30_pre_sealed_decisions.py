"""Seal the state of a release, who approved it and who attested a figure; keep ended sessions until their time.

Old code: unaffected, but what it writes is taken for written beside the register. Locks: brief.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_50"
down_revision = "2026_11_30_48"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.page_session'::regclass")
_SEALED = ("release", "release_approval", "attested_figure")

_DROP_GUARDS = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT p.polname, p.polrelid::regclass AS relation FROM pg_policy p
        JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'rtr' AND NOT p.polpermissive
    LOOP EXECUTE format('DROP POLICY %I ON %s', one.polname, one.relation); END LOOP;
END $$
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table in _SEALED:
        op.add_column(table, sa.Column("said", sa.LargeBinary, nullable=True), schema="rtr")
        op.add_column(table, sa.Column("data_key", sa.Uuid, nullable=True), schema="rtr")
    op.add_column("page_session", sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True), schema="rtr")


def downgrade() -> None:
    """Take back."""
    # Policies name columns and tables that go; those of the older release are made by its `rtr db migrate`.
    op.execute(_DROP_GUARDS)
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.page_session") as connection:
            # The older release knows a session that ended by its row being gone: it would live again.
            connection.exec_driver_sql("DELETE FROM rtr.page_session WHERE ended_at IS NOT NULL")
    op.drop_column("page_session", "ended_at", schema="rtr")
    for table in _SEALED:
        op.drop_column(table, "data_key", schema="rtr")
        op.drop_column(table, "said", schema="rtr")
