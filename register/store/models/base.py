"""How a table of the register is made: country first, partitioned by it, with the rights each role gets.

A tenant table has `country` first in its primary key and in every unique and foreign key, and is partitioned by
LIST (country) (security.md 1). Rights are written beside the columns, so that the DDL for the hosted countries
(`register.store.running.server.rls`) is generated and never kept by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

SCHEMA = "rtr"
EVALUATOR_SCHEMA = "evaluator"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Tables without a country: what all five share and sign. A test holds this list to the catalogue.
SHARED_TABLES = frozenset({"roster"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What one kind of role may do with a table; updates are granted by column, deletes on the own child only.

    Table-level UPDATE on the parent would let a role lock it in ACCESS EXCLUSIVE MODE and freeze all five.

    Attributes:
        after_update: SQL that must hold of each row (`{row}`) that an UPDATE leaves: a policy beside the country's, so
            that a log-in that is stolen cannot say what the program never does. In it the table itself has the row as
            it was.
        after_insert: the same of each row that an INSERT brings, or what it refuses to update could be deleted and
            brought anew.
        before_delete: the same of each row that a DELETE takes; another stays where it is, without an error.
    """

    select: bool = True
    insert: bool = True
    update: tuple[str, ...] = ()
    delete: bool = False
    after_update: str | None = None
    after_insert: str | None = None
    before_delete: str | None = None


RIGHTS: dict[str, dict[str, Rights]] = {}
"""By the table's full name and the role's function; filled by `tenant_table`."""

READ = Rights(insert=False)
APPEND = Rights()
FORGET = Rights(insert=False, delete=True)


def tenant_table(
    name: str,
    *columns: sa.schema.SchemaItem,
    key: tuple[str, ...],
    rights: Mapping[str, Rights],
    schema: str = SCHEMA,
) -> sa.Table:
    """A table partitioned by country, with its primary key and the rights of each function's role."""
    table = sa.Table(
        name,
        metadata,
        sa.Column("country", sa.CHAR(2), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("country", *key),
        schema=schema,
        postgresql_partition_by="LIST (country)",
    )
    RIGHTS[table.key] = dict(rights)
    return table


def belongs_to(table: str, *columns: str, to: tuple[str, ...] | None = None) -> sa.ForeignKeyConstraint:
    """A foreign key that stays inside one country, because the country is part of it."""
    remote = ("country", *(to or columns))
    return sa.ForeignKeyConstraint(("country", *columns), [f"{SCHEMA}.{table}.{c}" for c in remote])


def moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A time, aware and in UTC."""
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A code or a reference; free text about a person is sealed and therefore bytes."""
    return sa.Column(name, sa.Text, nullable=nullable)


def sealed(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """A sealed field; null once it has been erased or where nothing was given."""
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def only_grows(table: str, key: tuple[str, ...], *columns: str) -> str:
    """SQL of a row (`{row}`) whose columns have not become less, or nothing, than in the row of this key that is there.

    For `Rights.after_update`: what alarms and budgets count never becomes less. Who comes at the same moment is not
    seen, and has only made it more.
    """
    same = " AND ".join(f"t.{name} = {{row}}.{name}" for name in ("country", *key))
    less = " OR ".join(
        f"{{row}}.{name} < t.{name} OR {{row}}.{name} IS NULL AND t.{name} IS NOT NULL" for name in columns
    )
    return f"NOT EXISTS (SELECT FROM {SCHEMA}.{table} t WHERE {same} AND ({less}))"
