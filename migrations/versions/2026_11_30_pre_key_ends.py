"""Queue the data keys that end, for the worker to destroy; say of a session which browser it is in and when its person signed in.

Old code: its erasing and its sign-ins are refused. Locks: brief. Sessions that there are end, since nobody knows in
which browsers they are, or how old the sign-in is: whoever is signed in signs in again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_12"
down_revision = "2026_11_30_09"
branch_labels = None
depends_on = None

_WORDS = ("browser", "system", "acr")
_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass(:table)")


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
    _end_sessions()
    op.add_column("page_session", sa.Column("id", sa.Uuid(), nullable=False), schema="rtr")
    for name in _WORDS:
        op.add_column("page_session", sa.Column(name, sa.Text(), nullable=False), schema="rtr")
    at = sa.Column("authenticated_at", sa.TIMESTAMP(timezone=True), nullable=True)
    op.add_column("page_session", at, schema="rtr")
    op.create_index("ix_page_session_actor", "page_session", ["country", "actor"], unique=False, schema="rtr")


def downgrade() -> None:
    """Take back; keys that wait to be destroyed are destroyed here, or they would open again."""
    op.drop_index("ix_page_session_actor", "page_session", schema="rtr")
    for name in ("id", *_WORDS, "authenticated_at"):
        op.drop_column("page_session", name, schema="rtr")
    if _is_forced("rtr.data_key_end"):
        with rows_in_reach("rtr.data_key", "rtr.data_key_end") as connection:
            connection.exec_driver_sql(
                "DELETE FROM rtr.data_key k USING rtr.data_key_end e WHERE k.country = e.country AND k.id = e.id"
            )
    op.drop_table("data_key_end", schema="rtr")


def _is_forced(table: str) -> bool:
    """Whether a table is under row security yet; one that this very run has made is not, and has no rows."""
    return bool(op.get_bind().scalar(_FORCED, {"table": table}))


def _end_sessions() -> None:
    if _is_forced("rtr.page_session"):
        with rows_in_reach("rtr.page_session") as connection:
            connection.exec_driver_sql("DELETE FROM rtr.page_session")
