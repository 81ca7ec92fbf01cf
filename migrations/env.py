"""Alembic's entry: migrations run as the owner of the tables, with row security off.

Under FORCE ROW LEVEL SECURITY a data statement of the owner would silently touch no row at all; with
`row_security = off` the same statement is an error, and `migrations.helper` is the way to do it on purpose.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from migrations.scope import OPTIONS


def run(connection: Connection) -> None:
    """Run the migrations on an open connection; the caller owns its transaction."""
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
