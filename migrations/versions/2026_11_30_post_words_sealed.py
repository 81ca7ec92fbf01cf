"""Seal the name of an operation and of the service that was given a guarantee. Locks: of `signal` and `guarantee`, brief.

A migration has no keys, so it can seal nothing that stands there in plain, and takes nothing away either: with a row
that holds such a word it is refused, and says how many. Old code: must be gone, since it writes them in plain.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_19"
down_revision = "2026_11_30_15"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.guarantee'::regclass")
_PLAIN = """
SELECT (SELECT count(*) FROM rtr.signal WHERE coded ->> 'operation' IS NOT NULL), (SELECT count(*) FROM rtr.guarantee)
"""
_SEALED = """
SELECT (SELECT count(*) FROM rtr.signal WHERE operation IS NOT NULL), (SELECT count(*) FROM rtr.guarantee)
"""


class WordsInTheWay(RuntimeError):
    """Rows hold words that would have to be sealed or opened, which no migration can."""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.signal", "rtr.guarantee") as connection:
            _refuse_words(connection, _PLAIN)
            connection.exec_driver_sql("UPDATE rtr.signal SET coded = coded - 'operation'")
    op.add_column("signal", sa.Column("operation", sa.LargeBinary(), nullable=True), schema="rtr")
    op.drop_column("guarantee", "service", schema="rtr")
    op.add_column("guarantee", sa.Column("service", sa.LargeBinary(), nullable=True), schema="rtr")


def downgrade() -> None:
    """Take back."""
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.signal", "rtr.guarantee") as connection:
            _refuse_words(connection, _SEALED)
    op.drop_column("guarantee", "service", schema="rtr")
    op.add_column("guarantee", sa.Column("service", sa.Text(), nullable=False), schema="rtr")
    op.drop_column("signal", "operation", schema="rtr")


def _refuse_words(connection: sa.Connection, query: str) -> None:
    operations, guarantees = connection.exec_driver_sql(query).one()
    if operations or guarantees:
        raise WordsInTheWay(
            f"{operations} reports name an operation and {guarantees} guarantees name a service: a migration has no "
            "keys for them. Take the words away with the version that wrote them, or begin with a fresh database; "
            "nothing was changed"
        )
