"""Many rows in one statement: columns travel as arrays, and the server makes rows of them.

An ordinary many-row insert costs a round of parsing and planning each row; this one costs one. Values are bound, in
PostgreSQL's binary form (half the time of the textual one for sealed bytes), and never written into the statement.
What is the same in all rows travels once: packing an array costs a microsecond an element.
Lists of codes travel as one text each, joined by a character that no code has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

_JOINT: Final = "\x1f"
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]  # as the library has it


def insert_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, on_conflict: str = ""
) -> None:
    """Insert rows, each with the same columns; `on_conflict` is the statement's clause for rows that are there."""
    if not rows:
        return
    columns = [table.c[name] for name in rows[0]]
    values = _values(columns, rows)
    same = {name for name, taken in values.items() if taken[0] == taken[-1] and taken.count(taken[0]) == len(rows)}
    values = {name: taken[0] if name in same else taken for name, taken in values.items()}
    differing = [c for c in columns if c.name not in same]
    chosen = ", ".join(_unpacked(c, _scalar(c) if c.name in same else f"v.{c.name}") for c in columns)
    if differing:
        source = f"FROM unnest({_arrays(differing)}) AS v({', '.join(c.name for c in differing)})"
    else:
        source = f"FROM generate_series(1, {len(rows)})"
    names = ", ".join(c.name for c in columns)
    statement = f"INSERT INTO {table.schema}.{table.name} ({names}) SELECT {chosen} {source} {on_conflict}"
    connection.exec_driver_sql(statement, values)


def update_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str], also: str = ""
) -> int:
    """Set the other columns of the rows that `key` names (with `country` among the values); return how many there were.

    `also` is one more condition on the table `t` and the values `v`.
    """
    if not rows:
        return 0
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(c.name for c in columns)
    changes = ", ".join(f"{c.name} = {_unpacked(c, f'v.{c.name}')}" for c in columns if c.name not in (*key, "country"))
    same = " AND ".join(f"t.{name} = v.{name}" for name in key)
    # The country stands as a constant too, so that the planner looks at one partition only.
    statement = (
        f"UPDATE {table.schema}.{table.name} AS t SET {changes} FROM unnest({_arrays(columns)}) AS v({names}) "
        f"WHERE t.country = %(its_country)s AND {same} {also}"
    )
    values = {**_values(columns, rows), "its_country": str(rows[0]["country"])}
    return int(connection.exec_driver_sql(statement, values).rowcount)


def _arrays(columns: Sequence[sa.Column[Any]]) -> str:
    return ", ".join(f"CAST(%({c.name})b AS {_element(c)}[])" for c in columns)


def _scalar(column: sa.Column[Any]) -> str:
    return f"CAST(%({column.name})b AS {_element(column)})"


@cache
def _element(column: sa.Column[Any]) -> str:
    if isinstance(column.type, ARRAY):
        return "text"
    name: str = column.type.compile(_DIALECT)
    return "text" if name.startswith("CHAR") else name


def _unpacked(column: sa.Column[Any], value: str) -> str:
    return f"string_to_array({value}, '{_JOINT}')" if isinstance(column.type, ARRAY) else value


def _values(columns: Sequence[sa.Column[Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for column in columns:
        taken = [row[column.name] for row in rows]
        if isinstance(column.type, ARRAY):
            taken = [None if v is None else _JOINT.join(v) for v in taken]
        elif _element(column) == "text":
            # A code that is an enumeration's member is sent as its value, whatever the driver makes of enumerations.
            taken = [None if v is None else str(v) for v in taken]
        values[column.name] = taken
    return values
