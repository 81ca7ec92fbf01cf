"""What a database really holds, read from its catalogue: nothing here is listed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    columns: tuple[str, ...]
    table: str
    remote: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation outside PostgreSQL's own schemas.

    Attributes:
        name: with its schema.
        kind: as in `pg_class.relkind`.
        parent: the partitioned table that this is a part of; empty for any other.
        bound: what the part holds, as PostgreSQL says it.
        key: the primary key.
    """

    name: str
    kind: str
    parent: str
    bound: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def table(self) -> str:
        """The table that rights are written for: the parent, also of a part."""
        return self.parent or self.name

    @property
    def country(self) -> str | None:
        """The country that a part holds; None for a parent and for anything that is no list of one country."""
        found = re.fullmatch(r"FOR VALUES IN \('([A-Z]{2})'\)", self.bound)
        return found[1] if found else None

    @property
    def has_country(self) -> bool:
        return any(c.name == "country" for c in self.columns)

    @property
    def one_row(self) -> bool:
        """Whether a country has at most one row in it."""
        return self.key == ("country",)


def relations(connection: psycopg.Connection) -> list[Relation]:
    """Every table, view, sequence and foreign table of the database, by name."""
    columns: dict[int, list[Column]] = {}
    for oid, name, kind in connection.execute(_COLUMNS):
        columns.setdefault(oid, []).append(Column(name, kind))
    keys: dict[int, tuple[str, ...]] = {}
    foreign: dict[int, list[ForeignKey]] = {}
    for oid, kind, own, table, remote in connection.execute(_CONSTRAINTS):
        if kind == "p":
            keys[oid] = tuple(own)
        else:
            foreign.setdefault(oid, []).append(ForeignKey(tuple(own), table, tuple(remote)))
    return [
        Relation(name, kind, parent, bound, tuple(columns.get(oid, ())), keys.get(oid, ()), tuple(foreign.get(oid, ())))
        for oid, name, kind, parent, bound in connection.execute(_RELATIONS)
    ]


_OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'"
_NAME = "quote_ident({n}.nspname) || '.' || quote_ident({c}.relname)"
_RELATIONS = f"""
SELECT c.oid, {_NAME.format(n="n", c="c")}, c.relkind::text,
       coalesce({_NAME.format(n="pn", c="p")}, ''), coalesce(pg_get_expr(c.relpartbound, c.oid), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') ORDER BY 2
"""
_COLUMNS = f"""
SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# A foreign key to a partitioned table has one more row in the catalogue for each part; the first one says it all.
_CONSTRAINTS = f"""
SELECT k.conrelid, k.contype::text,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, i)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i),
       {_NAME.format(n="rn", c="r")},
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, i)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class r ON r.oid = k.confrelid LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE {_OURS} AND k.contype IN ('p', 'f') AND (k.contype = 'p' OR NOT r.relispartition)
"""


def columns_as_text(connection: psycopg.Connection, table: str | None = None) -> Iterator[tuple[str, bytes]]:
    """Every column of every table with rows, as text; what is made of bytes as its hexadecimal."""
    for relation in relations(connection):
        if relation.kind != "r" or table not in {None, relation.table}:
            continue
        names = ", ".join(f'"{c.name}"::text' for c in relation.columns)
        rows = connection.execute(f"SELECT {names} FROM {relation.name}".encode()).fetchall()
        for n, column in enumerate(relation.columns):
            text = "\n".join(row[n] for row in rows if row[n] is not None)
            if text:
                yield f"{relation.name}.{column.name}", text.encode()
