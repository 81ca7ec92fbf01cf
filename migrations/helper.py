"""The one way for a migration to touch rows that are there, or to check them.

The owner's own statements fall under FORCE ROW LEVEL SECURITY: a backfill would say UPDATE 0, and a foreign key over
an orphan would be marked as validated. Migrations therefore run with `row_security = off`, which makes either an
error; `rows_in_reach` lifts FORCE on purpose, for the tables it names, inside the migration's own transaction. It
knows nothing of countries: whoever uses it sees the rows of all that the database holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op


class NoTransaction(RuntimeError):
    """FORCE may be lifted only inside a transaction: a crash in between must not leave it off."""


@contextmanager
def rows_in_reach(*tables: str) -> Iterator[sa.Connection]:
    """Let the statements inside reach the rows of every country; FORCE stands again when the block ends.

    An error in the block leaves the restoring to the rollback of the transaction, which is the only way out of it.
    Locks: ACCESS EXCLUSIVE on the named tables and all their parts, until the migration commits.

    Args:
        tables: with their schema, parents only, for instance `rtr.signal`. For a foreign key: both of its tables.

    Yields:
        The migration's connection.

    Raises:
        NoTransaction: the migration runs outside one.
        LookupError: there is no such table, or row security is not forced on it.
    """
    connection = op.get_bind()
    if not connection.in_transaction():
        raise NoTransaction("row security can be lifted inside a transaction only")
    relations = [relation for table in tables for relation in _with_parts(connection, table)]
    for relation in relations:
        connection.exec_driver_sql(f"ALTER TABLE {relation} NO FORCE ROW LEVEL SECURITY")
    yield connection
    for relation in relations:
        connection.exec_driver_sql(f"ALTER TABLE {relation} FORCE ROW LEVEL SECURITY")


def _with_parts(connection: sa.Connection, table: str) -> list[str]:
    found = connection.execute(_TREE, {"table": table}).all()
    if not found or not all(forced for _, forced in found):
        raise LookupError(f"{table} is not there, or row security is not forced on all of it")
    return [name for name, _ in found]


_TREE = sa.text("""
SELECT c.oid::regclass::text, c.relforcerowsecurity
FROM pg_partition_tree(to_regclass(:table)) t JOIN pg_class c ON c.oid = t.relid ORDER BY t.level, 1
""")
